"""A database value by value: every text, unpacked, with the words that name its place."""

from __future__ import annotations

import zlib
from pathlib import Path

import apsw
import pytest

from cort_desktop.errors import StorageError
from cort_desktop.storage.text_columns import is_database, stored_texts


def made(path: Path, *statements: str, values: tuple[object, ...] = ()) -> Path:
    connection = apsw.Connection(str(path))
    for statement in statements:
        connection.execute(statement, values if "?" in statement else ())
    connection.close()
    return path


def test_every_text_and_blob_is_given_with_its_place(tmp_path: Path) -> None:
    path = made(
        tmp_path / "x.db",
        'CREATE TABLE "a ""b" (n INTEGER PRIMARY KEY, "t ext" TEXT, body BLOB, number REAL)',
        'INSERT INTO "a ""b" VALUES (7, ?, ?, 1.5), (8, NULL, NULL, NULL)',
        "CREATE TABLE twice (x TEXT, y TEXT, PRIMARY KEY (y, x)) WITHOUT ROWID",
        "INSERT INTO twice VALUES ('one', 'two')",
        "CREATE VIRTUAL TABLE words USING fts5 (w)",
        values=("naïve", zlib.compress(b"packed " * 99)),
    )
    found = {each.place: each.body for each in stored_texts(path)}
    assert found == {
        'table a "b, n 7, column t ext': "naïve".encode(),
        'table a "b, n 7, column body': b"packed " * 99,
        "table twice, x one, y two, column x": b"one",
        "table twice, x one, y two, column y": b"two",
    }


def test_what_only_looks_packed_is_given_as_it_is(tmp_path: Path) -> None:
    path = made(
        tmp_path / "x.db",
        "CREATE TABLE t (b BLOB)",
        "INSERT INTO t VALUES (?)",
        values=(b"\x78\x9c not packed",),
    )
    assert [each.body for each in stored_texts(path)] == [b"\x78\x9c not packed"]


def test_looking_leaves_nothing_behind(tmp_path: Path) -> None:
    path = made(
        tmp_path / "x.db", "PRAGMA journal_mode = WAL", "CREATE TABLE t (x)", "INSERT INTO t VALUES ('v')"
    )
    assert [each.body for each in stored_texts(path)] == [b"v"]
    assert [each.name for each in tmp_path.iterdir()] == ["x.db"]
    with path.open("rb") as file:
        assert is_database(file)
        assert file.tell() == 0


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 4000)
    with pytest.raises(StorageError):
        list(stored_texts(path))
    path.write_bytes(b"text")
    with path.open("rb") as file:
        assert not is_database(file)
