"""All that a database file says, value by value, for whoever looks for something that must not be in it.

The bytes of the file itself don't tell: a long text is cut into pages that lie anywhere. Read as of one
moment beside whoever writes. Not here: what is looked for.
"""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import apsw

from cort_desktop.storage.connections import Source, connect
from cort_desktop.storage.faults import storage_error

_HEADER = b"SQLite format 3\0"
_MOST_BYTES = 64 * 1024 * 1024
"""Of one value when it is unpacked; no text of a run is as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredText:
    """One value as bytes, and the words that name its place."""

    place: str
    body: bytes


def is_database(file: IO[bytes]) -> bool:
    """Whether a file, which is at its beginning and stays there, is one of SQLite's. Raises OSError."""
    start = file.read(len(_HEADER))
    file.seek(0)
    return start == _HEADER


def stored_texts(path: Path) -> Generator[StoredText, None, None]:
    """Every text and blob in the tables of a database.

    Raises StorageError when it can't be read to its end.
    """
    try:
        # Without a log nobody has the file open; a reading connection would make one, and leave it there.
        is_open = path.with_name(f"{path.name}-wal").exists()
        connection = connect(Source(path=path), "read" if is_open else "immutable")
        try:
            for table in _tables(connection):
                yield from _values(connection, table)
        finally:
            connection.close()
    except apsw.Error as error:
        raise storage_error(error, path) from error


def _tables(connection: apsw.Connection) -> list[str]:
    """Ordinary ones; those of an index hold words of other tables, in a shape of their own."""
    rows = connection.execute(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    )
    return [str(name) for (name,) in rows]


def _values(connection: apsw.Connection, table: str) -> Iterator[StoredText]:
    columns = [
        (str(name), bool(key))
        for name, key in connection.execute("SELECT name, pk FROM pragma_table_info(?)", (table,))
    ]
    names = [name for name, _ in columns]
    keys = [at for at, (_, is_key) in enumerate(columns) if is_key] or [0]
    for row in connection.execute(f"SELECT {', '.join(map(_quoted, names))} FROM {_quoted(table)}"):  # noqa: S608
        for name, value in zip(names, row, strict=True):
            if isinstance(value, str | bytes):
                where = ", ".join(f"{names[at]} {row[at]}" for at in keys)
                body = value.encode(errors="surrogatepass") if isinstance(value, str) else _unpacked(value)
                yield StoredText(place=f"table {table}, {where}, column {name}", body=body)


def _unpacked(value: bytes) -> bytes:
    """What was packed by zlib, as texts of runs are, unpacked; anything else as it is."""
    try:
        return zlib.decompressobj().decompress(value, _MOST_BYTES)
    except zlib.error:
        return value


def _quoted(name: str) -> str:
    """A name as SQL has it; it is the file's own, and a file may come from anywhere."""
    return '"' + name.replace('"', '""') + '"'
