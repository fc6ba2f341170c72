"""The one-folder bundle: the frozen program with all it needs, its licences, and no symbols for debuggers.

Qt's libraries lie in it as files of their own, so anybody can put others in their place.
"""

import shutil
import sys
from pathlib import Path

from devtools import model
from devtools.building import licences, macos, steps, tree
from devtools.building.linking import has_debug_data, is_elf, searches_elsewhere
from devtools.building.places import NAME, BuildPlaces, epoch
from devtools.console import MEGABYTE, Refusal

MOST_BYTES = 190 * MEGABYTE
"""Unpacked, without an offline model."""
NEVER = ("numpy", "scipy", "libQt6Qml", "libQt6Quick", "libgtk")
INSIDE = "_internal"


def build(places: BuildPlaces) -> list[Path]:
    """Freeze the program anew into `places.bundle`."""
    shutil.rmtree(places.bundle.parent, ignore_errors=True)
    draw_icons(places)
    steps.run(
        places,
        "PyInstaller",
        [
            *(sys.executable, "-m", "PyInstaller", str(places.packaging / "pyinstaller" / f"{NAME}.spec")),
            *("--noconfirm", "--clean", "--log-level", "WARN"),
            *("--distpath", str(places.bundle.parent), "--workpath", str(places.work / "pyinstaller")),
        ],
    )
    _strip(places)
    licences.collect(places)
    if sys.platform == "darwin":
        macos.add_licences(places)
    tree.make_even(places.bundle, epoch(places.top))
    check(places.bundle)
    return [places.bundle]


def draw_icons(places: BuildPlaces) -> None:
    """The icon in all sizes, in `places.icons`."""
    source = places.top / "resources" / "icons" / "app.svg"
    command = [sys.executable, "-m", "devtools.building.icons", str(source), str(places.icons)]
    steps.run(places, "drawing the icons", command)


def check(bundle: Path) -> None:
    """Refuse a bundle that is too large, or holds what it shouldn't."""
    size = tree.bytes_of(bundle)
    if size > MOST_BYTES:
        raise Refusal(
            f"The bundle has {size / MEGABYTE:.1f} MB, and {MOST_BYTES / MEGABYTE:.0f} MB is the most."
        )
    for path in bundle.rglob("*"):
        if path.name.startswith(NEVER):
            raise Refusal(
                f"{path.relative_to(bundle)} is in the bundle: leave it out (building/contents.py)."
            )


def with_model(places: BuildPlaces) -> Path:
    """A second bundle that has the offline models too; the files of the first are shared."""
    target = places.work / "bundle-with-model" / NAME
    shutil.rmtree(target.parent, ignore_errors=True)
    tree.copy_linked(places.bundle, target)
    for each in model.known(places):
        model.demand_sound(each, places.site_packages)
        place = target / INSIDE / each.member
        place.parent.mkdir(parents=True)
        shutil.copyfile(places.site_packages / each.member, place)
        licences.copy_distribution(each.package, target / licences.FOLDER, places.site_packages)
    tree.make_even(target, epoch(places.top))
    return target


def _strip(places: BuildPlaces) -> None:
    """Take out what is for debuggers (three quarters of llama.cpp), and folders of this machine.

    The starter is left alone: its archive hangs on its end.
    """
    if sys.platform != "linux":
        return
    steps.demand("strip", "chrpath")
    libraries = [
        path for path in tree.files_of(places.bundle / INSIDE) if ".so" in path.name and is_elf(path)
    ]
    for title, command, wanted in (
        ("strip", ["strip", "--strip-unneeded"], has_debug_data),
        ("chrpath", ["chrpath", "--delete"], searches_elsewhere),
    ):
        found = [str(path) for path in libraries if wanted(path)]
        if found:
            steps.run(places, title, [*command, *found])
