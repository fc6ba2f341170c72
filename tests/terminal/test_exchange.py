"""``conversations export`` and ``import`` over a real library: what is printed where, and the exit code."""

from __future__ import annotations

import io
import itertools
import json
import zipfile
from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cort_desktop.services.exchange import ExchangeService
from cort_desktop.terminal.arguments import parse
from cort_desktop.terminal.main import main
from tests.fakes.desk import Desk, ask, asking, cort, desk
from tests.fakes.terminal import CapturedStreams

ASKED = "Why is the sky blue?"


class Books:
    """A library with two conversations, one of them in the archive, and the program on it."""

    def __init__(self, at: Desk) -> None:
        numbers = itertools.count()
        service = ExchangeService(lambda: at.store, new_id=lambda: f"x{next(numbers)}", program="0.1.0")
        self.app = SimpleNamespace(library=at.library, exchange=service, notices=())
        self.first = ask(at, cort()).conversation
        self.second = ask(at, asking("And why \x1b[31mred\x1b[0m?")).conversation
        at.store.conversations.archive(self.second).result()
        self.at = at

    def run(self, *words: str, **streams: Any) -> tuple[int, CapturedStreams]:
        captured = CapturedStreams(**streams)

        @asynccontextmanager
        async def opened() -> Any:
            yield self.app

        return main(parse(["conversations", *words], None), opened, captured), captured


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    with desk(tmp_path / "data") as at:
        yield Books(at)


def test_there_and_back(books: Books, tmp_path: Path) -> None:
    file = tmp_path / "it.cort"
    code, streams = books.run("export", books.first, "--out", str(file))
    assert (code, streams.out) == (0, "")
    assert streams.err == f"Exported “{ASKED}” to {file}.\n"
    code, streams = books.run("import", str(file), str(file))
    assert (code, streams.err) == (0, f"Imported “{ASKED}” from {file}.\n" * 2)
    lines = streams.out.splitlines()
    assert [line.split("  ", 1)[1] for line in lines] == [f"  1 turn  {ASKED}"] * 2
    assert len({line.split()[0] for line in lines} | {books.first}) == 3
    code, streams = books.run("import", str(file), "--json")
    (told,) = json.loads(streams.out)
    assert (code, told["title"], told["turns"]) == (0, ASKED, 1)


def test_a_file_is_replaced_by_force_alone(books: Books, tmp_path: Path) -> None:
    file = tmp_path / "it.md"
    file.write_text("mine")
    code, streams = books.run("export", books.first, "--out", str(file))
    assert (code, file.read_text()) == (2, "mine")
    assert "is there already, and is left as it is" in streams.err
    assert "--force" in streams.err
    assert books.run("export", books.first, "--out", str(file), "--force")[0] == 0
    assert file.read_text().startswith(f"# {ASKED}")


def test_all_of_them_and_standard_output(books: Books) -> None:
    code, streams = books.run("export", "--all", "--out", "-", "--format", "json")
    assert code == 0
    assert {each["id"] for each in json.loads(streams.out)} == {books.first, books.second}
    code, streams = books.run("export", "--all", "--out", "-", "--format", "cort")
    with zipfile.ZipFile(io.BytesIO(streams.out_bytes)) as packed:
        assert json.loads(packed.read("manifest.json"))["conversations"] == 2
    code, streams = books.run("export", books.first, "--out", "-", "--format", "markdown")
    assert streams.out.endswith("\n")
    assert not streams.out.endswith("\n\n")
    code, streams = books.run(
        "export", books.second, "--out", "-", "--format", "markdown", terminal=True, out_terminal=True
    )
    assert (code, "\x1b" in streams.out) == (0, False)


def test_what_is_to_be_written_has_to_be_said(books: Books, tmp_path: Path) -> None:
    for words in (("--out", "-"), ("--out", str(tmp_path / "it.docx")), ("--out", str(tmp_path / "it"))):
        code, streams = books.run("export", books.first, *words)
        assert (code, streams.out) == (2, "")
        assert "add --format cort, markdown or json" in streams.err
    code, streams = books.run(
        "export", books.first, "--out", "-", "--format", "cort", terminal=True, out_terminal=True
    )
    assert (code, streams.out) == (2, "")
    assert "can't be shown on a terminal" in streams.err
    assert books.run("export", books.first, "--out", str(tmp_path / "it.docx"), "--format", "json")[0] == 0
    assert books.run("export", "nobody", "--out", str(tmp_path / "no.cort"))[0] == 2
    assert books.run("export", books.first, "--out", str(tmp_path / "no" / "it.cort"))[0] == 6


def test_a_file_that_is_none_does_not_hold_up_the_others(books: Books, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.cort", tmp_path / "bad.cort"
    books.run("export", books.first, "--out", str(good))
    bad.write_bytes(good.read_bytes()[:-9])
    code, streams = books.run("import", str(bad), str(good), str(tmp_path / "none.cort"))
    assert code == 6
    assert f"cort-desktop: {bad} can't be imported: it is cut short or damaged. Nothing was taken in." in (
        streams.err
    )
    assert "none.cort can't be read (No such file or directory)" in streams.err
    assert len(streams.out.splitlines()) == 1
    assert books.run("import", str(tmp_path / "none.cort"))[0] == 2
