"""What SQLite reports, in plain words: what happened, to which file, what to do next.

The only translation of apsw's errors; everything above sees StorageError.
"""

from __future__ import annotations

import errno
from pathlib import Path

import apsw

from cort_desktop.errors import StorageError

ELSEWHERE = "set CORT_DESKTOP_HOME to another folder"


def storage_error(error: apsw.Error, path: Path, *, os_error: int = 0) -> StorageError:
    """The StorageError for ``error``, met at the database ``path``; ``os_error`` is the system's own
    number.
    """
    if isinstance(error, apsw.FullError) or os_error == errno.ENOSPC:
        return StorageError(
            f"The disk is full: {path} could not be written. What was saved before is safe; "
            "free some space and what is new is saved too."
        )
    for kinds, words in _SENTENCES:
        if isinstance(error, kinds):
            return StorageError(words.format(path=path, elsewhere=ELSEWHERE, detail=error))
    return StorageError(f"{path} could not be used ({error}). Try again; if it happens again, report it.")


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
