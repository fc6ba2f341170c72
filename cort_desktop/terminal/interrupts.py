"""Ctrl-C as a wish: the first one stops the run and keeps what there is, a second one leaves at once.

Works the same on every system: a signal handler that wakes the loop. Keys typed while the terminal is painted
are not echoed, so that they don't tear the picture.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from types import FrameType
from typing import Any

from cort_desktop.terminal.codes import INTERRUPTED
from cort_desktop.terminal.live_area import RESTORE
from cort_desktop.terminal.streams import Streams

SIGNALS = (signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if sys.platform != "win32" else []))
"""What means Stop: Ctrl-C, the system's wish to end us, a terminal that was closed."""


class Interrupts:
    """Listens for a person's wish to stop while a run works.

    hears_signals: False where Ctrl-C arrives as a key and is passed on through ``request``.
    """

    def __init__(
        self, streams: Streams, *, hears_signals: bool = True, leave: Callable[[int], object] = os._exit
    ) -> None:
        self.requested = False
        self._streams = streams
        self._signals = SIGNALS if hears_signals else ()
        self._leave = leave
        self._stop: Callable[[], None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._echo: _Echo | None = None

    @contextmanager
    def listening(self, stop: Callable[[], None]) -> Iterator[None]:
        """Call ``stop``, on the loop, at the first wish; leave the program at the second."""
        self._loop, self._stop = asyncio.get_running_loop(), stop
        if self._signals:
            self._echo = _Echo(self._streams)
        # What was ignored when we were started (nohup) stays so.
        heard = [number for number in self._signals if signal.getsignal(number) is not signal.SIG_IGN]
        before = {number: signal.signal(number, self._on_signal) for number in heard}
        try:
            with _waking(self._loop) if self._signals else nullcontext():
                yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            if self._echo is not None:
                self._echo.restore()
            self._stop = None

    def request(self) -> None:
        """The same wish from elsewhere; any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._first)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self.requested:
            self._leave_at_once()
        self.requested = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._first)

    def _first(self) -> None:
        self.requested = True
        stop, self._stop = self._stop, None
        if stop is not None:
            stop()

    def _leave_at_once(self) -> None:
        """What was acknowledged is on disk; what runs is found as interrupted and can be resumed."""
        if self._echo is not None:
            self._echo.restore()
        if self._streams.err_is_terminal:
            self._streams.paint(f"{RESTORE}\r\n")
        self._leave(INTERRUPTED)


class _Echo:
    """Switches the echo of typed keys off where the terminal is painted and ours."""

    def __init__(self, streams: Streams) -> None:
        self._fd = -1
        self._before: list[Any] | None = None
        if sys.platform == "win32" or not (streams.is_lively and streams.in_is_terminal and streams.stdin):
            return
        import termios

        self._fd = streams.stdin.fileno()
        self._before = termios.tcgetattr(self._fd)
        quiet = termios.tcgetattr(self._fd)
        quiet[3] &= ~termios.ECHO
        termios.tcsetattr(self._fd, termios.TCSADRAIN, quiet)

    def restore(self) -> None:
        """As it was before; once is enough."""
        if sys.platform != "win32" and self._before is not None:
            import termios

            before, self._before = self._before, None
            with suppress(termios.error):  # the terminal may have been closed meanwhile
                termios.tcsetattr(self._fd, termios.TCSADRAIN, before)


@contextmanager
def _waking(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Let a signal wake the loop even when it comes in the moment before the loop begins to wait."""
    if sys.platform == "win32":
        yield  # its loop sees to that itself
        return
    reading, writing = socket.socketpair()
    with reading, writing:
        reading.settimeout(0)
        writing.settimeout(0)
        loop.add_reader(reading, reading.recv, 64)
        before = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
            loop.remove_reader(reading)


@contextmanager
def ordinary_ctrl_c() -> Iterator[None]:
    """Let Ctrl-C raise KeyboardInterrupt inside a call that blocks, as a hidden prompt does."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
