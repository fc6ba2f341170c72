"""What macOS is told of the program: who it is, that it has a window, and which files are its own.

Signing and the disk image are `packaging/macos/make_image.sh`'s matter.
"""

import shutil
from pathlib import Path
from typing import Any

from devtools.building import licences, publisher
from devtools.building.places import BuildPlaces
from devtools.building.version import version, windows_numbers

APP = "CoRT Desktop.app"
OLDEST = "13.0"
"""That of the Qt which comes along."""
SUFFIX, MEDIA_TYPE = "cort", "application/vnd.cort-desktop"


def identifier(top: Path) -> str:
    """The program's id as macOS has them: letters, digits, hyphens and dots."""
    return publisher.read(top).id.replace("_", "-")


def info(top: Path) -> dict[str, Any]:
    """What the bundle's Info.plist says besides what PyInstaller writes there."""
    document = f"{identifier(top)}.conversation"
    name = "CoRT Desktop conversation"
    return {
        "CFBundleDisplayName": "CoRT Desktop",
        "CFBundleShortVersionString": version(top),
        "CFBundleVersion": ".".join(str(each) for each in windows_numbers(top)[:3]),
        "LSBackgroundOnly": False,  # else PyInstaller sets it for what can be used in a terminal, too
        "LSMinimumSystemVersion": OLDEST,
        "NSHighResolutionCapable": True,
        "NSHumanReadableCopyright": f"{publisher.read(top).name}, MIT licence",
        "NSRequiresAquaSystemAppearance": False,
        "UTExportedTypeDeclarations": [
            {
                "UTTypeIdentifier": document,
                "UTTypeDescription": name,
                "UTTypeConformsTo": ["public.data"],
                "UTTypeTagSpecification": {
                    "public.filename-extension": [SUFFIX],
                    "public.mime-type": [MEDIA_TYPE],
                },
            }
        ],
        "CFBundleDocumentTypes": [
            {
                "CFBundleTypeName": name,
                "CFBundleTypeRole": "Editor",
                "LSHandlerRank": "Owner",
                "LSItemContentTypes": [document],
            }
        ],
    }


def add_licences(places: BuildPlaces) -> None:
    """Put the texts of the folder into the app, which PyInstaller made before; it is signed later."""
    target = places.bundle.parent / APP / "Contents" / "Resources"
    for name in licences.OWN:
        shutil.copyfile(places.bundle / name, target / name)
    shutil.copytree(places.bundle / licences.FOLDER, target / licences.FOLDER, dirs_exist_ok=True)
