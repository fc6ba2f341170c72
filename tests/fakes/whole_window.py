"""The whole window off screen, over real services: filled as the program fills it, and closed as cleanly.

``Turns`` tells how long the loop was busy in one go, in processor time of its thread: other programs of the
machine don't count.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QFont, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu

from cort_desktop.gui.chat.asking import Begun
from cort_desktop.gui.main_window import MainWindow
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.window_state import WindowState
from tests.fakes.window import until

_QUIET = 5


@asynccontextmanager
async def main_window(ui: Ui, data: Path, width: int = 1440, height: int = 900) -> AsyncIterator[MainWindow]:
    """The window, shown and filled; ``data`` is where it keeps its geometry."""
    window = MainWindow(ui, WindowState(data))
    window.resize(width, height)
    window.show()
    window.library.refresh()
    window.chat.focus_composer()
    await at_rest(ui)
    try:
        yield window
    finally:
        for run in ui.app.chat.working():
            ui.app.chat.stop(run)
        await until(lambda: not ui.feeds.working(), "the end of all runs")
        close_dialogs()
        await ui.tasks.aclose()
        window.let_close()
        window.deleteLater()
        await asyncio.sleep(0)


async def at_rest(ui: Ui) -> None:
    """Wait until nothing works, nothing is looked up and nothing waits to be painted."""
    quiet = 0

    def is_quiet() -> bool:
        nonlocal quiet
        busy = ui.app.chat.working() or ui.tasks.names or ui.pulse._asked
        quiet = 0 if busy else quiet + 1
        return quiet > _QUIET

    await until(is_quiet, "rest")


async def ask(ui: Ui, window: MainWindow, question: str, *, anew: bool = True) -> None:
    """Type a question, press Enter, and wait until all is answered and shown."""
    if anew:
        window.chat.new()
        await asyncio.sleep(0)
    begun: list[object] = []
    asking = window.chat.controller.asking
    heard = [asking.begun.connect(begun.append), asking.refused.connect(begun.append)]
    window.chat.composer.edit.setPlainText(question)
    QTest.keyClick(window.chat.composer.edit, Qt.Key.Key_Return)
    await until(lambda: begun, "an answer to asking")
    for each in heard:
        asking.disconnect(each)  # type: ignore[call-overload] # it takes a Connection
    assert isinstance(begun[0], Begun), begun
    await at_rest(ui)


def close_dialogs() -> None:
    """Close every menu and dialog that stands open."""
    for each in QApplication.topLevelWidgets():
        if isinstance(each, QDialog | QMenu) and each.isVisible():
            each.close()


class Turns(QObject):
    """Between ``begin`` and ``end`` a timer without a delay counts the turns of the loop."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.longest_ms = 0.0
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._turn)

    def begin(self) -> None:
        """Count from now on."""
        self.longest_ms = 0.0
        self._last = time.thread_time()
        self._timer.start()

    def end(self) -> float:
        """Count no more; the longest turn in milliseconds."""
        self._turn()
        self._timer.stop()
        return self.longest_ms

    def _turn(self) -> None:
        now = time.thread_time()
        self.longest_ms = max(self.longest_ms, 1000 * (now - self._last))
        self._last = now


def reference_ms(font: QFont) -> float:
    """What laying out 60,000 letters costs on this machine now: the measure for how long a turn may be."""
    times = []
    for _ in range(3):
        document = QTextDocument()
        document.setDefaultFont(font)
        document.setTextWidth(700)
        began = time.thread_time()
        document.setPlainText("every word counts " * 3_334)
        document.size()
        times.append(1000 * (time.thread_time() - began))
    return max(times)
