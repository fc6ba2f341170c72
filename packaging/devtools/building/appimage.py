"""The AppImage: one file that runs, made of that project's runtime and of what the .deb holds.

No package registry has that runtime, so a person who builds one brings it, and says what its SHA-256 must be.
"""

import os
import platform
from pathlib import Path

from devtools.building import steps
from devtools.building.places import NAME, BuildPlaces
from devtools.console import Refusal
from devtools.stamp import digest

_RUNTIME, _SHA256 = "APPIMAGE_RUNTIME", "APPIMAGE_RUNTIME_SHA256"


def build(places: BuildPlaces) -> list[Path]:
    """The image without the offline model, of what the step deb laid out."""
    steps.demand("mksquashfs")
    runtime = demanded_runtime()
    root = places.work / "deb" / NAME
    if not root.is_dir():
        raise Refusal(
            "The AppImage needs what the step deb lays out: run `dev.py build bundle deb appimage`."
        )
    image = places.dist / f"{NAME}-{places.version}-{platform.machine()}.AppImage"
    return [make(places, runtime, root, image)]


def make(places: BuildPlaces, runtime: Path, root: Path, image: Path) -> Path:
    """One image of a system root."""
    script = places.packaging / "appimage" / "make_image.sh"
    command = ["sh", str(script), str(root), str(image)]
    steps.run(places, "make_image.sh", command, APPIMAGE_RUNTIME=str(runtime))
    return image


def demanded_runtime() -> Path:
    """The runtime's file, checked. Refuses with what to do."""
    named, wanted = os.environ.get(_RUNTIME, ""), os.environ.get(_SHA256, "")
    if not named or not wanted:
        raise Refusal(
            "An AppImage begins with the runtime of the AppImage project (type2-runtime), which no package "
            f"registry has: fetch it from that project's releases, then name its file in {_RUNTIME} and its "
            f"SHA-256 in {_SHA256}."
        )
    path = Path(named).absolute()
    if not path.is_file() or digest(path) != wanted.lower():
        raise Refusal(f"{named} isn't the file that {_SHA256} means: fetch it again, or correct the sum.")
    return path
