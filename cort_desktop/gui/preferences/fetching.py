"""A download as it is shown: what is fetched, how far it is, and the way out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from cort_desktop.errors import CortError
from cort_desktop.gui.preferences.rows import StateLine
from cort_desktop.gui.tasks import Tasks
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import button
from cort_desktop.telling import figures

_STEPS = 1000
Progress = Callable[[int, int], None]


class Fetching(QWidget):
    """One download at a time. ``ended`` has its problem as a sentence, empty when it came, None when it was
    stopped. The names of its parts begin with ``name``.
    """

    ended = Signal(object)

    def __init__(self, name: str, theme: Theme, tasks: Tasks) -> None:
        super().__init__()
        self._tasks = tasks
        self._work: asyncio.Task[object] | None = None
        self._words = ""
        self.state = StateLine(theme)
        self.state.setObjectName(f"{name}State")
        self._bar = QProgressBar()
        self._bar.setObjectName(f"{name}Progress")
        self._bar.setAccessibleName(self.tr("Progress"))
        self._bar.setTextVisible(False)
        self._stop = button(self.tr("Stop"))
        self._stop.setObjectName(f"{name}Stop")
        self._stop.clicked.connect(self.stop)
        self.line = QHBoxLayout()
        self.line.setSpacing(8)
        self.line.addWidget(self.state, 1)
        self.line.addWidget(self._stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(self.line)
        column.addWidget(self._bar)
        self.state.show_state("unasked", "")
        self._show_work(is_working=False)

    @property
    def is_working(self) -> bool:
        """Whether something is being fetched."""
        return self._work is not None

    def begin(self, words: str, fetch: Callable[[Progress], Coroutine[Any, Any, object]]) -> None:
        """Fetch something; ``words`` say what and from where. Nothing happens while something is fetched."""
        if self._work is not None:
            return
        self._words = words
        self._bar.setRange(0, 0)
        self.state.show_state("busy", words)
        self._show_work(is_working=True)
        self._work = self._tasks.start(self._fetch(fetch), name="fetch a model")
        if self._work is None:
            self._show_work(is_working=False)

    def stop(self) -> None:
        """Stop fetching."""
        if self._work is not None:
            self._work.cancel()

    async def _fetch(self, fetch: Callable[[Progress], Coroutine[Any, Any, object]]) -> None:
        said: str | None = None
        try:
            await fetch(self._progress)
            said = ""
        except CortError as error:
            said = str(error)
        finally:
            self._work = None
            self._show_work(is_working=False)
            self.ended.emit(said)

    def _progress(self, done: int, total: int) -> None:
        if self._work is None or total <= 0:
            return
        self._bar.setRange(0, _STEPS)
        self._bar.setValue(_STEPS * done // total)
        far = self.tr("%1 of %2").replace("%1", figures.size(done)).replace("%2", figures.size(total))
        self.state.show_state("busy", f"{self._words} {far}")

    def _show_work(self, *, is_working: bool) -> None:
        self._bar.setVisible(is_working)
        self._stop.setVisible(is_working)
