"""Libraries of every earlier format, frozen when it was in use: opened, read, searched, gone on with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cort_desktop.domain.ids import ConversationId, NodeName, RunId, TurnId, blob_of
from cort_desktop.domain.run import RunState
from cort_desktop.errors import StorageError
from cort_desktop.storage.migrations import MIGRATIONS, latest
from tests.fakes.left_behind import frozen
from tests.fakes.library import Shelf, integrity, shelf

LIGHT, UNFINISHED, GONE = ConversationId("c1"), ConversationId("c2"), ConversationId("c3")


@pytest.fixture(params=range(1, latest(MIGRATIONS)))
def books(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shelf]:
    with shelf(frozen(tmp_path / "data", request.param)) as opened:
        yield opened
    assert integrity(tmp_path / "data" / "cort.db") == "ok"


def path(books: Shelf) -> list[str]:
    return [turn.id for turn in books.conversations.path(LIGHT)]


def test_what_was_written_is_read(books: Shelf) -> None:
    light, unfinished = books.conversations.list("open and archived")
    assert (light.id, light.title, light.pinned, light.system) == (LIGHT, "Light and air", True, "Be brief.")
    assert (unfinished.id, unfinished.archived, light.branched_from) == (UNFINISHED, True, None)
    assert [gone.id for gone in books.conversations.list("deleted")] == [GONE]
    view = books.conversations.view(LIGHT)
    assert [(turn.turn.id, turn.siblings) for turn in view.turns] == [
        ("t1", ("t1",)),
        ("t2", ("t2", "t4")),
        ("t3", ("t3",)),
    ]
    assert [run.id for run in view.turns[0].runs] == ["r1", "r1b"]
    assert view.turns[0].active is not None
    assert view.turns[0].active.answer == "Answer of r1."
    assert RunState(RunId("r1")).fold(books.log.events(RunId("r1"))).answer_node == "D"
    assert books.log.partials(RunId("r5")) == {NodeName("D"): ("half an ans", "thinking")}
    assert [one.run.id for one in books.conversations.interrupted()] == ["r5"]
    assert {hit.run for hit in books.index.search("answer")} == {"r1", "r1b", "r2", "r3", "r4"}


def test_the_way_that_was_shown_is_found_again(books: Shelf) -> None:
    assert path(books) == ["t1", "t2", "t3"]
    books.conversations.choose(TurnId("t4")).result()
    assert path(books) == ["t1", "t4"]
    books.conversations.choose(TurnId("t2")).result()
    assert path(books) == ["t1", "t2", "t3"]


def test_texts_go_with_the_last_run_that_used_them(books: Shelf) -> None:
    for conversation in (LIGHT, UNFINISHED):
        books.conversations.delete(conversation).result()
    for conversation in (LIGHT, GONE):
        books.conversations.purge(conversation).result()
    for text in ("the attached notes", '{"system":null}', '{"messages":[]}'):
        assert books.log.blob(blob_of(text)) == text  # the run that broke off needs them
    books.conversations.purge(UNFINISHED).result()
    with pytest.raises(StorageError, match="is not in"):
        books.log.blob(blob_of("the attached notes"))


def test_it_is_gone_on_with(books: Shelf) -> None:
    books.begin(RunId("r7"), conversation=LIGHT, turn="t7", parent="t3", question="And tomorrow?").result()
    assert path(books) == ["t1", "t2", "t3", "t7"]
    copy = books.conversations.duplicate(LIGHT, "Copy of Light and air", iter("abcdefghijklmnop").__next__)
    assert [turn.question for turn in books.conversations.path(copy.result())][-1] == "And tomorrow?"
