"""One heartbeat for all repaints: however often something changed, it is drawn at most 30 times a second.

What waits for a beat is called in the order it was asked for, and between calls the loop turns: a key or a
piece of the network never waits for all of them.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QObject, QTimer
from shiboken6 import isValid

BEAT_MS = 33
SLICE_NS = 1_000_000
PAUSE_MS = 4
"""When calls have taken so long, the next one waits: what they changed is painted, and keys and the network
have their turn.
"""

Beat = Callable[[], None]


class Pulse(QObject):
    """Calls what was asked for once at the next beat. Silent while nothing is asked."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asked: dict[Beat, None] = {}
        self._due: dict[Beat, None] = {}
        self._timer = self._single(BEAT_MS, self._begin)
        self._next = self._single(PAUSE_MS, self._go_on)

    def ask(self, call: Beat) -> None:
        """Have ``call`` called once within the next beat. A bound method of a widget is dropped with it."""
        self._asked[call] = None
        if not self._timer.isActive():
            self._timer.start()

    def forget(self, call: Beat) -> None:
        """Don't call it after all."""
        self._asked.pop(call, None)
        self._due.pop(call, None)

    def beat(self) -> None:
        """Call all that wait, now and without a pause."""
        self._due |= self._asked
        self._asked.clear()
        due, self._due = self._due, {}
        for call in due:
            if _is_alive(call):
                call()

    def _begin(self) -> None:
        self._due |= self._asked
        self._asked.clear()
        self._go_on()

    def _go_on(self) -> None:
        clock = QElapsedTimer()
        clock.start()
        try:
            while self._due and clock.nsecsElapsed() < SLICE_NS:
                call = next(iter(self._due))
                del self._due[call]
                if _is_alive(call):
                    call()
        finally:
            if self._due:
                self._next.start()

    def _single(self, milliseconds: int, call: Beat) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(call)
        return timer


def _is_alive(call: Beat) -> bool:
    owner = getattr(call, "__self__", None)
    return not isinstance(owner, QObject) or isValid(owner)
