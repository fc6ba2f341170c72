"""Running the programs that a build is made of: their words go to a log, a failure is one sentence."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from devtools.building.places import BuildPlaces, epoch
from devtools.console import Refusal

_LAST_LINES = 12

TOOLS = {
    "dpkg-deb": "dpkg",
    "strip": "binutils",
    "chrpath": "chrpath",
    "xz": "xz-utils",
    "rpmbuild": "rpm",
    "makensis": "nsis",
    "lintian": "lintian",
    "desktop-file-validate": "desktop-file-utils",
    "appstreamcli": "appstream",
    "debootstrap": "debootstrap",
    "mksquashfs": "squashfs-tools",
    "rpm": "rpm",
    "flatpak-builder": "flatpak-builder",
}
"""Program → Debian's package that holds it; what the tests need is named in `devtools/system_packages.py`."""


def demand(*programs: str) -> None:
    """Refuse when a program of the system isn't there, with what installs it."""
    missing = [name for name in programs if shutil.which(name) is None]
    if missing:
        packages = " ".join(TOOLS.get(name, name) for name in missing)
        raise Refusal(f"This step needs {', '.join(missing)}: `sudo apt-get install {packages}` installs it.")


def run(
    places: BuildPlaces, title: str, command: Sequence[str], *, within: Path | None = None, **more: str
) -> str:
    """Run a program to its end with the time stamp of this build; what it wrote. Refuses when it fails."""
    environment = {
        **os.environ,
        "SOURCE_DATE_EPOCH": str(epoch(places.top)),
        "PYTHONHASHSEED": "0",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        **more,
    }
    done = subprocess.run(
        list(command),
        cwd=within or places.top,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    words = done.stdout.decode("utf-8", "replace")
    places.work.mkdir(parents=True, exist_ok=True)
    log = places.work / "build.log"
    with log.open("a", encoding="utf-8") as file:
        file.write(f"── {title}: {' '.join(command)}\n{words}\n")
    if done.returncode:
        tail = "\n".join(words.strip().splitlines()[-_LAST_LINES:])
        raise Refusal(
            f"{tail}\n{title} failed with exit code {done.returncode}; all it said is in dist/work/build.log."
        )
    return words
