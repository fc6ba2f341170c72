"""A file of a person's own: whole at its place, or nothing of it anywhere, and what is wrong in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from cort_desktop.errors import StorageError, UsageError
from cort_desktop.storage.whole_file import whole_file


def write(path: Path, text: bytes = b"new", *, replace: bool = False) -> None:
    with whole_file(path, replace=replace) as file:
        file.write(text)


def test_what_is_there_is_only_replaced_where_that_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "export.md"
    write(path, b"first")
    with pytest.raises(UsageError, match="is there already"):
        write(path)
    assert path.read_bytes() == b"first"
    write(path, replace=True)
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_what_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    def half(path: Path) -> None:
        with whole_file(path, replace=False) as file:
            file.write(b"half")
            raise KeyError

    with pytest.raises(KeyError):
        half(tmp_path / "export.md")
    assert list(tmp_path.iterdir()) == []


def test_a_place_where_no_file_can_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for place in ("x" * 300, "file/export.md", "nowhere/export.md"):
        with pytest.raises(StorageError, match="can't be written"):
            write(tmp_path / place)
    with pytest.raises(UsageError, match="is a folder"):
        write(tmp_path)
