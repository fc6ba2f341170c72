"""Tells when the day is over here, so that "Today" becomes "Yesterday" in a window that is left open."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtCore import QObject, QTimer, Signal

from cort_desktop.domain.clock import Clock
from cort_desktop.gui.library.rows import local

_LONGEST_WAIT_S = 3600.0
"""A machine that slept doesn't count the time: it is looked at the clock at least so often."""


class DayEnd(QObject):
    """``passed`` comes after each midnight."""

    passed = Signal()

    def __init__(self, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._day = local(clock.now()).date()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.look)
        self._wait()

    def look(self) -> None:
        """Look at the clock; the timer does this."""
        today = local(self._clock.now()).date()
        if today != self._day:
            self._day = today
            self.passed.emit()
        self._wait()

    def _wait(self) -> None:
        now = local(self._clock.now())
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        seconds = min((midnight - now).total_seconds() + 1, _LONGEST_WAIT_S)
        self._timer.start(round(seconds * 1000))
