"""From the command line to a window and back: Qt, the loop, the first window, the end of everything.

The order is of account: one window for each data folder; the window painted first, the rest after it; at the
end the runs are stopped, then the tasks, then the services are closed, then the loop.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from cort_desktop.domain.clock import Clock
from cort_desktop.domain.ids import ConversationId
from cort_desktop.gui.actions import Actions
from cort_desktop.gui.closing import Closing
from cort_desktop.gui.notices import Notices
from cort_desktop.gui.opening import Opening
from cort_desktop.gui.pulse import Pulse
from cort_desktop.gui.run_feed import RunFeeds
from cort_desktop.gui.single_instance import SingleInstance
from cort_desktop.gui.tasks import Tasks
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.window_state import WindowState, bring_into_reach
from cort_desktop.services.app import App

OpenApp = Callable[[], AbstractAsyncContextManager[App]]
Show = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What the entry passes in. ``show_surprises``: takes the callback that shows a bug's sentence."""

    open_app: OpenApp
    resources: Path
    data: Path
    clock: Clock
    show_surprises: Callable[[Show], None]
    conversation: str | None = None


class _Surprises(QObject):
    """Brings a sentence from any thread to the window's."""

    told = Signal(str)


def main(start: Start) -> int:
    """Open the window, or hand over to the one that is open; returns the exit code when it has closed."""
    app = make_application(start.resources)
    first = SingleInstance(start.data, app)
    if not first.take():
        if first.hand_over(start.conversation):
            return 0
        first.take()
    loop = QEventLoop(app)
    asyncio.set_event_loop(loop)
    try:
        with _signals(app), loop:
            return int(loop.run_until_complete(_session(app, first, start)))
    finally:
        asyncio.set_event_loop(None)
        first.close()


def make_application(resources: Path) -> QApplication:
    """The application, once in a process."""
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    if not isinstance(app, QApplication):
        raise TypeError("a QApplication is needed for widgets")
    app.setApplicationName("cort-desktop")
    app.setApplicationDisplayName("CoRT Desktop")
    app.setDesktopFileName("cort-desktop")
    app.setWindowIcon(QIcon(str(resources / "icons" / "app.svg")))
    app.setQuitOnLastWindowClosed(False)  # closing the last window would stop the loop under the tasks
    return app


async def _session(app: QApplication, first: SingleInstance, start: Start) -> int:
    """One window from its opening to its end."""
    theme = Theme(app, start.resources)
    owner = QObject(app)
    notices = Notices(owner)
    surprises = _Surprises(owner)
    surprises.told.connect(lambda words: notices.bar("surprise", words, "bad"))
    start.show_surprises(surprises.told.emit)
    tasks = Tasks(notices.error)
    async with start.open_app() as services:
        pulse = Pulse(owner)
        ui = Ui(
            app=services,
            theme=theme,
            pulse=pulse,
            tasks=tasks,
            actions=Actions(theme, owner),
            notices=notices,
            feeds=RunFeeds(services, pulse, start.clock, owner),
            clock=start.clock,
            resources=start.resources,
        )
        opening = Opening(ui, WindowState(start.data))
        window = opening.window
        window.show()
        first.asked.connect(opening.come_forward)
        app.screenRemoved.connect(
            lambda _screen: QTimer.singleShot(0, window, lambda: bring_into_reach(window))
        )
        closing = Closing(ui, window)
        app.commitDataRequest.connect(closing.at_session_end)
        wanted = None if start.conversation is None else ConversationId(start.conversation)
        tasks.start(opening.finish(wanted), name="opening")
        await closing.wanted()
        await tasks.aclose()
        window.let_close()
        window.deleteLater()
        await asyncio.sleep(0)
    owner.deleteLater()
    return 0


@contextmanager
def _signals(app: QApplication) -> Iterator[None]:
    """Ctrl-C and a polite kill close the window as its button does.

    Python runs its handlers only between bytecodes; a socket that the C handler writes to wakes Qt for it.
    """
    reader, writer = socket.socketpair()
    for each in (reader, writer):
        each.setblocking(False)
    before: Mapping[signal.Signals, Any] = {}
    old = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    notifier = QSocketNotifier(reader.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(lambda *_: _drain(reader))

    def close(_number: int, _frame: object) -> None:
        for window in app.topLevelWidgets():
            if window.objectName() == "mainWindow":
                window.close()

    before = {each: signal.signal(each, close) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        notifier.setEnabled(False)
        signal.set_wakeup_fd(old)
        for number, handler in before.items():
            signal.signal(number, handler)
        reader.close()
        writer.close()


def _drain(reader: socket.socket) -> None:
    try:
        reader.recv(64)
    except BlockingIOError:
        return
