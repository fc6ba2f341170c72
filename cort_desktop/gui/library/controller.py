"""What the pane knows: which conversations there are, which is open, where runs are. It has no widgets.

It reads the library again whenever it may have changed; what can be done to a conversation is ``verbs.py``,
finding words is ``searching.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from PySide6.QtCore import QLocale, QObject, Signal

from cort_desktop.domain.ids import ConversationId
from cort_desktop.domain.library import Conversation
from cort_desktop.errors import CortError, UsageError
from cort_desktop.gui.library.rows import Row, Shelf, Work, local, rows_of
from cort_desktop.gui.ui import Ui

PAGE = 200
"""Conversations read at once."""
FIRST_PAGE = 60
"""Those that a window is painted with: more than a high screen shows."""


class LibraryController(QObject):
    """``changed`` follows a new list, ``work_changed`` has the conversations whose runs or whose place in the
    window changed; ``failed`` the CortError of reading, kept as ``failure`` until it can be read again.
    """

    changed = Signal()
    work_changed = Signal(object)
    failed = Signal(object)

    def __init__(self, ui: Ui, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self.shelf: Shelf = "all"
        self.conversations: tuple[Conversation, ...] = ()
        self.has_more = self.is_read = False
        self.failure: CortError | None = None
        self.work = Work()
        self._elsewhere: Conversation | None = None
        self._wanted = PAGE
        self._is_reading = False
        self._must_read = False

    @property
    def current(self) -> ConversationId | None:
        """The conversation that the window shows."""
        return self.work.current

    @property
    def open_conversation(self) -> Conversation | None:
        """The same as the library knows it; None before that, and for one that is not stored."""
        if self._elsewhere is not None and self._elsewhere.id == self.current:
            return self._elsewhere
        return self.known(self.current)

    @property
    def today(self) -> date:
        """The day it is here."""
        return local(self._ui.clock.now()).date()

    def rows(self) -> list[Row]:
        """What the list shows now."""
        return rows_of(self.conversations, self.shelf, self.work, self.today, QLocale())

    def known(self, conversation: ConversationId | None) -> Conversation | None:
        """A conversation of the list as it was read last."""
        return next((each for each in self.conversations if each.id == conversation), None)

    def refresh(self) -> None:
        """Read the list again; however often it is asked for meanwhile, once more is enough."""
        self._must_read = True
        if not self._is_reading:
            self._is_reading = True
            self._ui.tasks.start(self._read_while_asked(), name="library: list", failed=self._fail)

    def show_first(self, found: list[Conversation]) -> None:
        """Show the ``FIRST_PAGE`` of those that are open, read by somebody else before there was a loop."""
        self.conversations = tuple(found)
        self.has_more = len(found) == FIRST_PAGE
        self.is_read = True
        self.changed.emit()

    def more(self) -> None:
        """Read further down."""
        self._wanted = len(self.conversations) + PAGE
        self.refresh()

    def show_shelf(self, shelf: Shelf) -> None:
        """List other conversations."""
        if shelf != self.shelf:
            self.shelf = shelf
            self.conversations = ()
            self.has_more = self.is_read = False
            self.failure = None
            self._wanted = PAGE
            self.changed.emit()
            self.refresh()

    def set_current(self, conversation: ConversationId | None) -> None:
        """Say which conversation the window shows."""
        self._set(self.work.looked_at(conversation))

    def set_working(self, working: Mapping[ConversationId, str]) -> None:
        """Say where runs work, in words."""
        before = self.work.working.keys()
        self._set(self.work.now_working(working))
        if before != working.keys():
            self.refresh()  # a new question moves its conversation up, and may have made it

    def set_stopping(self, conversation: ConversationId) -> None:
        """Say that a conversation's run was told to stop."""
        self._set(self.work.told_to_stop(conversation))

    def _set(self, work: Work) -> None:
        before, self.work = self.work, work
        if before != work:
            self.work_changed.emit(before.differs_in(work))

    async def _read_while_asked(self) -> None:
        try:
            while self._must_read:
                self._must_read = False
                shelf, wanted = self.shelf, self._wanted
                found = await self._read(shelf, wanted)
                self._elsewhere = await self._look_up(found)
                if shelf == self.shelf:
                    self.conversations = tuple(found)
                    self.has_more = shelf != "bin" and len(found) == wanted
                    self.is_read, self.failure = True, None
                    self.changed.emit()
        finally:
            self._is_reading = False

    async def _read(self, shelf: Shelf, limit: int) -> list[Conversation]:
        library = self._ui.app.library
        if shelf == "bin":
            return await library.bin()
        if shelf == "archived":
            return await library.archived(limit=limit)
        return await library.conversations(limit=limit)

    def _fail(self, error: CortError) -> None:
        self.failure = error
        self.failed.emit(error)

    async def _look_up(self, listed: list[Conversation]) -> Conversation | None:
        """The open conversation, when it is none of those listed."""
        if self.current is None or any(each.id == self.current for each in listed):
            return None
        try:
            return await self._ui.app.library.get(self.current)
        except UsageError:
            return None  # it is not stored
