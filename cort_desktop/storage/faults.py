"""What SQLite reports, in plain words: what happened, to which file, what to do next.

The only translation of apsw's errors; everything above sees StorageError.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from pathlib import Path

import apsw

from cort_desktop.errors import StorageError

ELSEWHERE = "set CORT_DESKTOP_HOME to another folder"
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_ROOM_TO_OPEN = 128 << 10
"""Bytes that SQLite needs beside the file before the first page can be written."""


def storage_error(error: apsw.Error, path: Path, *, os_error: int = 0) -> StorageError:
    """The StorageError for ``error``, met at the database ``path``; ``os_error`` is the system's own
    number.
    """
    if os_error in _NO_ROOM or is_full(error, path.parent):
        return StorageError(
            f"The disk is full: {path} could not be written. What was saved before is safe; what is new is "
            "kept in memory until this program ends: free some space before that, and it is saved too."
        )
    for kinds, words in _SENTENCES:
        if isinstance(error, kinds):
            return StorageError(words.format(path=path, elsewhere=ELSEWHERE, detail=error))
    return StorageError(f"{path} could not be used ({error}). Try again; if it happens again, report it.")


def is_full(error: apsw.Error | None, folder: Path) -> bool:
    """Whether ``error`` comes of a disk without room, which SQLite doesn't always know: the disk is asked."""
    if isinstance(error, apsw.FullError):
        return True
    return (error is None or isinstance(error, apsw.IOError | apsw.CantOpenError)) and _out_of_room(folder)


def cant_save(folder: Path, error: OSError | apsw.Error | None = None) -> str:
    """Why nothing can be saved in the data ``folder``, and what to do: there is no room, or it is
    read-only.
    """
    if isinstance(error, OSError):
        full = error.errno in _NO_ROOM
        read_only = error.errno in (errno.EROFS, errno.EACCES, errno.EPERM) and folder.is_dir()
    else:
        read_only = not os.access(folder, os.W_OK)  # such disks, a CD's for one, are full by their nature
        full = not read_only and is_full(error, folder)
    if full:
        return (
            f"The disk is full, so nothing can be saved in the data folder {folder}: free some space and "
            f"start the program again, or {ELSEWHERE} on another disk."
        )
    what = (
        "is read-only" if read_only or not isinstance(error, OSError) else f"can't be used ({error.strerror})"
    )
    return (
        f"The data folder {folder} {what}, so nothing can be saved: make it writable for this user, "
        f"or {ELSEWHERE}."
    )


def _out_of_room(folder: Path) -> bool:
    """Whether not even a small file fits on the disk of ``folder``."""
    try:
        if shutil.disk_usage(folder).free < _ROOM_TO_OPEN:
            return True
        if sys.platform == "win32":
            return False
        disk = os.statvfs(folder)
    except OSError:
        return False
    return disk.f_files > 0 and disk.f_favail == 0


def damaged(path: Path, detail: str) -> StorageError:
    """The database is not sound; it has been left alone."""
    return StorageError(_DAMAGED.format(path=path, detail=detail, elsewhere=ELSEWHERE))


_DAMAGED = (
    "The database {path} is damaged ({detail}). Nothing was deleted. Put back a copy of the file, "
    "or {elsewhere}."
)
_LOCKED = (
    "The database {path} is locked by another program. Close that program or wait for it, then try again."
)
_READ_ONLY = "The database {path} is read-only. Make it writable for this user, or {elsewhere}."
_CLOSED_OFF = "The database {path} can't be opened. Make its folder usable for this user, or {elsewhere}."
_DISK = "The disk reported an error on {path} ({detail}). Check the disk, then try again."
_TOO_BIG = "A text is too long to be stored in {path}: the limit is one gigabyte."
_MEMORY = "There was not enough memory to use {path}. Close other programs, then try again."
_SENTENCES: tuple[tuple[tuple[type[apsw.Error], ...], str], ...] = (
    ((apsw.BusyError, apsw.LockedError), _LOCKED),
    ((apsw.CorruptError, apsw.NotADBError, apsw.FormatError), _DAMAGED),
    ((apsw.ReadOnlyError, apsw.PermissionsError, apsw.AuthError), _READ_ONLY),
    ((apsw.CantOpenError,), _CLOSED_OFF),
    ((apsw.IOError,), _DISK),
    ((apsw.TooBigError,), _TOO_BIG),
    ((apsw.NoMemError,), _MEMORY),
)
