"""The conversation's verbs: what a person can do to it, said once, without a widget.

Where things are kept: what is looked at in ``open_conversation``, what works in ``asking``, what is about to
be asked in ``desk``. This joins the three.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from cort_desktop.domain.ids import ConversationId, NodeName, RunId
from cort_desktop.domain.library import TurnView
from cort_desktop.errors import CortError, SettingsError, UsageError
from cort_desktop.gui.chat.asking import Asking, Begun, Refused
from cort_desktop.gui.chat.desk import Desk
from cort_desktop.gui.chat.open_conversation import OpenConversation
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.gui.ui import Ui
from cort_desktop.services.planning import Ask


class ChatController(QObject):
    """``found`` has the feed and node that were asked for with a conversation;
    ``refused`` why a question was not taken, and whether settings help; ``state_changed``: Send or Stop.
    """

    found = Signal(object, object)
    refused = Signal(str, bool)
    state_changed = Signal()

    def __init__(self, ui: Ui, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self.conversation = OpenConversation(ui, self)
        self.asking = Asking(ui, self)
        self.desk = Desk(ui, self)
        self.asking.begun.connect(self._begun)
        self.asking.refused.connect(self._refused)
        self.asking.ended.connect(self._ended)
        self.asking.starting_changed.connect(self.state_changed)
        self.asking.working_changed.connect(lambda _words: self.state_changed.emit())
        self.conversation.shown.connect(lambda _view: self._shown())

    @property
    def working(self) -> RunFeed | None:
        """The run of this conversation that works now."""
        key = self.conversation.key
        return None if key is None else self.asking.working_in(key)

    @property
    def is_starting(self) -> bool:
        """Whether a question is on its way."""
        return self.asking.is_starting(self.conversation.key)

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

    def placed(self, ask: Ask) -> Ask:
        """A question in its place: the end of this conversation, or beside the turn that is edited."""
        at = self.conversation
        is_known = at.key is not None and not at.is_temporary  # then the library has the system text
        return replace(
            ask,
            conversation=at.key,
            instead_of=None if ask.again is not None else self.desk.draft.edits,
            system=None if is_known else at.system,
            store=not at.is_temporary,
        )

    def ask(self, *, with_thinking: bool = False) -> None:
        """Ask what is on the desk."""
        self._ask(self.desk.asked(with_thinking=with_thinking))

    def again(self, turn: TurnView) -> None:
        """Answer a question once more, beside its other answers."""
        self._ask(replace(self.desk.asked(), question=turn.turn.question, attached=(), again=turn.turn.id))

    def edit(self, turn: TurnView) -> None:
        """Write a question anew, beside the old one."""
        self._start(self.desk.edit(turn), "edit question")

    def stop(self) -> None:
        """Stop the run of this conversation."""
        if (feed := self.working) is not None:
            self.asking.stop(feed.run)

    def enough(self) -> None:
        """End the run of this conversation with the best so far."""
        if (feed := self.working) is not None and feed.state.answer_node is not None:
            self.asking.enough(feed.run)

    def resume(self, run: RunId) -> None:
        """Go on with a run, also of a conversation that is not looked at."""
        self._start(self._resume(run), "resume")

    def choose_sibling(self, turn: TurnView, place: int) -> None:
        """Look at the ``place``th version of a question."""
        if 0 <= place < len(turn.siblings):
            self._start(self.conversation.choose_turn(turn.siblings[place]), "choose question")

    def choose_run(self, turn: TurnView, place: int) -> None:
        """Make the ``place``th answer of a question the one that counts."""
        if 0 <= place < len(turn.runs):
            self._start(self.conversation.choose_run(turn.turn.id, turn.runs[place].id), "choose answer")

    def set_system(self, text: str | None) -> None:
        """The system text from the next question on."""
        self._start(self.conversation.set_system(text), "system prompt")

    def _ask(self, ask: Ask) -> None:
        if self.working is None and not self.is_starting:
            self.asking.ask(self.placed(ask), self.conversation.key)

    async def _open(self, conversation: ConversationId, run: RunId | None, node: NodeName | None) -> None:
        if not await self.conversation.open(conversation) or run is None:
            return
        feed = await self._ui.feeds.read(run)
        turn = feed.state.started.turn if feed.state.started is not None else None
        if turn is not None and self.conversation.turn(turn) is None:
            await self.conversation.choose_turn(turn)
        if self.conversation.key == conversation:
            self.found.emit(feed, node)

    async def _resume(self, run: RunId) -> None:
        self.asking.resume(await self._ui.feeds.read(run))

    def _begun(self, begun: Begun) -> None:
        self.desk.sent(begun.ask, begun.key)
        started = begun.feed.state.started
        if begun.key is None and started is not None:
            self.desk.moved(started.conversation)
        self._start(self.conversation.begun(begun), "show question")

    def _refused(self, refused: Refused) -> None:
        is_here = refused.key == self.conversation.key
        if not is_here:
            self._ui.notices.error(refused.error)
            return
        needs_settings = isinstance(refused.error, SettingsError) and not isinstance(
            refused.error, UsageError
        )
        self.refused.emit(str(refused.error), needs_settings)

    def _ended(self, feed: RunFeed) -> None:
        self.conversation.took(feed)
        started = feed.state.started
        if started is not None and started.conversation == self.conversation.key:
            self.reload()

    def _shown(self) -> None:
        self.desk.turn_to(self.conversation.key)
        self.state_changed.emit()

    def _start(self, work: object, name: str) -> None:
        self._ui.tasks.start(work, name=name, failed=self._failed)  # type: ignore[arg-type]

    def _failed(self, error: CortError) -> None:
        self._ui.notices.error(error)
