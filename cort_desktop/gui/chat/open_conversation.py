"""Which conversation is looked at: read from the library, or in memory only; and the version of it that is
seen.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from cort_desktop.domain.ids import ConversationId, RunId, TurnId
from cort_desktop.domain.library import ConversationView, TurnView
from cort_desktop.errors import UsageError
from cort_desktop.gui.chat.asking import Begun
from cort_desktop.gui.chat.drafts import Key
from cort_desktop.gui.chat.unstored import UnstoredConversation
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.gui.ui import Ui


class OpenConversation(QObject):
    """``shown`` has the view after every change of it; None is a conversation without a question.
    ``left_temporary`` has the id of one that is kept in memory only and is no longer looked at;
    ``left_recording`` follows when a recorded run is not.
    """

    shown = Signal(object)
    left_temporary = Signal(object)
    left_recording = Signal()

    def __init__(self, ui: Ui, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self.view: ConversationView | None = None
        self.is_temporary = False
        self.is_recording = False
        self.system: str | None = None
        self._through: TurnId | None = None
        self._unstored: dict[ConversationId, UnstoredConversation] = {}
        self._asked_for = 0

    @property
    def key(self) -> Key:
        """The conversation's id; None while it has no question. A recording is nobody's conversation: what
        is asked from it begins one.
        """
        return None if self.view is None or self.is_recording else self.view.conversation.id

    def turn(self, turn: TurnId | None) -> TurnView | None:
        """A turn of the path that is shown."""
        turns = self.view.turns if self.view is not None else ()
        return next((each for each in turns if each.turn.id == turn), None)

    @property
    def is_aside(self) -> bool:
        """Whether another path than the active one is looked at."""
        return self._through is not None

    @property
    def last(self) -> TurnView | None:
        """The last turn that is shown."""
        return self.view.turns[-1] if self.view is not None and self.view.turns else None

    def new(self, *, temporary: bool = False) -> None:
        """Look at a conversation without a question."""
        self._asked_for += 1
        self._leave()
        self.is_temporary = temporary
        self.system = None
        self._show(None)

    def show_recording(self, view: ConversationView) -> None:
        """Look at a recorded run, which is in no library."""
        self._asked_for += 1
        self._leave()
        self.is_temporary = False
        self.is_recording = True
        self.system = None
        self._show(view)

    async def open(self, conversation: ConversationId) -> bool:
        """Look at a conversation; False when another one was asked for meanwhile. Raises CortError."""
        self._asked_for += 1
        mine = self._asked_for
        view = await self._read(conversation)
        if mine != self._asked_for:
            return False
        self._through = None
        if conversation != self.key:
            self._leave()
        self.is_temporary = conversation in self._unstored
        self.system = view.conversation.system
        self._show(view)
        return True

    async def refresh(self) -> None:
        """Read it anew: something of it has changed. Raises CortError."""
        if self.key is None:
            return
        mine = self._asked_for
        view = await self._read(self.key, self._through)
        if mine == self._asked_for and view.conversation.id == self.key:
            self._show(view)

    async def begun(self, begun: Begun) -> None:
        """A question was taken; when it was asked from here, it is looked at. Raises CortError."""
        started = begun.feed.state.started
        if started is None:
            return
        if not begun.ask.store:
            self._remember(begun, started.conversation, started.question)
        if begun.key == self.key:
            self._asked_for += 1
            await self.open(started.conversation)

    def took(self, feed: RunFeed) -> None:
        """A run came to rest; one that is not stored is remembered by its feed."""
        started = feed.state.started
        if started is not None and started.conversation in self._unstored:
            self._unstored[started.conversation].take(feed)

    async def look_through(self, turn: TurnId) -> None:
        """Look at the path through a question; the active one stays what it is. Raises CortError."""
        mine, key = self._asked_for, self.key
        if key is None:
            return
        view = await self._read(key, turn)
        if mine == self._asked_for and key == self.key:
            self._through = turn
            self._show(view)

    async def choose_turn(self, turn: TurnId) -> None:
        """Make another version of a question part of the active path. Raises CortError."""
        if self.key in self._unstored:
            self._unstored[self.key].choose_turn(turn)
            self._show(self._unstored[self.key].view())
        else:
            view = await self._ui.app.library.choose_turn(turn)
            if view.conversation.id == self.key:
                self._through = None
                self._show(view)

    async def choose_run(self, turn: TurnId, run: RunId) -> None:
        """Make another answer the one that counts. Raises CortError."""
        if self.key in self._unstored:
            self._unstored[self.key].choose_run(turn, run)
            self._show(self._unstored[self.key].view())
        else:
            await self._ui.app.library.choose_run(turn, run)
            await self.refresh()

    async def pin_turn(self, turn: TurnView) -> None:
        """Pin a turn, or take its pin away. Raises CortError, for one that is not stored too."""
        if self.key is None or self.key in self._unstored:
            raise UsageError(
                self.tr("Only turns of a stored conversation can be pinned; this one is temporary.")
            )
        await self._ui.app.library.pin_turn(turn.turn.id, pinned=not turn.turn.pinned)
        await self.refresh()

    async def keep_system(self, text: str | None, of: Key) -> None:
        """Have the library remember the system text of a conversation. Raises CortError."""
        if of is None:
            return
        if of in self._unstored:
            self._unstored[of].system = text
        else:
            await self._ui.app.library.set_system(of, text)
            await self.refresh()

    def _leave(self) -> None:
        self._through = None
        if self.is_recording:
            self.is_recording = False
            self.view = None
            self.left_recording.emit()
        elif self.key in self._unstored:
            self.left_temporary.emit(self.key)

    def _show(self, view: ConversationView | None) -> None:
        self.view = view
        self.shown.emit(view)

    async def _read(self, conversation: ConversationId, through: TurnId | None = None) -> ConversationView:
        if conversation in self._unstored:
            return self._unstored[conversation].view()
        return await self._ui.app.library.show(conversation, through=through)

    def _remember(self, begun: Begun, conversation: ConversationId, question: str) -> None:
        kept = self._unstored.get(conversation)
        if kept is None:
            kept = UnstoredConversation(conversation, " ".join(question.split()), self._ui.clock)
            kept.system = begun.ask.system
            self._unstored[conversation] = kept
        kept.begin(begun.feed, instead_of=begun.ask.instead_of)
