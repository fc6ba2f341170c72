"""Search while a person types: one query after the other, and never an older answer over a newer one.

What was found stays until something else is: the list doesn't flicker while the library is asked.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from cort_desktop.domain.library import Hit
from cort_desktop.errors import CortError
from cort_desktop.gui.ui import Ui

PAUSE_MS = 120
"""How long a person's fingers rest before the library is asked."""
PLACES = 60
"""Places asked for at first, and more each time."""
_LATIN_FROM = 2
_CJK_FROM = "\u2e80"
"""Scripts from here on (Chinese, Japanese, Korean) have words of one character."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the library found for ``text``; as many as ``limit`` means that there may be more."""

    text: str
    hits: tuple[Hit, ...]
    limit: int

    @property
    def may_go_on(self) -> bool:
        """Whether more can be asked for."""
        return len(self.hits) >= self.limit


class Searching(QObject):
    """``found`` has the newest ``Found``; ``ended`` comes when nothing is looked for any more."""

    found = Signal(object)
    failed = Signal(object)
    ended = Signal()

    def __init__(self, ui: Ui, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self.text = ""
        self.shown: Found | None = None
        self._limit = PLACES
        self._is_asking = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.ask)

    @property
    def is_on(self) -> bool:
        """Whether something is looked for."""
        return bool(self.text)

    def look_for(self, text: str) -> None:
        """Look for ``text`` after a short pause; what is too short to look for ends the search."""
        wanted = " ".join(text.split())
        if not can_be_looked_for(wanted):
            self.end()
        elif wanted != self.text:
            self.text = wanted
            self._limit = PLACES
            self._pause.start()

    def ask(self) -> None:
        """Ask now, without the pause."""
        self._pause.stop()
        if self.is_on and not self._is_asking:
            self._is_asking = True
            self._ui.tasks.start(self._ask_while_new(), name="library: search", failed=self._fail)

    def more(self) -> None:
        """Ask for more places of the same words."""
        if self.shown is not None and self.shown.may_go_on and self.shown.limit == self._limit:
            self._limit += PLACES
            self.ask()

    def end(self) -> None:
        """Look for nothing any more."""
        self._pause.stop()
        was_on = self.is_on
        self.text = ""
        self.shown = None
        if was_on:
            self.ended.emit()

    async def _ask_while_new(self) -> None:
        asked = ("", 0)
        try:
            while self.is_on and asked != (self.text, self._limit):
                asked = (self.text, self._limit)
                hits = await self._ui.app.library.search(*asked)
                if asked == (self.text, self._limit):
                    self.shown = Found(text=asked[0], hits=tuple(hits), limit=asked[1])
                    self.found.emit(self.shown)
        finally:
            self._is_asking = False

    def _fail(self, error: CortError) -> None:
        if self.is_on:
            self.failed.emit(error)


def can_be_looked_for(text: str) -> bool:
    """Whether ``text`` says enough: two letters, or one character of a script where that is a word."""
    letters = [letter for letter in text if letter.isalnum()]
    return len(letters) >= _LATIN_FROM or any(letter >= _CJK_FROM for letter in letters)
