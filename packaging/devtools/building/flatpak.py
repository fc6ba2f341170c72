"""The manifest for Flatpak, of the archive that was built; flatpak-builder reads it where it is installed.

Building the Flatpak itself needs Flathub's runtime and isn't done here.
"""

import os
import shutil
from pathlib import Path

from devtools.building import publisher, steps, tarball
from devtools.building.places import NAME, BuildPlaces
from devtools.console import Refusal, say
from devtools.stamp import digest


def build(places: BuildPlaces) -> list[Path]:
    """Write it for the archive without the model, and have it read; it isn't for people to download."""
    if NAME not in places.variants:
        return []
    archive = tarball.archive_of(places, NAME)
    if not archive.is_file():
        raise Refusal(f"The manifest needs {archive.name}: run `dev.py build bundle tarball flatpak`.")
    manifest = write(places, archive, places.work / "flatpak")
    if shutil.which("flatpak-builder") is None:
        say("flatpak-builder isn't here, so nothing has read the manifest.")
    else:
        show(places, manifest)
    return []


def write(places: BuildPlaces, archive: Path, folder: Path) -> Path:
    """The manifest of one archive, in a folder of its own."""
    text = (places.packaging / "flatpak" / "manifest.yml.in").read_text(encoding="utf-8")
    maker = publisher.read(places.top)
    text = publisher.filled(text, maker)
    text = text.replace("@ARCHIVE@", os.path.relpath(archive, folder)).replace("@SHA256@", digest(archive))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{maker.id}.yml"
    path.write_text(text, encoding="utf-8")
    return path


def show(places: BuildPlaces, manifest: Path) -> str:
    """The manifest as flatpak-builder understands it, in JSON. Refuses what it can't read."""
    command = ["flatpak-builder", "--show-manifest", manifest.name]
    return steps.run(places, "flatpak-builder", command, within=manifest.parent)  # where it keeps a cache
