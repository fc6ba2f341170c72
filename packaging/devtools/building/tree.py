"""Folders of files as they are packed: with modes and times that depend on nothing but the build."""

import os
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

from devtools.building.linking import is_elf

_FOLDER, _FILE, _PROGRAM = 0o755, 0o644, 0o755


def make_even(folder: Path, stamp: int) -> None:
    """Give everything below `folder`, and itself, the same times, and the modes of a package."""
    for path in [*sorted(folder.rglob("*"), reverse=True), folder]:
        if not path.is_symlink():
            path.chmod(_FOLDER if path.is_dir() else _PROGRAM if _is_program(path) else _FILE)
            os.utime(path, (stamp, stamp))
        elif os.utime in os.supports_follow_symlinks:  # not on Windows
            os.utime(path, (stamp, stamp), follow_symlinks=False)


def copy_linked(source: Path, target: Path) -> None:
    """A second folder with the same files, which take no room; links stay links."""
    shutil.copytree(source, target, symlinks=True, copy_function=_link)


def pack(folder: Path, archive: Path, *, name: str, stamp: int) -> None:
    """A tar archive of `folder` under `name`, in one order, owned by nobody in particular."""

    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        entry.mtime = stamp
        return entry

    with tarfile.open(archive, "w", format=tarfile.GNU_FORMAT) as tar:
        tar.add(folder, arcname=name, recursive=False, filter=plain)
        for path in sorted(folder.rglob("*")):
            tar.add(path, arcname=f"{name}/{path.relative_to(folder)}", recursive=False, filter=plain)


def files_of(folder: Path) -> Iterator[Path]:
    """All files below `folder` in one order; links are none."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def bytes_of(folder: Path) -> int:
    """The size of all files below `folder`."""
    return sum(path.stat().st_size for path in files_of(folder))


def _is_program(path: Path) -> bool:
    if ".so" in path.name:
        return False
    if path.suffix in {".sh", ""} and path.stat().st_mode & 0o100:
        with path.open("rb") as file:
            return file.read(2) == b"#!" or is_elf(path)
    return False


def _link(source: str, target: str) -> str:
    os.link(source, target, follow_symlinks=False)
    return target
