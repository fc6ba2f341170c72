"""How a database file is opened without ever harming it.

First a look with a connection that can't write: whose file is it, which version, is it sound after a crash.
Only then is it opened for writing and brought up to date. What can't be written, because it is read-only or
the disk is full, is opened for reading, with a sentence. Only what is known not to be there is an empty
library.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import apsw

from cort_desktop.errors import StorageError
from cort_desktop.storage.connections import Access, Source, connect, empty, prepare_for_writing
from cort_desktop.storage.faults import ELSEWHERE, cant_save, damaged, is_full, storage_error
from cort_desktop.storage.file_lock import FileLock
from cort_desktop.storage.migrations import APPLICATION_ID, Migration, latest, migrate, version_of
from cort_desktop.storage.owners import FOLDER as OWNERS

_MAGIC = b"SQLite format 3\0"
_CHECKED_UP_TO = 48 << 20
"""Bytes whose pages are all looked at after a crash; more would take longer than a start may."""
_CANT_WRITE = (apsw.ReadOnlyError, apsw.CantOpenError, apsw.PermissionsError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What could be opened: how to read, and either the writing connection or the problem that there is none.

    presence tells other processes that this one has the database open; None where that can't be told.
    """

    reader: Callable[[], apsw.Connection]
    writing: apsw.Connection | None = None
    problem: str | None = None
    presence: FileLock | None = None


def open_file(source: Source, migrations: Sequence[Migration]) -> Opened:
    """Open ``source``, made where there is none. Raises StorageError when nothing can be read."""
    folder = source.path.parent
    try:
        _make_private(source.path)
    except OSError as error:
        if _is_missing(source.path):
            return _nothing(cant_save(folder, error), migrations, None)
    presence, alone = _enter(folder)
    try:
        return _open_existing(source, migrations, presence, alone=alone)
    except BaseException:
        if presence is not None:
            presence.release()
        raise


def _open_existing(
    source: Source, migrations: Sequence[Migration], presence: FileLock | None, *, alone: bool
) -> Opened:
    try:
        _check_bytes(source.path)
        return _open_checked(source, migrations, presence, alone=alone)
    except apsw.Error as error:
        raise storage_error(error, source.path) from error
    except IsADirectoryError as error:
        raise StorageError(
            f"{source.path} is a folder, where a file is needed: move it away, or {ELSEWHERE}."
        ) from error
    except OSError as error:
        raise StorageError(
            f"The database {source.path} can't be read ({error.strerror}). Check its permissions, "
            f"or {ELSEWHERE}."
        ) from error


def _open_checked(
    source: Source, migrations: Sequence[Migration], presence: FileLock | None, *, alone: bool
) -> Opened:
    access, version = _look(source, sound=not alone or _size(_beside(source.path, "-wal")) == 0)
    if version > latest(migrations):
        return _read_only(source, access, _newer(source.path, version, latest(migrations)), presence)
    why: apsw.Error | None = None
    if access == "write":
        try:
            writing = _open_for_writing(source, migrations)
        except apsw.Error as error:
            if not _keeps_from_writing(error, source):
                raise
            access, why = "read", error
        else:
            return Opened(reader=lambda: connect(source, "read"), writing=writing, presence=presence)
    problem = cant_save(source.path.parent, why)
    if version == 0:
        return _nothing(problem, migrations, presence)
    if version < latest(migrations):
        raise StorageError(f"{problem} It is also of an older version, which has to be updated first.")
    return _read_only(source, access, problem, presence)


def _make_private(path: Path) -> None:
    """The folder and the file, readable by this user alone. Raises OSError where they can't be made."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    for thing, mode in ((path.parent, 0o700), (path, 0o600), (_beside(path, "-wal"), 0o600)):
        with contextlib.suppress(PermissionError, FileNotFoundError):  # not ours to change, or not there
            found = thing.stat().st_mode
            if stat.S_IMODE(found) & 0o077 and (thing == path.parent or stat.S_ISREG(found)):
                thing.chmod(mode)


def _is_missing(path: Path) -> bool:
    """Whether there is no database. Raises StorageError where that can't be seen: it may be a full one."""
    folder = path.parent
    try:
        path.stat()
        return False
    except FileNotFoundError:
        if folder.is_dir() or not os.path.lexists(folder):
            return True
        why = "it is not a folder"
    except OSError as error:
        why = error.strerror or type(error).__name__
    raise StorageError(
        f"The data folder {folder} can't be used ({why}), so nothing in it can be read or saved: make it a "
        f"folder that this user may read and write, or {ELSEWHERE}."
    )


def _enter(folder: Path) -> tuple[FileLock | None, bool]:
    """Tell others that we are here; and whether nobody else is."""
    try:
        (folder / OWNERS).mkdir(mode=0o700, exist_ok=True)
        file = folder / OWNERS / "database.open"
        lock = FileLock.take(file)
        if lock is None:
            return FileLock.take(file, shared=True), False
        lock.share()
    except OSError:
        return None, False
    return lock, True


def _check_bytes(path: Path) -> None:
    """Refuse what SQLite would take for an empty database and overwrite. Raises StorageError, OSError."""
    with path.open("rb") as file:
        head = file.read(len(_MAGIC))
    log = _beside(path, "-wal")
    if not head and _size(log):
        raise damaged(path, f"it is empty, but {log.name} beside it holds changes")
    if head and head != _MAGIC:
        raise damaged(path, "it does not begin like a database")


def _look(source: Source, *, sound: bool) -> tuple[Access, int]:
    """How the file can be opened and its version; its pages are checked unless known to be ``sound``."""
    access: Access = "write"
    if _size(_beside(source.path, "-journal")):
        connection = connect(source, "write")  # a crash in the first second: only a writer may roll it back
    else:
        try:
            connection = connect(source, "read")
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        except apsw.Error as error:
            if not _keeps_from_writing(error, source):
                raise
            access = "immutable"
            connection = _connect_immutable(source, error)
    with contextlib.closing(connection):
        version = _version(connection, source.path)
        if not sound:
            _check_after_crash(connection, source)
        return access, version


def _keeps_from_writing(error: apsw.Error, source: Source) -> bool:
    """Whether the file may still be read: it, or the disk, only takes nothing new."""
    return isinstance(error, _CANT_WRITE) or is_full(error, source.path.parent)


def _connect_immutable(source: Source, error: apsw.Error) -> apsw.Connection:
    folder, log = source.path.parent, _beside(source.path, "-wal")
    if _size(log):
        full = os.access(folder, os.W_OK) and is_full(error, folder)
        what, todo = (
            ("The disk is full", f"Free some space on the disk of {folder}")
            if full
            else (f"The data folder {folder} is read-only", "Make the folder writable for this user")
        )
        raise StorageError(
            f"{what} and {log.name} in it holds changes that can't be read so. {todo}, or {ELSEWHERE}."
        )
    return connect(source, "immutable")


def _version(connection: apsw.Connection, path: Path) -> int:
    version = version_of(connection)
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").get
    owner = connection.pragma("application_id")
    if owner != APPLICATION_ID and (owner or version or tables):
        raise StorageError(
            f"{path} is a database of another program. It was not changed; move it away, or {ELSEWHERE}."
        )
    return version


def _check_after_crash(connection: apsw.Connection, source: Source) -> None:
    """A log was left: by a crash, or it is of another state of the file.

    Raises StorageError, apsw.Error.
    """
    if _size(source.path) <= _CHECKED_UP_TO:
        found = connection.execute("PRAGMA quick_check(1)").get
        if found != "ok":
            raise damaged(source.path, str(found).strip().splitlines()[-1])
    with_log = _counters(connection)
    try:
        with contextlib.closing(connect(source, "immutable")) as file_alone:
            without_log = _counters(file_alone)
    except apsw.Error:
        return  # the crash came while the log was moved into the file: only together they are whole
    if any(count > with_log.get(table, 0) for table, count in without_log.items()):
        raise damaged(source.path, f"{_beside(source.path, '-wal').name} is of an earlier state of it")


def _counters(connection: apsw.Connection) -> dict[str, int]:
    """How far each table has ever counted: never less in a later state."""
    if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'").get is None:
        return {}
    return {
        str(table): int(str(count)) for table, count in connection.execute("SELECT * FROM sqlite_sequence")
    }


def _open_for_writing(source: Source, migrations: Sequence[Migration]) -> apsw.Connection:
    connection = connect(source, "write")
    try:
        prepare_for_writing(connection)
        migrate(connection, migrations)
    except apsw.Error:
        connection.close()
        raise
    return connection


def _read_only(source: Source, access: Access, problem: str, presence: FileLock | None) -> Opened:
    kind: Access = "immutable" if access == "immutable" else "read"
    return Opened(reader=lambda: connect(source, kind), problem=problem, presence=presence)


def _nothing(problem: str, migrations: Sequence[Migration], presence: FileLock | None) -> Opened:
    def reader() -> apsw.Connection:
        connection = empty()
        migrate(connection, migrations)
        return connection

    return Opened(reader=reader, problem=problem, presence=presence)


def _newer(path: Path, version: int, known: int) -> str:
    return (
        f"The database {path} was written by a newer version of CoRT Desktop (format {version}, "
        f"this one knows {known}). It can be read, but nothing is saved: install the newer version, "
        f"or {ELSEWHERE}."
    )


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
