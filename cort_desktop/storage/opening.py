"""How a database file is opened without ever harming it.

First a look with a connection that can't write: whose file is it, which version, is it sound after a crash.
Only then is it opened for writing and brought up to date. What can't be written is opened for reading, with a
sentence.
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
from cort_desktop.storage.faults import ELSEWHERE, damaged, storage_error
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
        if not os.path.exists(source.path):  # noqa: PTH110  Path.exists raises where it may not look
            return _nothing(
                _cant_save(f"The data folder {folder} can't be used ({error.strerror})"), migrations, None
            )
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
        access, version = _look(source, sound=not alone or _size(_beside(source.path, "-wal")) == 0)
        if version > latest(migrations):
            return _read_only(source, access, _newer(source.path, version, latest(migrations)), presence)
        if access == "write":
            try:
                writing = _open_for_writing(source, migrations)
            except _CANT_WRITE:
                access = "read"
            else:
                return Opened(reader=lambda: connect(source, "read"), writing=writing, presence=presence)
        problem = _cant_save(f"The data folder {source.path.parent} is read-only")
        if version == 0:
            return _nothing(problem, migrations, presence)
        if version < latest(migrations):
            raise StorageError(f"{problem} It is also of an older version, which has to be updated first.")
        return _read_only(source, access, problem, presence)
    except apsw.Error as error:
        raise storage_error(error, source.path) from error
    except OSError as error:
        raise StorageError(
            f"The database {source.path} can't be read ({error.strerror}). Check its permissions, "
            f"or {ELSEWHERE}."
        ) from error


def _make_private(path: Path) -> None:
    """The folder and the file, readable by this user alone. Raises OSError where they can't be made."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    for thing, mode in ((path.parent, 0o700), (path, 0o600), (_beside(path, "-wal"), 0o600)):
        with contextlib.suppress(PermissionError, FileNotFoundError):  # not ours to change, or not there
            if stat.S_IMODE(thing.stat().st_mode) & 0o077:
                thing.chmod(mode)


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
        except _CANT_WRITE:
            access = "immutable"
            connection = _connect_immutable(source)
    with contextlib.closing(connection):
        version = _version(connection, source.path)
        if not sound:
            _check_after_crash(connection, source)
        return access, version


def _connect_immutable(source: Source) -> apsw.Connection:
    log = _beside(source.path, "-wal")
    if _size(log):
        raise StorageError(
            f"The data folder {source.path.parent} is read-only and {log.name} in it holds changes "
            f"that can't be read so. Make the folder writable for this user, or {ELSEWHERE}."
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


def _cant_save(what: str) -> str:
    return f"{what}, so nothing can be saved: make it writable for this user, or {ELSEWHERE}."


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
