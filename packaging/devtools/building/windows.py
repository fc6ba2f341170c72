"""For Windows: the installer, compiled by makensis, and the bundle as a zip that needs no installation.

Runs on Windows after the step `bundle`; a person signs the programs in between, and the installer afterwards.
"""

import zipfile
from datetime import UTC, datetime
from pathlib import Path

from devtools.building import publisher, steps, tree
from devtools.building.places import NAME, BuildPlaces, epoch
from devtools.building.version import windows_numbers

_UNCHANGED = 0o100644 << 16


def build(places: BuildPlaces) -> list[Path]:
    """Installer and zip."""
    steps.demand("makensis")
    installer = places.dist / f"{NAME}-{places.version}-windows-x64-setup.exe"
    steps.run(places, "makensis", command(places, places.bundle, installer))
    return [installer, portable(places)]


def command(places: BuildPlaces, bundle: Path, installer: Path) -> list[str]:
    """How the installer of a bundle is compiled."""
    words = {
        "VERSION": places.version,
        "NUMBERS": ".".join(str(each) for each in windows_numbers(places.top)),
        "PUBLISHER": publisher.read(places.top).name,
        "BUNDLE": str(bundle),
        "ICON": str(places.icons / "app.ico"),
        "OUT": str(installer),
    }
    defines = [f"-D{name}={value}" for name, value in words.items()]
    return ["makensis", "-V2", "-WX", *defines, str(places.packaging / "windows" / "installer.nsi")]


def portable(places: BuildPlaces) -> Path:
    """The bundle as a zip: the same files give the same bytes."""
    archive = places.dist / f"{NAME}-{places.version}-windows-x64-portable.zip"
    at = datetime.fromtimestamp(epoch(places.top), UTC).timetuple()[:6]
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        for path in tree.files_of(places.bundle):
            entry = zipfile.ZipInfo(f"{NAME}/{path.relative_to(places.bundle).as_posix()}", at)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = _UNCHANGED
            made.writestr(entry, path.read_bytes())
    return archive
