"""The program as it lies in a system, for packages of a distribution: the root folder of .deb and .rpm."""

import shutil
from pathlib import Path

from devtools.building import bundle, desktop_files, tree
from devtools.building.places import NAME, BuildPlaces, epoch


def stage(places: BuildPlaces, variant: str, root: Path) -> None:
    """Lay out a system's root with the program in `/usr/lib`, without what only one kind of package has."""
    shutil.rmtree(root, ignore_errors=True)
    source = places.bundle if variant == NAME else bundle.with_model(places)
    (root / "usr" / "lib").mkdir(parents=True)
    home = root / "usr" / "lib" / NAME
    tree.copy_linked(source, home)
    programs = root / "usr" / "bin"
    programs.mkdir()
    (programs / NAME).symlink_to(f"../lib/{NAME}/{NAME}")
    desktop_files.write(places, root / "usr" / "share")
    tree.make_even(root, epoch(places.top))
