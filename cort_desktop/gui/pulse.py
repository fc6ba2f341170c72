"""One heartbeat for all repaints: however often something changed, it is drawn at most 30 times a second."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from shiboken6 import isValid

BEAT_MS = 33

Beat = Callable[[], None]


class Pulse(QObject):
    """Calls what was asked for once at the next beat. Silent while nothing is asked."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asked: dict[Beat, None] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self.beat)

    def ask(self, call: Beat) -> None:
        """Have ``call`` called once within the next beat. A bound method of a widget is dropped with it."""
        self._asked[call] = None
        if not self._timer.isActive():
            self._timer.start()

    def forget(self, call: Beat) -> None:
        """Don't call it after all."""
        self._asked.pop(call, None)

    def beat(self) -> None:
        """Call all that wait, now; the timer does this."""
        asked = list(self._asked)
        self._asked.clear()
        for call in asked:
            if _is_alive(call):
                call()


def _is_alive(call: Beat) -> bool:
    owner = getattr(call, "__self__", None)
    return not isinstance(owner, QObject) or isValid(owner)
