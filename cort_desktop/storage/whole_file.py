"""A file of a person's own, written whole or not at all: beside its place first, then put there.

What stands there already is only replaced where that is wanted. What is written is somebody else's.
"""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from cort_desktop.errors import StorageError, UsageError

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextlib.contextmanager
def whole_file(path: Path, *, replace: bool) -> Iterator[IO[bytes]]:
    """A file to write; what was written stands at ``path`` when the block ends well, and nowhere when not.

    replace: put it in the place of a file that is there. Only this user may read it. Raises UsageError when
    there is a file and it is not to be replaced, StorageError when it can't be written.
    """
    place = Path(os.path.realpath(path))  # a link to a file kept elsewhere stays a link
    _refuse_existing(path, place, replace=replace)
    with _said(path):
        descriptor, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name[:100]}.", suffix=".tmp")
    try:
        with _said(path), os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _refuse_existing(path, place, replace=replace)
        with _said(path):
            os.replace(name, place)  # noqa: PTH105 - the name is a text here
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)  # noqa: PTH108
        raise
    _sync_folder(place.parent)


def _refuse_existing(path: Path, place: Path, *, replace: bool) -> None:
    with _said(path):
        is_folder, is_there = place.is_dir(), place.exists()
    if is_folder:
        raise UsageError(f"{path} is a folder. Name the file that is to be written.")
    if not replace and is_there:
        raise UsageError(
            f"{path} is there already, and is left as it is. Name another file, or have it replaced with "
            "--force."
        )


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):  # the file is there; not every file system can sync a folder
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def _said(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise StorageError(
                f"There is no room for {path}: nothing was written. Free some space, or name a place on "
                "another disk."
            ) from error
        raise StorageError(
            f"{path} can't be written ({error.strerror or error}). Name a place where you may write."
        ) from error
