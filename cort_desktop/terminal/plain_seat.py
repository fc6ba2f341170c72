"""A seat for ``chat`` without painting: one question a line from a pipe, a file or a simple terminal.

A thread reads, one line when one is wanted, straight from the file descriptor: a blocked read must neither
hold up the loop nor the end of the program.
"""

from __future__ import annotations

import asyncio
import os
import queue
import threading
from collections.abc import Callable

from cort_desktop.terminal.interrupts import Interrupts
from cort_desktop.terminal.question import decode
from cort_desktop.terminal.running import choose_view
from cort_desktop.terminal.streams import Streams
from cort_desktop.terminal.views import View

_CHUNK = 65536
_Wish = tuple[asyncio.AbstractEventLoop, "asyncio.Future[str | None]"]


class PlainSeat:
    """Lines of standard input; a run is shown as ``ask`` shows it, and no line is read meanwhile."""

    takes_lines_while_working = False
    has_typed = False

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._lines = _Lines(streams.stdin.fileno()) if streams.stdin is not None else None

    async def read(self) -> str | None:
        if self._lines is None:
            return None
        if self._streams.in_is_terminal:
            self._streams.paint("> ")
        return await self._lines.next()

    def interrupts(self) -> Interrupts:
        return Interrupts(self._streams)

    def view(self, interrupts: Interrupts) -> View:
        return choose_view(self._streams, "off", interrupts)

    async def above(self, action: Callable[[], None]) -> None:
        action()

    def close(self) -> None:
        if self._lines is not None:
            self._lines.close()


class _Lines:
    """Lines of a file descriptor, read by a thread of their own when they are wanted."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._wishes: queue.SimpleQueue[_Wish | None] = queue.SimpleQueue()
        self._pending = b""
        self._thread = threading.Thread(target=self._serve, name="standard-input", daemon=True)
        self._thread.start()

    async def next(self) -> str | None:
        """The next line without its end; None at the end of input."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[str | None] = loop.create_future()
        self._wishes.put((loop, future))
        return await future

    def close(self) -> None:
        """Let the thread end once it is not reading."""
        self._wishes.put(None)

    def _serve(self) -> None:
        while (wish := self._wishes.get()) is not None:
            loop, future = wish
            line = self._read_line()
            try:
                loop.call_soon_threadsafe(_fulfil, future, line)
            except RuntimeError:
                return  # the loop has ended: nobody waits any more

    def _read_line(self) -> str | None:
        while b"\n" not in self._pending:
            try:
                data = os.read(self._descriptor, _CHUNK)
            except OSError:
                data = b""
            if not data:
                break
            self._pending += data
        if not self._pending:
            return None
        line, _, self._pending = self._pending.partition(b"\n")
        return decode(line.removesuffix(b"\r"))


def _fulfil(future: asyncio.Future[str | None], line: str | None) -> None:
    if not future.done():
        future.set_result(line)
