"""What a person can look at and choose in a conversation, said once, without a widget.

It joins what is looked at (``open_conversation``), what works (``asking``), what is about to be asked
(``desk``) and what can be done with questions (``questions``).
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from cort_desktop.domain.ids import ConversationId, NodeName, RunId
from cort_desktop.domain.library import TurnView
from cort_desktop.errors import CortError
from cort_desktop.gui.chat.asking import Asking, Begun
from cort_desktop.gui.chat.desk import Desk
from cort_desktop.gui.chat.drafts import Key
from cort_desktop.gui.chat.open_conversation import OpenConversation
from cort_desktop.gui.chat.questions import Questions
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.gui.ui import Ui


class ChatController(QObject):
    """``found`` has the feed and node that were asked for with a conversation."""

    found = Signal(object, object)

    def __init__(self, ui: Ui, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self.conversation = OpenConversation(ui, self)
        self.asking = Asking(ui, self)
        self.desk = Desk(ui, self)
        self.questions = Questions(ui, self.conversation, self.asking, self.desk, self)
        self.asking.begun.connect(self._begun)
        self.asking.ended.connect(self._ended)
        self.conversation.shown.connect(lambda _view: self._shown())

    def open(
        self, conversation: ConversationId, run: RunId | None = None, node: NodeName | None = None
    ) -> None:
        """Look at a conversation, and at a run and a node of it when they are named."""
        self._start(self._open(conversation, run, node), "open conversation")

    def new(self, *, temporary: bool = False) -> None:
        """Look at a conversation without a question."""
        self.conversation.new(temporary=temporary)

    def reload(self) -> None:
        """Read what is looked at anew."""
        self._start(self.conversation.refresh(), "refresh conversation")

    def choose_sibling(self, turn: TurnView, place: int) -> None:
        """Look at the ``place``th version of a question."""
        if 0 <= place < len(turn.siblings):
            self._start(self.conversation.choose_turn(turn.siblings[place]), "choose question")

    def choose_run(self, turn: TurnView, place: int) -> None:
        """Make the ``place``th answer of a question the one that counts."""
        if 0 <= place < len(turn.runs):
            self._start(self.conversation.choose_run(turn.turn.id, turn.runs[place].id), "choose answer")

    def pin_turn(self, turn: TurnView) -> None:
        """Have later questions always told of a turn, or no longer."""
        self._start(self.conversation.pin_turn(turn), "pin turn")

    def set_system(self, text: str | None, of: Key = None) -> None:
        """The system text from the next question on: of that conversation, else of the one looked at."""
        here = self.conversation.key
        if of in (None, here):
            self.conversation.system = text
        self._start(self.conversation.keep_system(text, of or here), "system prompt")

    async def _open(self, conversation: ConversationId, run: RunId | None, node: NodeName | None) -> None:
        if not await self.conversation.open(conversation) or run is None:
            return
        feed = await self._ui.feeds.read(run)
        turn = feed.state.started.turn if feed.state.started is not None else None
        if turn is not None and self.conversation.turn(turn) is None:
            await self.conversation.look_through(turn)
        if self.conversation.key == conversation:
            self.found.emit(feed, node)

    def _begun(self, begun: Begun) -> None:
        self.desk.sent(begun.ask, begun.key)
        started = begun.feed.state.started
        if begun.key is None and started is not None:
            self.desk.moved(started.conversation, temporary=not begun.ask.store)
        self._start(self.conversation.begun(begun), "show question")

    def _ended(self, feed: RunFeed) -> None:
        self.conversation.took(feed)
        started = feed.state.started
        if started is not None and started.conversation == self.conversation.key:
            self.reload()

    def _shown(self) -> None:
        self.desk.turn_to(self.conversation.key, temporary=self.conversation.is_temporary)
        self.questions.state_changed.emit()

    def _start(self, work: object, name: str) -> None:
        self._ui.tasks.start(work, name=name, failed=self._failed)  # type: ignore[arg-type]

    def _failed(self, error: CortError) -> None:
        self._ui.notices.error(error)
