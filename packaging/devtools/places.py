"""Where things are in a checkout. Nothing is read or written here."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

WINDOWS = os.name == "nt"


class Places:
    """The paths of one checkout, all below `top`.

    expected_pth: files that may run by themselves in the environment → why they are harmless.
    """

    def __init__(self, top: Path, *, venv: str = ".venv") -> None:
        self.top = top
        self.packaging = top / "packaging"
        self.venv = top / venv
        self.expected_pth: Mapping[str, str] = {}
        self.stamp = self.venv / "dev-stamp.json"
        self.base_stamp = self.venv / "dev-base.txt"
        self.log = self.venv / "dev.log"
        self.lock = self.venv / "dev.lock"
        self.scratch = self.venv / "dev-tmp"
        self.scripts = self.venv / ("Scripts" if WINDOWS else "bin")
        self.python = self.scripts / ("python.exe" if WINDOWS else "python")
        self.site_packages = self.venv / (
            "Lib/site-packages"
            if WINDOWS
            else f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
        )
        self.runtime_lock = self.packaging / "requirements.lock"
        self.dev_lock = self.packaging / "requirements-dev.lock"
        self.build_lock = self.packaging / "requirements-build.lock"
        self.models = top / "resources" / "models.toml"

    def script(self, name: str) -> Path:
        """A console script of the environment."""
        return self.scripts / (name + (".exe" if WINDOWS else ""))

    def child_environment(self, *, tools: bool = False) -> dict[str, str]:
        """The environment of a program that runs from the checkout: the person's, and where the code is."""
        roots = [str(self.top)]
        if tools:
            roots.append(str(self.packaging))
        if os.environ.get("PYTHONPATH"):
            roots.append(os.environ["PYTHONPATH"])
        return {**os.environ, "PYTHONPATH": os.pathsep.join(roots)}


def here() -> Places:
    """The checkout that this file is part of."""
    return Places(Path(__file__).resolve().parent.parent.parent)
