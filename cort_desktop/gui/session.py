"""The window's life on the loop: from its first paint to its end.

The loop is loaded here, and here alone: nothing of it is needed to paint a window.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSocketNotifier, QTimer
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from cort_desktop.gui.closing import Closing
from cort_desktop.gui.opened_files import OpenedFiles
from cort_desktop.gui.opening import Opening
from cort_desktop.gui.single_instance import SingleInstance
from cort_desktop.gui.window_state import bring_into_reach

if TYPE_CHECKING:
    from cort_desktop.gui.application import Start

_THREADS = 10
"""At most so many things are done beside the window; a thread is started when no other is free."""


class Session:
    """One window from its first paint to its end."""

    def __init__(
        self, app: QApplication, first: SingleInstance, files: OpenedFiles, opening: Opening, start: Start
    ) -> None:
        self._app = app
        self._first = first
        self._files = files
        self._opening = opening
        self._start = start
        self._closing: Closing | None = None

    def run(self) -> int:
        """Return the exit code when the window has closed and everything behind it is closed, too."""
        loop = QEventLoop(self._app)
        asyncio.set_event_loop(loop)
        loop.set_exception_handler(self._start.in_loop)
        # Its own would start ten threads at once.
        loop.set_default_executor(ThreadPoolExecutor(_THREADS, thread_name_prefix="beside"))
        try:
            with _signals(self._end), loop:
                return int(loop.run_until_complete(self._live(loop)))
        finally:
            asyncio.set_event_loop(None)

    def _end(self) -> None:
        """A signal asked for the end: nobody is asked back."""
        if self._closing is None:
            self._opening.window.close()
        else:
            self._closing.end()

    async def _live(self, loop: asyncio.AbstractEventLoop) -> int:
        opening, first = self._opening, self._first
        window, tasks = opening.window, opening.ui.tasks
        try:
            tasks.begin(loop)
            first.asked.connect(opening.come_forward)
            first.listen()
            self._files.listen()
            self._app.screenRemoved.connect(
                lambda _screen: QTimer.singleShot(0, window, lambda: bring_into_reach(window))
            )
            closing = self._closing = Closing(opening.ui, window)
            self._app.commitDataRequest.connect(closing.at_session_end)
            tasks.start(opening.finish(), name="opening")
            await closing.wanted()
            await tasks.aclose()
            window.let_close()
            window.deleteLater()
            await asyncio.sleep(0)
        finally:
            opening.page.wait()
            await self._start.close_app()
        opening.owner.deleteLater()
        return 0


@contextmanager
def _signals(end: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C and a polite kill call ``end``, from Qt's loop: Python's own handlers may run in the middle of
    anything, so theirs do nothing; the number that the C handler writes to a socket is what is heard.
    """
    reader, writer = socket.socketpair()
    for each in (reader, writer):
        each.setblocking(False)
    before: Mapping[signal.Signals, Any] = {}
    old = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    notifier = QSocketNotifier(reader.fileno(), QSocketNotifier.Type.Read)

    def heard(*_: object) -> None:
        if {signal.SIGINT, signal.SIGTERM}.intersection(_received(reader)):
            end()

    notifier.activated.connect(heard)
    before = {each: signal.signal(each, lambda *_: None) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        notifier.setEnabled(False)
        signal.set_wakeup_fd(old)
        for number, handler in before.items():
            signal.signal(number, handler)
        reader.close()
        writer.close()


def _received(reader: socket.socket) -> bytes:
    try:
        return reader.recv(64)
    except BlockingIOError:
        return b""
