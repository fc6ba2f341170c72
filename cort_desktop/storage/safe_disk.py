"""diskcache's ``Disk`` without its dangers: what is read back is text or bytes of a row, and nothing else.

diskcache 5.6.3 unpickles rows and keys (CVE-2025-69872), its own ``JSONDisk`` included, and opens or removes
whatever file a row names. Here no row is ever pickled, a row has no file, and one that says otherwise was not
written by this program: it is refused before anything of it is looked at. What the file's settings may be is
checked too, because diskcache sets its own attributes by their names.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NoReturn

from diskcache import UNKNOWN, Disk  # type: ignore[import-untyped]
from diskcache.core import DEFAULT_SETTINGS, METADATA, MODE_RAW  # type: ignore[import-untyped]

FILE_NAME: Final = "cache.db"
_INLINE_BYTES = 2**31 - 1
"""Everything lies in its row: there are no other files that could be named, planted or left over."""
SETTINGS: Final[Mapping[str, int | str]] = {
    **DEFAULT_SETTINGS,
    "cull_limit": 2,
    "disk_min_file_size": _INLINE_BYTES,
    "sqlite_cell_size_check": 1,
    "sqlite_mmap_size": 0,
    "sqlite_secure_delete": 1,
    "sqlite_trusted_schema": 0,
    "sqlite_wal_autocheckpoint": 256,
}
_CHANGING = ("size_limit", *METADATA)
_PARTS = frozenset(
    {
        *(("table", name) for name in ("Settings", "Cache")),
        *(("trigger", f"Settings_count_{what}") for what in ("insert", "delete")),
        *(("trigger", f"Settings_size_{what}") for what in ("insert", "update", "delete")),
        *(("index", f"Cache_{columns}") for columns in ("key_raw", "expire_time", "store_time")),
        ("index", "sqlite_autoindex_Settings_1"),
    }
)
"""What diskcache makes with these settings."""


class RefusedRowError(ValueError):
    """A row, or the file it is in, that this program has not written."""


class SafeDisk(Disk):  # type: ignore[misc]  # diskcache ships no types
    """Texts as keys, bytes as values, both in the row itself. Raises RefusedRowError for all else."""

    def put(self, key: Any) -> tuple[str, bool]:
        """A key for the table."""
        if not isinstance(key, str):
            _refuse(f"a key is a {type(key).__name__}")
        return key, True

    def get(self, key: Any, raw: Any) -> str:
        """A key from the table."""
        if not raw or not isinstance(key, str):
            _refuse("a key is pickled")
        return key

    def store(self, value: Any, read: Any, key: Any = UNKNOWN) -> tuple[int, int, None, Any]:  # noqa: ARG002
        """A value for the table: (size of its file, mode, its file, the value)."""
        if read or not isinstance(value, bytes):
            _refuse(f"a value is a {type(value).__name__}")
        return 0, MODE_RAW, None, value

    def fetch(self, mode: Any, filename: Any, value: Any, read: Any) -> bytes:
        """A value from the table."""
        if read or mode != MODE_RAW or filename is not None or not isinstance(value, bytes):
            _refuse(f"a row has mode {mode!r} or names a file")
        return bytes(value)

    def filename(self, key: Any = UNKNOWN, value: Any = UNKNOWN) -> NoReturn:  # noqa: ARG002
        """No row has a file."""
        _refuse("a row wants a file")

    def remove(self, file_path: Any) -> None:
        """Remove nothing: no row has a file, and one that is named may be any file of this computer."""


def check_file(path: Path) -> None:
    """Look at a file before diskcache opens it. Raises RefusedRowError, or sqlite3.Error when it is none of
    SQLite's.
    """
    if path.is_symlink() or not path.is_file():
        _refuse("it is no plain file")
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    try:
        connection.execute("PRAGMA trusted_schema = 0")
        made = set(connection.execute("SELECT type, name FROM sqlite_schema"))
        if not made <= _PARTS:
            _refuse(f"it holds {sorted(made - _PARTS)!r:.80}")
        if ("table", "Settings") in made:
            _check_settings(connection.execute("SELECT key, value FROM Settings"))
    finally:
        connection.close()


def _check_settings(rows: Any) -> None:
    for key, value in rows:
        right = isinstance(value, int) if key in _CHANGING else key in SETTINGS and SETTINGS[key] == value
        if not right:
            _refuse(f"its setting {key!r:.60} is {value!r:.60}")


def _refuse(why: str) -> NoReturn:
    raise RefusedRowError(why)
