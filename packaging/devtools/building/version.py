"""The one version number, read from `cort_desktop/__init__.py` without importing it, as others spell it."""

import re
from pathlib import Path

from devtools.building import publisher
from devtools.console import Refusal

_ASSIGNED = re.compile(r'^__version__ = "([0-9]+(?:\.[0-9]+)*)((?:a|b|rc|\.dev)[0-9]+)?"$', re.MULTILINE)
_WINDOWS_PARTS = 4

_WINDOWS_FILE = """VSVersionInfo(
  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3F, flags=0x0, OS=0x40004, fileType=0x1),
  kids=[
    StringFileInfo([StringTable("040904B0", [
      StringStruct("CompanyName", "{publisher}"),
      StringStruct("FileDescription", "CoRT Desktop"),
      StringStruct("FileVersion", "{version}"),
      StringStruct("LegalCopyright", "MIT licence"),
      StringStruct("OriginalFilename", "cort-desktop.exe"),
      StringStruct("ProductName", "CoRT Desktop"),
      StringStruct("ProductVersion", "{version}"),
    ])]),
    VarFileInfo([VarStruct("Translation", [1033, 1200])]),
  ],
)
"""


def version(top: Path) -> str:
    """The version as Python writes it, for example 1.2.0 or 1.2.0rc1. Raises Refusal."""
    return "".join(_parts(top))


def package_version(top: Path) -> str:
    """As dpkg and rpm sort it: a release candidate comes before its release."""
    release, stage = _parts(top)
    return f"{release}~{stage.removeprefix('.')}" if stage else release


def windows_numbers(top: Path) -> tuple[int, ...]:
    """Four numbers, as Windows wants them."""
    numbers = [int(each) for each in _parts(top)[0].split(".")]
    return tuple((numbers + [0] * _WINDOWS_PARTS)[:_WINDOWS_PARTS])


def windows_version_text(top: Path) -> str:
    """What PyInstaller puts into a Windows program as its version information."""
    return _WINDOWS_FILE.format(
        numbers=windows_numbers(top), version=version(top), publisher=publisher.read(top).name
    )


def bundle_version_file(top: Path) -> str:
    """The path of a file with that text, written anew."""
    path = top / "dist" / "work" / "windows-version.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(windows_version_text(top), encoding="utf-8")
    return str(path)


def _parts(top: Path) -> tuple[str, str]:
    path = top / "cort_desktop" / "__init__.py"
    found = _ASSIGNED.search(path.read_text(encoding="utf-8"))
    if found is None:
        raise Refusal(
            f"{path.name} in cort_desktop/ has no version that can be packaged: write it like 1.2.0."
        )
    return found[1], found[2] or ""
