"""Whether the desktop asks for less motion: looked up once, after the window is painted.

Each system keeps the wish elsewhere, and Qt tells it of none (its style hints know only of contrast). A desktop
that can't be asked has not asked for anything.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtCore import QObject, QSettings, Signal

_SERVICE, _PATH = "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop"
_INTERFACE = "org.freedesktop.portal.Settings"
_DESKTOP, _KEY = "org.gnome.desktop.interface", "enable-animations"
_CLIENT_AREA_ANIMATION = 0x1042  # SPI_GETCLIENTAREAANIMATION: “Animation effects” of Windows' settings


class SystemMotion(QObject):
    """``is_wanted``: whether things may move; ``changed`` follows a change of it."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.is_wanted = True
        self._portal: QObject | None = None

    def look(self) -> None:
        """Ask the desktop; an answer over the bus comes later."""
        if sys.platform == "win32":
            self.take(_windows_moves())
        elif sys.platform == "darwin":
            asked = QSettings("com.apple.universalaccess", "").value("reduceMotion", 0)
            self.take(str(asked) not in ("1", "true"))
        else:
            self._ask_portal()

    def take(self, wanted: object) -> None:
        """The desktop's word; anything but yes or no is none."""
        if isinstance(wanted, bool) and wanted != self.is_wanted:
            self.is_wanted = wanted
            self.changed.emit()
