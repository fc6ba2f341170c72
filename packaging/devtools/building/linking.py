"""What programs and libraries ask the system's linker for, read from the files themselves.

A bundle runs where all of it is found: the names that no file of the bundle has must come from the system.
"""

import re
from pathlib import Path
from typing import NamedTuple

ELF = b"\x7fELF"
_GLIBC = re.compile(r"GLIBC_(\d+)\.(\d+)(?:\.\d+)?$")
_LINKERS = ("ld-linux", "linux-vdso")


class Wanted(NamedTuple):
    """From the system: the names of shared libraries, and the least version of the C library."""

    libraries: tuple[str, ...]
    glibc: tuple[int, int]


def needed(path: Path) -> list[str]:
    """The file names of the libraries that a program or library is linked with, not those behind them."""
    if not is_elf(path):
        from PyInstaller.depend.bindepend import get_imports  # of Windows and macOS it tells just these

        return [Path(name).name for name, _ in get_imports(str(path))]
    from elftools.elf.elffile import ELFFile

    with path.open("rb") as file:
        section = ELFFile(file).get_section_by_name(".dynamic")
        return [tag.needed for tag in section.iter_tags("DT_NEEDED")] if section is not None else []


def wanted_of_system(folder: Path) -> Wanted:
    """What all files below `folder` want that is not among them."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and is_elf(path)]
    own = {path.name for path in folder.rglob("*")}
    names = {name for path in files for name in needed(path)}
    return Wanted(
        tuple(sorted(name for name in names - own if not name.startswith(_LINKERS))),
        max((version for path in files for version in _glibc_versions(path)), default=(0, 0)),
    )


def offered_versions(path: Path) -> list[str]:
    """The version names that a library offers to those that are linked with it, as `GLIBC_2.36`."""
    from elftools.elf.elffile import ELFFile
    from elftools.elf.gnuversions import GNUVerDefSection

    with path.open("rb") as file:
        section = ELFFile(file).get_section_by_name(".gnu.version_d")
        if not isinstance(section, GNUVerDefSection):
            return []
        return [next(names).name for _, names in section.iter_versions()]


def is_elf(path: Path) -> bool:
    """Whether it is a program or library of Linux."""
    with path.open("rb") as file:
        return file.read(len(ELF)) == ELF


def has_debug_data(path: Path) -> bool:
    """Whether a library carries symbols that only a debugger reads."""
    from elftools.elf.elffile import ELFFile

    with path.open("rb") as file:
        elf = ELFFile(file)
        return any(elf.get_section_by_name(name) is not None for name in (".symtab", ".debug_info"))


def searches_elsewhere(path: Path) -> bool:
    """Whether it looks for libraries in a folder of the machine that built it."""
    from elftools.elf.elffile import ELFFile

    with path.open("rb") as file:
        section = ELFFile(file).get_section_by_name(".dynamic")
        if section is None:
            return False
        tags = [*section.iter_tags("DT_RUNPATH"), *section.iter_tags("DT_RPATH")]
        return any(getattr(tag, "runpath", getattr(tag, "rpath", "")).startswith("/") for tag in tags)


def _glibc_versions(path: Path) -> list[tuple[int, int]]:
    from elftools.elf.elffile import ELFFile
    from elftools.elf.gnuversions import GNUVerNeedSection

    with path.open("rb") as file:
        section = ELFFile(file).get_section_by_name(".gnu.version_r")
        if not isinstance(section, GNUVerNeedSection):
            return []
        names = [each.name for _, versions in section.iter_versions() for each in versions]
    found = (_GLIBC.match(name) for name in names)
    return [(int(each[1]), int(each[2])) for each in found if each is not None]
