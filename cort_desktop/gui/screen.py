"""May a window be opened here? Looked at before Qt is: where a library or the screen is missing, Qt aborts.

Nothing of Qt is imported here. What is done about the answer (a sentence, an exit code) is the entry's.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

NO_SCREEN = (
    "There is no screen to open a window on. `cort-desktop chat` talks in the terminal, and "
    "`cort-desktop ask QUESTION` answers one question."
)

_NEEDED = {
    "libEGL.so.1": ("libegl1", "mesa-libEGL", "libglvnd"),
    "libGL.so.1": ("libgl1", "mesa-libGL", "libglvnd"),
    "libfontconfig.so.1": ("libfontconfig1", "fontconfig", "fontconfig"),
    "libdbus-1.so.3": ("libdbus-1-3", "dbus-libs", "dbus"),
    "libglib-2.0.so.0": ("libglib2.0-0", "glib2", "glib2"),
    "libxkbcommon.so.0": ("libxkbcommon0", "libxkbcommon", "libxkbcommon"),
}
_NEEDED_ON_X11 = {
    "libxcb-cursor.so.0": ("libxcb-cursor0", "xcb-util-cursor", "xcb-util-cursor"),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0", "libxkbcommon-x11", "libxkbcommon-x11"),
    "libxcb-icccm.so.4": ("libxcb-icccm4", "xcb-util-wm", "xcb-util-wm"),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1", "xcb-util-keysyms", "xcb-util-keysyms"),
    "libxcb-image.so.0": ("libxcb-image0", "xcb-util-image", "xcb-util-image"),
    "libxcb-render-util.so.0": ("libxcb-render-util0", "xcb-util-renderutil", "xcb-util-renderutil"),
    "libxcb-shape.so.0": ("libxcb-shape0", "libxcb", "libxcb"),
    "libxcb-xkb.so.1": ("libxcb-xkb1", "libxcb", "libxcb"),
}
_INSTALLERS = (
    ("apt-get", "sudo apt-get install", 0),
    ("dnf", "sudo dnf install", 1),
    ("zypper", "sudo zypper install", 1),
    ("pacman", "sudo pacman -S", 2),
)
_LACKS = "The window needs libraries that this system lacks"
_SCREENLESS = ("offscreen", "minimal", "vnc", "linuxfb", "eglfs", "minimalegl")
Loads = Callable[[str], bool]


def refusal(
    environment: Mapping[str, str], platform: str = sys.platform, *, loads: Loads | None = None
) -> str | None:
    """Why there can be no window here, in a sentence that says what to do; None when there can."""
    if platform != "linux":
        return None
    chosen = environment.get("QT_QPA_PLATFORM", "").partition(":")[0]
    on_wayland = chosen == "wayland" or (not chosen and _wayland(environment))
    has_screen = chosen in _SCREENLESS or on_wayland or bool(environment.get("DISPLAY"))
    if not has_screen:
        return NO_SCREEN
    needs_x11 = chosen not in _SCREENLESS and not on_wayland
    missing = _missing(loads or _loads, needs_x11=needs_x11)
    if missing:
        return _sentence(missing)
    if needs_x11 and not _screen_answers(environment["DISPLAY"]):
        return f"The screen {environment['DISPLAY']} doesn't answer. {NO_SCREEN.partition('. ')[2]}"
    return None


def _wayland(environment: Mapping[str, str]) -> bool:
    name, folder = environment.get("WAYLAND_DISPLAY", ""), environment.get("XDG_RUNTIME_DIR", "")
    return bool(name) and Path(folder, name).exists()


def _missing(loads: Loads, *, needs_x11: bool) -> dict[str, tuple[str, str, str]]:
    wanted = _NEEDED | _NEEDED_ON_X11 if needs_x11 else _NEEDED
    return {name: packages for name, packages in wanted.items() if not loads(name)}


def _sentence(missing: Mapping[str, tuple[str, str, str]]) -> str:
    libraries = ", ".join(missing)
    for program, command, column in _INSTALLERS:
        if _is_program(program):
            packages = " ".join(sorted({packages[column] for packages in missing.values()}))
            return f"{_LACKS} ({libraries}): `{command} {packages}` installs them."
    return f"{_LACKS}: {libraries}. Install the packages that hold them."


def _is_program(name: str) -> bool:
    return any(Path(folder, name).exists() for folder in os.environ.get("PATH", "").split(os.pathsep))


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _screen_answers(display: str) -> bool:
    """Whether the X server takes a connection, asked with the library that Qt would use."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # Qt will say what is wrong with it
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(display.encode(), None)
    failed = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not failed
