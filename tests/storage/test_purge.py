"""Deleting for good: nothing is left of what is gone, and nothing else is touched."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import ConversationId, RunId, blob_of
from cort_desktop.errors import StorageError, UsageError
from cort_desktop.storage.owners import Owners
from tests.fakes.grown import Grown, grow, run_id, shapes, told
from tests.fakes.library import (
    CONVERSATION,
    Shelf,
    event,
    integrity,
    node_finished,
    node_started,
    shelf,
    started,
)

TREE = [
    Grown(parent=None, runs=("ended", "broken off")),
    Grown(parent=0, runs=("ended",)),
    Grown(parent=0, runs=("begun",)),
]
TABLES = ("conversations", "turns", "runs", "events", "blobs", "blob_uses", "partial_texts", "passages")


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Shelf]:
    with shelf(tmp_path) as opened:
        yield opened


def counts(books: Shelf) -> dict[str, object]:
    def count(table: str) -> object:
        return books.database.read(lambda connection: connection.execute(f"SELECT count(*) FROM {table}").get)  # noqa: S608

    return {table: count(table) for table in TABLES}


def purge(books: Shelf, conversation: ConversationId) -> None:
    books.conversations.delete(conversation).result()
    books.conversations.purge(conversation).result()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kept=shapes(), gone=shapes())
def test_nothing_is_left_of_it_and_nothing_else_is_touched(
    tmp_path_factory: pytest.TempPathFactory, kept: list[Grown], gone: list[Grown]
) -> None:
    folder = tmp_path_factory.mktemp("library")
    with shelf(folder) as books:
        stays = grow(books, kept, "kept")
        before, rows = told(books, stays), counts(books)
        leaves = grow(books, gone, "gone")
        purge(books, leaves)
        assert told(books, stays) == before
        assert counts(books) == rows
        assert books.index.search("gone") == []
        for turn in books.conversations.turns(stays):
            for run in turn.runs:
                for row in books.database.read(
                    lambda connection, run=run: connection.execute(  # type: ignore[misc]
                        "SELECT blob FROM blob_uses WHERE run = ?", (run,)
                    ).fetchall()
                ):
                    assert books.log.blob(row[0])
    assert integrity(folder / "cort.db") == "ok"


def test_a_text_goes_with_the_last_run_that_used_it(books: Shelf) -> None:
    one, other = grow(books, TREE, "one"), grow(books, TREE, "other")
    numbers = itertools.count()
    copy = books.conversations.duplicate(one, "Copy", lambda: f"c{next(numbers)}").result()
    file = blob_of("a file")
    for gone in (one, other):
        purge(books, gone)
        assert books.log.blob(file) == "a file"
    purge(books, copy)
    with pytest.raises(StorageError, match="is not in"):
        books.log.blob(file)
    assert set(counts(books).values()) == {0}


def test_the_file_keeps_no_word_of_it(tmp_path: Path) -> None:
    """Neither in freed pages nor in the index, where what is deleted is only marked at first."""
    secret = "xylophagous"
    with shelf(tmp_path) as books:
        kept = grow(books, TREE, "kept")
        books.begin(question=f"{secret}? " * 50, title=f"{secret} title").result()
        texts = {blob_of(secret): secret}
        bodies: list[ev.Body] = [
            started(secret),
            node_started(),
            node_finished(text=f"{secret} answer " * 500),
        ]
        books.log.append([event(seq, body) for seq, body in enumerate(bodies, 1)], texts).result()
        for number in range(100):  # a part of the index with few deleted words in it is not merged by itself
            turn = {"conversation": kept, "turn": f"t{number}", "question": f"other words {number}"}
            books.begin(RunId(f"r{number}"), **turn).result()
        books.database.write(
            lambda connection: (
                connection.execute("INSERT INTO passage_words (passage_words) VALUES ('optimize')").get
            )
        ).result()
    assert secret.encode() in (tmp_path / "cort.db").read_bytes()
    with shelf(tmp_path) as books:
        purge(books, CONVERSATION)
        for _ in range(50):  # the sweep takes a step with each group that is written
            books.database.write(lambda _: None).result()
        assert [each.id for each in books.conversations.list()] == [kept]
    data = (tmp_path / "cort.db").read_bytes()
    assert secret.encode() not in data
    assert b"ylophag" not in data  # words in the index may share their beginnings
    assert integrity(tmp_path / "cort.db") == "ok"


def test_only_what_is_in_the_bin_can_be_deleted_for_good(books: Shelf) -> None:
    kept = grow(books, TREE)
    before = told(books, kept)
    with pytest.raises(UsageError, match="is not in the bin"):
        books.conversations.purge(kept).result()
    with pytest.raises(UsageError, match="There is no conversation nowhere"):
        books.conversations.purge(ConversationId("nowhere")).result()
    assert told(books, kept) == before


def test_not_under_a_run_that_is_worked_on(books: Shelf, tmp_path: Path) -> None:
    busy, idle = grow(books, TREE, "busy"), grow(books, TREE, "idle")
    before = told(books, busy)
    for each in (busy, idle):
        books.conversations.delete(each).result()
    with Owners(tmp_path).claim(run_id("busy", 0, 1)):
        together = [books.conversations.purge(busy), books.conversations.purge(idle)]
        with pytest.raises(
            UsageError, match=rf"busy-t0-r1 of it is being worked on by process {os.getpid()}"
        ):
            together[0].result()
        together[1].result()  # the fault of one is not the fault of the other
    assert told(books, busy) == before
    assert [each.id for each in books.conversations.list("deleted")] == [busy]
    books.conversations.purge(busy).result()
    assert set(counts(books).values()) == {0}
