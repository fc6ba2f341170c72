"""The database file: opened carefully, written by one thread, read by any.

Opening never harms a file: one that is damaged, locked, of another program or of a newer version is left as
it is and named in a sentence. What can be read but not written is opened with ``problem`` set. What is stored
is ``run_log.py``, ``conversations.py`` and ``search_index.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import apsw

from cort_desktop.domain.calendar import Calendar
from cort_desktop.domain.clock import Clock
from cort_desktop.errors import StorageError
from cort_desktop.storage import opening
from cort_desktop.storage.connections import BUSY_TIMEOUT_MS, Readers, Source, finish_writing
from cort_desktop.storage.faults import storage_error
from cort_desktop.storage.file_lock import FileLock
from cort_desktop.storage.migrations import MIGRATIONS, Migration
from cort_desktop.storage.writer import PATIENCE_S, Chore, Work, Writer

T = TypeVar("T")
FILE = "cort.db"


class Database:
    """An open database. ``problem`` is None, or the sentence why nothing can be saved: then every write fails
    so.
    """

    def __init__(
        self,
        folder: Path,
        opened: opening.Opened,
        *,
        clock: Clock,
        calendar: Calendar | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.folder = folder
        self.path = folder / FILE
        self.clock = clock
        self.calendar = calendar or Calendar()
        self.problem = opened.problem
        self._presence: FileLock | None = opened.presence
        self._readers = Readers(opened.reader)
        self._connection = opened.writing
        self._writer: Writer | None = None
        if opened.writing is not None:
            self._writer = Writer(opened.writing, self._explain, patience_s=patience_s)

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        clock: Clock,
        calendar: Calendar | None = None,
        busy_timeout_ms: int = BUSY_TIMEOUT_MS,
        patience_s: float = PATIENCE_S,
        vfs: str | None = None,
        migrations: Sequence[Migration] = MIGRATIONS,
    ) -> Database:
        """The database in ``folder``, made where there is none.

        Raises StorageError when nothing can be read: damaged, locked, not ours, closed to this user.
        calendar: by which days are told apart; that of this computer. ``vfs`` and ``migrations`` are for
        tests.
        """
        source = Source(path=folder / FILE, busy_timeout_ms=busy_timeout_ms, vfs=vfs)
        opened = opening.open_file(source, migrations)
        return cls(folder, opened, clock=clock, calendar=calendar, patience_s=patience_s)

    def read(self, work: Callable[[apsw.Connection], T]) -> T:
        """The result of ``work`` on a reading connection, as of one moment. Any thread. Raises
        StorageError.
        """
        try:
            with self._readers.one() as connection:
                return work(connection)
        except apsw.Error as error:
            raise self._explain(error) from error

    def write(self, work: Work[T]) -> Future[T]:
        """Do ``work`` in a transaction on the writing thread; the future is done after the commit."""
        if self._writer is None:
            return self._refused()
        return self._writer.once(work)

    def write_in_order(self, key: str, work: Work[None]) -> Future[None]:
        """As ``write``, after all earlier work of ``key``; what fails is kept and tried again with the
        next.
        """
        if self._writer is None:
            return self._refused()
        return self._writer.in_order(key, work)

    def is_behind(self, key: str) -> bool:
        """Whether work of ``key`` is in memory only: on its way, or kept because it could not be saved."""
        return self._writer is not None and self._writer.is_behind(key)

    def forget(self, key: str) -> None:
        """Don't try the failed work of ``key`` again."""
        if self._writer is not None:
            self._writer.forget(key)

    def write_soon(self, chore: Chore, *, hurry: bool = False) -> None:
        """Do ``chore`` with the next write, or after a moment. It isn't told when that fails."""
        if self._writer is not None:
            self._writer.soon(chore, hurry=hurry)

    def close(self) -> None:
        """Save what waits and close everything. Raises StorageError when something could not be saved."""
        writer, self._writer = self._writer, None
        unsaved = writer.close() if writer is not None else None
        self._readers.close()
        if self._connection is not None:
            finish_writing(self._connection)
            self._connection = None
            self.problem = "The database is closed: nothing can be saved any more. Start the program again."
        if self._presence is not None:
            self._presence.release()
        if unsaved is not None:
            raise unsaved

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _refused(self) -> Future[T]:
        future: Future[T] = Future()
        future.set_exception(StorageError(self.problem or f"{self.path} is not open for writing."))
        return future

    def _explain(self, error: apsw.Error) -> StorageError:
        if self.problem is not None and isinstance(error, apsw.SQLError):
            return StorageError(self.problem)  # a newer database need not have what an older program asks for
        number = 0 if self._connection is None else self._connection.system_errno
        return storage_error(error, self.path, os_error=number if isinstance(error, apsw.IOError) else 0)
