"""Wheel and source archive, by hatchling; resources go inside the package as `_resources`."""

import sys
from pathlib import Path

from devtools.building import steps
from devtools.building.places import BuildPlaces


def build(places: BuildPlaces) -> list[Path]:
    """Make both anew; the same sources give the same bytes."""
    steps.run(places, "hatchling", [sys.executable, "-m", "hatchling", "build", "-d", str(places.dist)])
    return [
        places.dist / f"cort_desktop-{places.version}-py3-none-any.whl",
        places.dist / f"cort_desktop-{places.version}.tar.gz",
    ]
