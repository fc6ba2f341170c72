"""Connections to the database file, each with the same safe settings, and a pool of those that read.

What the file must look like is ``migrations.py``; which kind of connection is right is decided in
``database.py``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import apsw

from cort_desktop.errors import StorageError

BUSY_TIMEOUT_MS = 5000
AUTOCHECKPOINT_PAGES = 1000

Access = Literal["write", "read", "immutable"]
"""immutable: read a file that nobody can change, without a lock, in a folder that takes no further file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the database is and how patient to be with others. ``vfs`` names another file system (for
    tests).
    """

    path: Path
    busy_timeout_ms: int = BUSY_TIMEOUT_MS
    vfs: str | None = None


def connect(source: Source, access: Access) -> apsw.Connection:
    """A connection to ``source``. Raises apsw.Error."""
    name = source.path.absolute().as_uri() + ("?immutable=1" if access == "immutable" else "")
    flags = apsw.SQLITE_OPEN_READWRITE if access == "write" else apsw.SQLITE_OPEN_READONLY
    connection = apsw.Connection(name, flags=flags | apsw.SQLITE_OPEN_URI, vfs=source.vfs)
    try:
        connection.set_busy_timeout(source.busy_timeout_ms)
        _settle(connection)
        if access != "write":
            connection.execute("PRAGMA query_only = ON")
    except apsw.Error:
        connection.close()
        raise
    return connection


def empty() -> apsw.Connection:
    """A database of nothing, in memory: what can be read where no file can be made."""
    return apsw.Connection(":memory:")


def prepare_for_writing(connection: apsw.Connection) -> None:
    """Write-ahead log and full synchronisation. Raises apsw.Error, ReadOnlyError where it can't be
    written.
    """
    if connection.readonly("main"):
        raise apsw.ReadOnlyError("the file is read-only")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what a person deleted for good is overwritten
    connection.execute(f"PRAGMA wal_autocheckpoint = {AUTOCHECKPOINT_PAGES}")


def finish_writing(connection: apsw.Connection) -> None:
    """Move the log into the file, if nobody reads it just now, and close. Never fails: the log is safe on
    disk.
    """
    try:
        connection.set_busy_timeout(0)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except apsw.Error:
        pass  # nothing is lost: whoever opens the database next reads the log
    try:
        connection.close()
    except apsw.Error:
        connection.close(force=True)


def _settle(connection: apsw.Connection) -> None:
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")


class Readers:
    """Idle reading connections. As many are open as there were ever readers at once."""

    def __init__(self, open_one: Callable[[], apsw.Connection]) -> None:
        self._open_one = open_one
        self._lock = threading.Lock()
        self._idle: list[apsw.Connection] = []
        self._closed = False

    @contextmanager
    def one(self) -> Iterator[apsw.Connection]:
        """A connection for the length of the block, in one transaction: what it reads belongs together."""
        with self._lock:
            if self._closed:
                raise StorageError("The database is closed: nothing can be read. Start the program again.")
            connection = self._idle.pop() if self._idle else None
        connection = connection or self._open_one()
        sound = False
        try:
            connection.execute("BEGIN")
            yield connection
            connection.execute("ROLLBACK")
            sound = True
        finally:
            self._give_back(connection, sound=sound)

    def close(self) -> None:
        """Close what is idle now; what is in use closes when it is given back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _give_back(self, connection: apsw.Connection, *, sound: bool) -> None:
        with self._lock:
            if sound and not self._closed:
                self._idle.append(connection)
                return
        connection.close(force=True)  # without asking whether its last statement ended well
