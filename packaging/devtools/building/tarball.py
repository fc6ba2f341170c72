"""The relocatable archive: unpack it anywhere, start `cort-desktop` in it; `install.sh` is for the menus."""

import platform
import shutil
from pathlib import Path

from devtools.building import bundle, desktop_files, steps, tree
from devtools.building.places import NAME, BuildPlaces, epoch
from devtools.console import MEGABYTE, Refusal

MOST_BYTES = 65 * MEGABYTE
"""As xz, without an offline model."""


def build(places: BuildPlaces) -> list[Path]:
    """An archive for each variant."""
    steps.demand("xz")
    return [_archive(places, variant) for variant in places.variants]


def archive_of(places: BuildPlaces, variant: str) -> Path:
    """Where the finished archive of a variant lies."""
    return places.dist / f"{variant}-{places.version}-linux-{platform.machine()}.tar.xz"


def _archive(places: BuildPlaces, variant: str) -> Path:
    packed = archive_of(places, variant)
    name = packed.name.removesuffix(".tar.xz")
    source = places.bundle if variant == NAME else bundle.with_model(places)
    folder = places.work / "tarball" / name
    shutil.rmtree(folder, ignore_errors=True)
    tree.copy_linked(source, folder)
    desktop_files.write(places, folder / "share")
    shutil.copyfile(places.packaging / "linux" / "install.sh", folder / "install.sh")
    (folder / "install.sh").chmod(0o755)
    tree.make_even(folder, epoch(places.top))
    archive = places.dist / f"{name}.tar"
    tree.pack(folder, archive, name=name, stamp=epoch(places.top))
    # As many threads on any machine: the blocks, and so the bytes, depend on it.
    steps.run(places, "xz", ["xz", "--force", "-6", "--threads=2", str(archive)])
    size = packed.stat().st_size
    if variant == NAME and size > MOST_BYTES:
        raise Refusal(
            f"{packed.name} has {size / MEGABYTE:.1f} MB; {MOST_BYTES / MEGABYTE:.0f} MB is the most."
        )
    return packed
