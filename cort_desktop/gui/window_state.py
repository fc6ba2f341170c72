"""Where the window was and how its panes lay, from one start to the next; kept in ``data/window.ini``.

Restoring is careful: a screen may be gone or smaller, and a file may hold anything.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QRect, QSettings
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QMainWindow

LAYOUT_VERSION = 1
_ROOM = 0.85
_IN_REACH_PX = 80


class WindowState:
    """Reads and writes one file; a file that can't be written is no reason to complain about a window."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)

    def restore(self, window: QMainWindow, width: int, height: int) -> None:
        """Put the window where it was; the first time, or when that place is gone, in the middle."""
        geometry = self._bytes("geometry")
        if geometry is None or not window.restoreGeometry(geometry):
            window.resize(_fitting(QGuiApplication.primaryScreen(), width, height).size())
        state = self._bytes("layout")
        if state is not None:
            window.restoreState(state, LAYOUT_VERSION)
        bring_into_reach(window)

    def save(self, window: QMainWindow) -> None:
        """Remember the window's place and layout."""
        self._settings.setValue("geometry", window.saveGeometry())
        self._settings.setValue("layout", window.saveState(LAYOUT_VERSION))

    def number(self, name: str, default: int) -> int:
        """A remembered number."""
        value = self._settings.value(name, default)
        try:
            return int(str(value))
        except ValueError:
            return default

    def set_number(self, name: str, value: int) -> None:
        """Remember a number."""
        self._settings.setValue(name, value)

    def text(self, name: str) -> str:
        """A remembered word; empty without one."""
        value = self._settings.value(name, "")
        return value if isinstance(value, str) else ""

    def set_text(self, name: str, value: str) -> None:
        """Remember a word."""
        if value != self.text(name):
            self._settings.setValue(name, value)

    def data(self, name: str) -> QByteArray | None:
        """A remembered layout of a part."""
        return self._bytes(name)

    def set_data(self, name: str, value: QByteArray) -> None:
        """Remember the layout of a part."""
        self._settings.setValue(name, value)

    def flush(self) -> None:
        """Write what was remembered."""
        self._settings.sync()

    def _bytes(self, name: str) -> QByteArray | None:
        value = self._settings.value(name)
        return value if isinstance(value, QByteArray) else None


def bring_into_reach(window: QMainWindow) -> None:
    """Move the window so that enough of it is on some screen to take hold of it."""
    frame = window.frameGeometry()
    for screen in QGuiApplication.screens():
        seen = screen.availableGeometry().intersected(frame)
        if seen.width() >= _IN_REACH_PX and seen.height() >= _IN_REACH_PX and seen.top() <= frame.top():
            return
    screen = QGuiApplication.primaryScreen()
    if not window.isMaximized() and not window.isFullScreen():
        window.setGeometry(_fitting(screen, window.width(), window.height()))


def _fitting(screen: QScreen | None, width: int, height: int) -> QRect:
    """A place in the middle of a screen, not larger than most of it."""
    if screen is None:
        return QRect(0, 0, width, height)
    room = screen.availableGeometry()
    place = QRect(0, 0, min(width, round(room.width() * _ROOM)), min(height, round(room.height() * _ROOM)))
    place.moveCenter(room.center())
    return place
