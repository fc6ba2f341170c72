"""What the tests need of the system itself: a real key store, so that keys are tested against one."""

import os
import shutil
import subprocess
import sys

from devtools.console import say
from devtools.places import Places

NEEDED = {"gnome-keyring-daemon": "gnome-keyring", "dbus-run-session": "dbus-daemon"}
"""Program → Debian's package that holds it."""

REFRESH = ["apt-get", "update"]


def missing() -> list[str]:
    """Debian packages whose programs are not there."""
    return sorted({package for program, package in NEEDED.items() if not shutil.which(program)})


def install_missing(places: Places) -> None:
    """Install what is missing where that is allowed; else say the command and go on without."""
    packages = missing() if sys.platform == "linux" else []
    if not packages:
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    spoken = " ".join(["apt-get install", *packages])
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        say(f"The tests of the key store need {' and '.join(packages)}: `sudo {spoken}` installs it.")
        return
    say(f"Installing {' and '.join(packages)} for the tests …")
    if _quietly(places, command) or (_quietly(places, REFRESH) and _quietly(places, command)):
        return
    say(f"`{spoken}` failed (details: .venv/dev.log), so the tests of the key store can't run.")


def _quietly(places: Places, command: list[str]) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with places.log.open("ab") as log:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, check=False
        )
    return done.returncode == 0
