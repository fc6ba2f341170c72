"""What the tests need of the system itself: a real key store, a real screen, a real accessibility bus, and a
compiler for the one package of theirs that is published as source.
"""

import ctypes
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from devtools.console import say
from devtools.places import Places

PROGRAMS = {
    "gnome-keyring-daemon": "gnome-keyring",
    "dbus-run-session": "dbus-daemon",
    "Xvfb": "xvfb",
    "xdotool": "xdotool",
    "openbox": "openbox",
    "cc": "gcc",
    "makensis": "nsis",
    "appstreamcli": "appstream",
    "desktop-file-validate": "desktop-file-utils",
    "flatpak-builder": "flatpak-builder",
    "rpmspec": "rpm",
    "mksquashfs": "squashfs-tools",
}
"""Program → Debian's package that holds it."""

LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""Shared library that Qt loads → Debian's package that holds it."""

FILES = {
    "/usr/libexec/at-spi-bus-launcher": "at-spi2-core",
    "/usr/include/stdio.h": "libc6-dev",
    f"{sysconfig.get_path('include')}/Python.h": f"python3.{sys.version_info[1]}-dev",
}
"""File → Debian's package that holds it."""

REFRESH = ["apt-get", "update"]


def missing() -> list[str]:
    """Debian packages whose programs, libraries or files are not there."""
    absent = {package for program, package in PROGRAMS.items() if not shutil.which(program)}
    absent |= {package for library, package in LIBRARIES.items() if not _loads(library)}
    absent |= {package for file, package in FILES.items() if not Path(file).exists()}
    return sorted(absent)


def install_missing(places: Places) -> None:
    """Install what is missing where that is allowed; else say the command and go on without."""
    packages = missing() if sys.platform == "linux" else []
    if not packages:
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    spoken = " ".join(["apt-get install", *packages])
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        say(f"The tests of window and key store need {', '.join(packages)}: `sudo {spoken}` installs it.")
        return
    say(f"Installing {', '.join(packages)} for the tests …")
    if _quietly(places, command) or (_quietly(places, REFRESH) and _quietly(places, command)):
        return
    say(f"`{spoken}` failed (details: .venv/dev.log), so the tests of window and key store can't run.")


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _quietly(places: Places, command: list[str]) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with places.log.open("ab") as log:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, check=False
        )
    return done.returncode == 0
