"""The relocatable archive: unpack it anywhere, start `cort-desktop` in it, or run `install.sh` for the menus."""

import platform
import shutil
from pathlib import Path

from devtools.building import bundle, desktop_files, steps, tree
from devtools.building.places import NAME, BuildPlaces, epoch
from devtools.console import MEGABYTE, Refusal

MOST_BYTES = 65 * MEGABYTE
"""As xz, without an offline model."""


def build(places: BuildPlaces) -> list[Path]:
    """Two archives: without and with the offline model."""
    steps.demand("xz")
    plain = _archive(places, places.bundle, "")
    size = plain.stat().st_size
    if size > MOST_BYTES:
        raise Refusal(f"{plain.name} has {size / MEGABYTE:.1f} MB, and {MOST_BYTES / MEGABYTE:.0f} MB is the most.")
    return [plain, _archive(places, bundle.with_model(places), "-with-model")]


def _archive(places: BuildPlaces, source: Path, suffix: str) -> Path:
    name = f"{NAME}-{places.version}-linux-{platform.machine()}{suffix}"
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
    return archive.with_suffix(".tar.xz")
