"""From the command line to a window and back: Qt, the first window, the loop, the end of everything.

The order is of account: one window for each data folder; the window painted with its first page before the
loop is even loaded, the rest after it; at the end the runs are stopped, then the tasks, then the services are
closed, then the loop.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication

from cort_desktop.domain.clock import Clock
from cort_desktop.errors import SettingsError
from cort_desktop.gui import translation
from cort_desktop.gui.actions import Actions
from cort_desktop.gui.notices import Notices
from cort_desktop.gui.opened_files import OpenedFiles
from cort_desktop.gui.opening import Opening
from cort_desktop.gui.pulse import Pulse
from cort_desktop.gui.run_feeds import RunFeeds
from cort_desktop.gui.single_instance import SingleInstance, Wanted
from cort_desktop.gui.tasks import Tasks
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.window_state import WindowState
from cort_desktop.services.app import App

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

Show = Callable[[str], None]
_SILENT = "A window is open on {folder} and does not answer: wait for it, or end it, and start again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What the entry passes in. ``in_loop``: the loop's exception handler; ``show_surprises``: takes the
    callback that shows a bug's sentence; ``desktop_file``: the name of the entry in the system's menus, by
    which it finds the window's icon.
    """

    app: App
    close_app: Callable[[], Awaitable[None]]
    resources: Path
    data: Path
    clock: Clock
    in_loop: Callable[[AbstractEventLoop, dict[str, Any]], None]
    show_surprises: Callable[[Show], None]
    wanted: Wanted = field(default_factory=Wanted)
    desktop_file: str = "cort-desktop"


class _Surprises(QObject):
    """Brings a sentence from any thread to the window's."""

    told = Signal(str)


def main(start: Start) -> int:
    """Open the window, or hand over to the one that is open; returns the exit code when it has closed.

    Raises SettingsError when that one doesn't answer: it still has the folder, so there is no second window.
    """
    app = make_application(start.resources, start.desktop_file)
    first = SingleInstance(start.data, app)
    if not first.take():
        if first.hand_over(start.wanted):
            return 0
        if not first.take():
            raise SettingsError(_SILENT.format(folder=start.data))
    try:
        return _run(app, first, start)
    finally:
        first.close()


def make_application(resources: Path, desktop_file: str) -> QApplication:
    """The application, once in a process."""
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    if not isinstance(app, QApplication):
        raise TypeError("a QApplication is needed for widgets")
    app.setApplicationName("cort-desktop")
    app.setApplicationDisplayName("CoRT Desktop")
    app.setDesktopFileName(desktop_file)
    app.setWindowIcon(QIcon(str(resources / "icons" / "app.svg")))
    translation.install(app, resources)
    app.setQuitOnLastWindowClosed(False)  # closing the last window would stop the loop under the tasks
    return app


def _run(app: QApplication, first: SingleInstance, start: Start) -> int:
    """Paint the window, then load the loop and all that needs one."""
    files = OpenedFiles(app, start.wanted.files)  # before the first event is looked at
    opening = _opened(app, start)
    files.asked.connect(opening.come_forward)
    opening.paint()
    from cort_desktop.gui.session import Session

    return Session(app, first, files, opening, start).run()


def _opened(app: QApplication, start: Start) -> Opening:
    owner = QObject(app)
    appearance = start.app.settings.now.appearance
    theme = Theme(app, start.resources, mode=appearance.theme, percent=appearance.text_size)
    notices = Notices(owner)
    surprises = _Surprises(owner)
    surprises.told.connect(lambda words: notices.bar("surprise", words, "bad"))
    start.show_surprises(surprises.told.emit)
    pulse = Pulse(owner)
    ui = Ui(
        app=start.app,
        theme=theme,
        pulse=pulse,
        tasks=Tasks(notices.error, None),
        actions=Actions(theme, owner),
        notices=notices,
        feeds=RunFeeds(start.app, pulse, start.clock, owner),
        clock=start.clock,
        resources=start.resources,
    )
    return Opening(ui, WindowState(start.data), owner, start.wanted)
