"""The one door to ``resources/``: beside the package in a checkout, inside it when installed or frozen.

Only finds files; who wants one reads it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from cort_desktop.errors import StorageError


def resource(*parts: str) -> Path:
    """The path of a file or folder that ships with the program. Raises StorageError when it is missing."""
    path = resources(Path(__file__).parent, getattr(sys, "_MEIPASS", None)).joinpath(*parts)
    if not path.exists():
        raise StorageError(f"The installation is incomplete: {path} is missing. Install CoRT Desktop again.")
    return path


def resources(package: Path, unpacked: str | None) -> Path:
    """The folder of all resources. ``unpacked`` is where a frozen program keeps its files."""
    # Installed comes before checkout: site-packages may hold some other project's `resources`.
    places = [package / "_resources", package.parent / "resources"]
    if unpacked is not None:
        places = [Path(unpacked) / "cort_desktop" / "_resources", *places]
    for place in places:
        if place.is_dir():
            return place
    raise StorageError(f"The installation is incomplete: {places[0]} is missing. Install CoRT Desktop again.")
