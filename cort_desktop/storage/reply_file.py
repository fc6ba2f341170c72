"""The file of kept answers: a diskcache of rows that are checked, for one thread.

A file that was tampered with or is damaged is set aside, once, and a new one begins: what one row of it says
can't be trusted when another one was planted. Everything else that can go wrong with a disk is raised as
StorageError and leaves the file as it is. Not here: threads, and what to do about errors
(``reply_cache.py``).
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import diskcache  # type: ignore[import-untyped]

from cort_desktop.domain.kept_replies import KeptEntry, KeptReply
from cort_desktop.errors import StorageError
from cort_desktop.storage.reply_rows import ROW_VERSION, from_row, from_tag, row_key, to_row
from cort_desktop.storage.safe_disk import FILE_NAME, SETTINGS, RefusedRowError, SafeDisk, check_file

_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600
_WAITS_S = 1.0
"""For another process that writes. Its turn is shorter, and an answer that isn't kept is no loss."""
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})
_EMPTY_THE_LOG = "PRAGMA wal_checkpoint(TRUNCATE)"
T = TypeVar("T")
Uses = tuple[int, datetime]
"""(how often, when last)."""
_PRIMARY = 0xFF
"""The last byte of an extended code of SQLite's is the plain one."""


class ReplyFile:
    """Answers by key. Every method blocks and raises StorageError; ``on_set_aside`` is told why a file was
    put away.
    """

    def __init__(self, folder: Path, aside: Path, *, on_set_aside: Callable[[str], None]) -> None:
        self.folder = folder
        self.aside = aside
        self._on_set_aside = on_set_aside
        self._cache: diskcache.Cache | None = None
        self._rows: sqlite3.Connection | None = None

    def get(self, key: str) -> KeptReply | None:
        """The answer under ``key``; None as well when it could not be believed."""

        def read(cache: diskcache.Cache, _rows: sqlite3.Connection) -> KeptReply | None:
            value, tag = cache.get(row_key(key), tag=True)
            return None if value is None else from_row(key, value, tag)

        return self._guarded(read, None)

    def put(self, key: str, reply: KeptReply, *, limit_bytes: int, expire_s: float) -> None:
        """Keep ``reply``, and let go of what then goes over ``limit_bytes`` or is too old."""
        value, tag = to_row(key, reply)

        def write(cache: diskcache.Cache, _rows: sqlite3.Connection) -> None:
            if cache.size_limit != limit_bytes:
                cache.reset("size_limit", limit_bytes)
                cache.cull()  # each answer lets go of two at most, which is slow when there is less room now
            cache.set(row_key(key), value, expire=expire_s, tag=tag)

        self._guarded(write, None, is_made=True)

    def used(self, uses: Mapping[str, Uses]) -> None:
        """Count uses. A row that is used is as good as the newest when room is needed: what was used longest
        ago goes first.
        """

        def count(_cache: diskcache.Cache, rows: sqlite3.Connection) -> None:
            rows.execute("BEGIN IMMEDIATE")
            with rows:
                rows.executemany(
                    "UPDATE Cache SET access_count = access_count + ?1, access_time = ?2,"
                    " store_time = (SELECT MAX(store_time) FROM Cache) WHERE key = ?3 AND raw = 1",
                    [(times, at.timestamp(), row_key(key)) for key, (times, at) in uses.items()],
                )

        self._guarded(count, None)

    def entries(self) -> tuple[KeptEntry, ...]:
        """All rows of this version, the latest first."""

        def listed(_cache: diskcache.Cache, rows: sqlite3.Connection) -> tuple[KeptEntry, ...]:
            found = rows.execute(
                "SELECT key, tag, access_count, access_time, length(value) + length(tag) FROM Cache"
                " WHERE raw = 1 AND key GLOB ?",
                (f"{ROW_VERSION}:*",),
            )
            return tuple(sorted((_entry(*row) for row in found), key=lambda each: each.made, reverse=True))

        return self._guarded(listed, ())

    def drop(self, keys: Collection[str]) -> int:
        """Forget answers, and let nothing of them stay behind, in the file or in one set aside; how many it
        were.
        """

        def forget(cache: diskcache.Cache, rows: sqlite3.Connection) -> int:
            gone = sum(bool(cache.delete(row_key(key))) for key in keys)
            rows.execute(_EMPTY_THE_LOG).fetchall()
            return gone

        gone = self._guarded(forget, 0)
        with _as_storage_error(self.folder):
            self._forget_aside()
        return gone

    def clear(self) -> int:
        """Forget everything, what was set aside too; how many answers there were."""

        def forget(cache: diskcache.Cache, rows: sqlite3.Connection) -> int:
            gone = int(cache.clear())
            rows.execute(_EMPTY_THE_LOG).fetchall()
            return gone

        count = self._guarded(forget, 0)
        with _as_storage_error(self.folder):
            self._forget_aside()
        return count

    def close(self) -> None:
        """Let go of the file."""
        rows, self._rows = self._rows, None
        cache, self._cache = self._cache, None
        if rows is not None:
            rows.close()
        if cache is not None:
            cache.close()

    def _opened(self) -> tuple[diskcache.Cache, sqlite3.Connection]:
        """The cache, and a connection of our own for what it has no words for."""
        if self._cache is None or self._rows is None:
            path = _private_file(self.folder)
            check_file(path)
            self._cache = diskcache.Cache(str(self.folder), timeout=_WAITS_S, disk=SafeDisk, **SETTINGS)
            self._rows = sqlite3.connect(path, timeout=_WAITS_S, isolation_level=None)
            self._rows.execute("PRAGMA synchronous = NORMAL")
        return self._cache, self._rows

    def _guarded(
        self, work: Callable[[diskcache.Cache, sqlite3.Connection], T], without: T, *, is_made: bool = False
    ) -> T:
        """What ``work`` brings; ``without`` when the file can't be believed, which is then set aside, or when
        there is none, unless it ``is_made`` for this. Raises StorageError.
        """
        try:
            with _as_storage_error(self.folder):
                if self._cache is None and not is_made and not os.path.lexists(self.folder / FILE_NAME):
                    return without
                return work(*self._opened())
        except RefusedRowError as error:
            self._set_aside(str(error))
            return without

    def _set_aside(self, why: str) -> None:
        self.close()
        with _as_storage_error(self.folder):
            self._forget_aside()
            self.folder.rename(self.aside)
        self._on_set_aside(why)

    def _forget_aside(self) -> None:
        if self.aside.is_symlink() or self.aside.is_file():
            self.aside.unlink()
        elif self.aside.exists():
            shutil.rmtree(self.aside)


@contextmanager
def _as_storage_error(folder: Path) -> Iterator[None]:
    """Raises RefusedRowError for a damaged file, StorageError for what is the disk's or another process's."""
    try:
        yield
    except diskcache.Timeout as error:
        raise StorageError(f"The kept answers in {folder} are being written by another program.") from error
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        if code is not None and code & _PRIMARY in _DAMAGED:
            raise RefusedRowError(f"it is damaged ({error})") from error
        raise StorageError(f"The kept answers in {folder} can't be read or written ({error}).") from error
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise StorageError(f"The kept answers in {folder} can't be read or written ({why}).") from error


def _private_file(folder: Path) -> Path:
    """The file's path, made so that only its owner can read it: SQLite gives what it puts beside it the same
    rights.
    """
    if folder.is_symlink():
        raise RefusedRowError("its folder is a link to another one")  # whose rights and files are not ours
    folder.parent.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)  # a parent made by the way is open
    folder.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
    path = folder / FILE_NAME
    if not path.is_symlink():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, _PRIVATE_FILE))
        for thing, mode in ((folder, _PRIVATE_FOLDER), (path, _PRIVATE_FILE)):
            if thing.stat().st_mode & 0o077:
                thing.chmod(mode)
    return path


def _entry(key: str, tag: str, used: object, used_at: object, size: object) -> KeptEntry:
    filing, made, cost_microusd = from_tag(tag)
    if not isinstance(used, int) or not isinstance(used_at, float) or not isinstance(size, int):
        raise RefusedRowError("a row's counts are no numbers")
    return KeptEntry(
        key=key.partition(":")[2],
        filing=filing,
        made=made,
        last_used=datetime.fromtimestamp(used_at, UTC) if used else None,
        used=used,
        bytes=size,
        cost_microusd=cost_microusd,
    )
