"""Whether the desktop asks for less motion: looked up once, after the window is painted.

Each system keeps the wish elsewhere, and Qt tells it of none (its style hints know only of contrast). A
desktop that can't be asked has not asked for anything.
"""

from __future__ import annotations

import sys

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

    def _ask_portal(self) -> None:
        from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher

        bus = QDBusConnection.sessionBus()
        if not bus.isConnected():
            return
        question = QDBusMessage.createMethodCall(_SERVICE, _PATH, _INTERFACE, "Read")
        question.setArguments([_DESKTOP, _KEY])
        waiting = QDBusPendingCallWatcher(bus.asyncCall(question), self)

        def answered() -> None:
            said = waiting.reply().arguments() if not waiting.isError() else []
            self.take(_plain(said[0]) if said else None)
            waiting.deleteLater()

        waiting.finished.connect(answered)


def _plain(value: object) -> object:
    """What is in a variant, however many variants are around it."""
    from PySide6.QtDBus import QDBusVariant

    while isinstance(value, QDBusVariant):
        value = value.variant()
    return value


def _windows_moves() -> bool:
    import ctypes

    moves = ctypes.c_int(1)
    user32 = getattr(ctypes, "windll").user32  # noqa: B009 - unknown to type checkers elsewhere
    user32.SystemParametersInfoW(_CLIENT_AREA_ANIMATION, 0, ctypes.byref(moves), 0)
    return bool(moves.value)
