"""Where a build reads and writes: its own environment, `dist/` for people, `dist/work/` for the rest."""

import os
import subprocess
from pathlib import Path

from devtools.building.version import package_version, version
from devtools.places import Places

NAME = "cort-desktop"
WITH_MODEL = f"{NAME}-with-model"
VARIANTS = (NAME, WITH_MODEL)
"""What is made without and with the offline model, by name; a system has one of them or none."""
ONLY = {"--plain": NAME, "--with-model": WITH_MODEL}
"""The word that asks for one variant instead of both."""
_NO_HISTORY = 1_767_225_600
"""The first second of 2026: the time stamp of what is built where no history tells a better one."""


class BuildPlaces(Places):
    """The paths of a checkout for `dev.py build`: the libraries as for running, and the build's tools."""

    def __init__(self, top: Path) -> None:
        super().__init__(top, venv=".build-venv")
        self.runtime_lock = self.build_lock
        self.pinned_lock = self.packaging / "requirements.lock"
        self.expected_pth = {
            "distutils-precedence.pth": "of setuptools, which PyInstaller needs: its own distutils"
        }
        self.dist = top / "dist"
        self.work = self.dist / "work"
        self.icons = self.work / "icons"
        self.bundle = self.work / "bundle" / NAME
        self.variants: tuple[str, ...] = VARIANTS

    @property
    def version(self) -> str:
        """The program's version, as Python writes it."""
        return version(self.top)

    @property
    def package_version(self) -> str:
        """The program's version, as dpkg and rpm write it."""
        return package_version(self.top)


def build_places(places: Places) -> BuildPlaces:
    """The places of a build in the same checkout."""
    return BuildPlaces(places.top)


def epoch(top: Path) -> int:
    """The time stamp of everything built, in seconds: SOURCE_DATE_EPOCH, else that of the last commit."""
    told = os.environ.get("SOURCE_DATE_EPOCH", "")
    if told.isdigit():
        return int(told)
    try:
        done = subprocess.run(
            ["git", "-C", str(top), "log", "-1", "--format=%ct"], capture_output=True, text=True, check=False
        )
    except OSError:
        return _NO_HISTORY
    return int(done.stdout) if done.returncode == 0 and done.stdout.strip().isdigit() else _NO_HISTORY
