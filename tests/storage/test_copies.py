"""A copy equals its original but for the ids, and the original is never touched."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import NodeName, RunId
from cort_desktop.domain.run import RunState
from cort_desktop.errors import UsageError
from cort_desktop.storage.owners import Owners
from tests.fakes.grown import RIVAL, Grown, grow, run_id, shapes, told, turn_id
from tests.fakes.library import DRAFT, Shelf, event, integrity, shelf

PATH = [
    Grown(parent=None, runs=("ended",)),
    Grown(parent=0, runs=("ended", "ended")),
    Grown(parent=0, runs=("ended",)),
    Grown(parent=1, runs=("ended", "broken off")),
    Grown(parent=3, runs=("ended",)),
]


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Shelf]:
    with shelf(tmp_path) as opened:
        yield opened


def ids(prefix: str = "new") -> Callable[[], str]:
    numbers = itertools.count()
    return lambda: f"{prefix}-{next(numbers)}"


def found(books: Shelf, words: str, conversation: str) -> list[tuple[Any, ...]]:
    hits = books.index.search(words, 500)
    return [(hit.part, hit.node, hit.excerpt) for hit in hits if hit.conversation == conversation]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shape=shapes())
def test_a_duplicate_equals_its_original_but_for_the_ids(
    tmp_path_factory: pytest.TempPathFactory, shape: list[Grown]
) -> None:
    folder = tmp_path_factory.mktemp("library")
    with shelf(folder) as books:
        original = grow(books, shape)
        before = told(books, original)
        copy = books.conversations.duplicate(original, "Copy of it", ids()).result()
        assert told(books, copy) == before
        assert told(books, original) == before
        for words in ("question", "draft0x0", "rival0x0", "words"):
            assert found(books, words, copy) == found(books, words, original)
        for turn in books.conversations.turns(copy):
            for run in turn.runs:
                events = books.log.events(run)
                if events:
                    state = RunState(run).fold(events)
                    assert state.started is not None
                    assert (state.started.conversation, state.started.turn) == (copy, turn.id)
    assert integrity(folder / "cort.db") == "ok"


def test_no_id_of_the_original_is_left_in_the_copy(books: Shelf) -> None:
    original = grow(books, PATH)
    copy = books.conversations.duplicate(original, "Copy", ids()).result()
    rows = books.database.read(
        lambda connection: [
            *connection.execute("SELECT * FROM turns WHERE conversation = ?", (copy,)),
            *connection.execute("SELECT * FROM runs WHERE conversation = ?", (copy,)),
            *connection.execute(
                "SELECT e.* FROM events AS e JOIN runs AS r ON r.id = e.run WHERE r.conversation = ?", (copy,)
            ),
        ]
    )
    assert "grown-" not in json.dumps([[str(value) for value in row] for row in rows])


def test_the_copy_is_new_open_and_on_top(books: Shelf) -> None:
    original = grow(books, PATH)
    books.conversations.pin(original).result()
    books.conversations.archive(original).result()
    copy = books.conversations.duplicate(original, "Copy of …", ids()).result()
    made, first = books.conversations.get(copy), books.conversations.get(original)
    assert (made.title, made.pinned, made.archived, made.branched_from) == ("Copy of …", False, False, None)
    assert (made.turns, made.system) == (first.turns, "Be brief.")
    assert made.created == made.updated > first.updated
    assert [hit.part for hit in books.index.search("copy")] == ["title"]


def test_a_copy_lives_on_its_own(books: Shelf) -> None:
    original = grow(books, PATH)
    copy = books.conversations.duplicate(original, "Copy", ids()).result()
    before = told(books, original)
    last = books.conversations.path(copy)[-1]
    books.begin(
        RunId("later"), conversation=copy, turn="later turn", parent=last.id, question="More?"
    ).result()
    books.conversations.rename(copy, "Another").result()
    assert told(books, original) == before
    assert books.conversations.get(copy).turns == books.conversations.get(original).turns + 1


def test_half_a_log_is_not_copied(books: Shelf, tmp_path: Path) -> None:
    original = grow(books, PATH)
    with Owners(tmp_path, program="rival").claim(run_id("grown", 3, 1)):
        with pytest.raises(UsageError, match=r"grown-t3-r1 is being worked on by process \d+ \(rival\)"):
            books.conversations.duplicate(original, "Copy", ids()).result()
        assert [each.id for each in books.conversations.list()] == [original]
        branch = books.conversations.branch(
            books.conversations.run(run_id("grown", 1, 0)), override=None, title="B", new_id=ids()
        )
        assert len(books.conversations.path(branch.result())) == 2  # what is worked on is not on its path
    assert books.conversations.duplicate(original, "Copy", ids("late")).result() == "late-0"


def test_a_branch_is_the_path_with_the_runs_that_count(books: Shelf) -> None:
    original = grow(books, PATH)
    books.conversations.set_active(turn_id("grown", 1), run_id("grown", 1, 0)).result()
    before = told(books, original)
    row = books.conversations.run(run_id("grown", 3, 0))
    branch = books.conversations.branch(row, override=None, title="Branch of it", new_id=ids()).result()
    path = books.conversations.path(branch)
    assert [turn.question for turn in path] == [f"Question {place} of grown?" for place in (0, 1, 3)]
    assert [len(turn.runs) for turn in path] == [1, 1, 1]
    assert len(books.conversations.turns(branch)) == 3
    answers = [books.conversations.run(turn.runs[0]).answer for turn in path]
    assert answers == ["rival0x0 words", "rival1x0 words", "rival3x0 words"]
    for turn, old in zip(path, ((0, 0), (1, 0), (3, 0)), strict=True):
        copied = [event.body for event in books.log.events(turn.runs[0])]
        kept = [event.body for event in books.log.events(run_id("grown", *old))]
        assert isinstance(kept[0], ev.RunStarted)
        assert copied[0] == replace(kept[0], conversation=branch, turn=turn.id)
        assert copied[1:] == kept[1:]
    assert told(books, original) == before
    assert {(hit.part, hit.node) for hit in books.index.search("grown") if hit.conversation == branch} == {
        ("question", None)
    }


def test_a_branch_remembers_where_it_comes_from(books: Shelf) -> None:
    original = grow(books, PATH)
    books.conversations.rename(original, "Index basics").result()
    row = books.conversations.run(run_id("grown", 0, 0))
    branch = books.conversations.branch(row, override=None, title="Branch", new_id=ids()).result()

    def origin() -> tuple[str | None, str]:
        from_ = books.conversations.get(branch).branched_from
        assert from_ is not None
        return from_.conversation, from_.title

    assert origin() == (original, "Index basics")
    books.conversations.rename(original, "Indexes").result()
    assert origin() == (original, "Indexes")
    books.conversations.delete(original).result()
    assert origin() == (original, "Indexes")
    books.conversations.purge(original).result()
    assert origin() == (None, "Indexes")
    again = books.conversations.duplicate(branch, "Copy", ids("copy")).result()
    assert books.conversations.get(again).branched_from == books.conversations.get(branch).branched_from


def test_a_branch_can_have_another_answer(books: Shelf) -> None:
    grow(books, PATH)
    row = books.conversations.run(run_id("grown", 3, 0))
    branch = books.conversations.branch(row, override=DRAFT, title="B", new_id=ids()).result()
    run = books.conversations.path(branch)[-1].runs[0]
    events = books.log.events(run)
    state = RunState(run).fold(events)
    assert (events[-1].type, state.answer_node, state.override) == ("user.override", DRAFT, DRAFT)
    made = books.conversations.run(run)
    assert (made.answer_node, made.answer, made.last_seq) == (DRAFT, "draft3x0 words", len(events))
    assert RunState(row.id).fold(books.log.events(row.id)).answer_node == RIVAL
    assert [(hit.part, hit.node) for hit in books.index.search("draft3x0") if hit.conversation == branch] == [
        ("answer", DRAFT)
    ]
    assert [hit.part for hit in books.index.search("rival3x0") if hit.conversation == branch] == ["candidate"]


def test_a_failed_copy_leaves_nothing(books: Shelf) -> None:
    original = grow(books, PATH)
    numbers = itertools.count()

    def out_of_ids() -> str:
        return f"few-{min(next(numbers), 5)}"

    with pytest.raises(Exception, match="UNIQUE"):
        books.conversations.duplicate(original, "Copy", out_of_ids).result()
    assert [each.id for each in books.conversations.list()] == [original]
    assert books.conversations.duplicate(original, "Copy", ids()).result() == "new-0"


def test_a_later_choice_of_an_ended_run_is_found_as_the_answer(books: Shelf) -> None:
    grow(books, [Grown(parent=None, runs=("ended", "broken off"))])
    for nth, last in ((0, 7), (1, 4)):
        run = run_id("grown", 0, nth)
        word = ev.UserEvent(verb="override", node=NodeName("D"))
        books.log.append([event(last + 1, word, run)]).result()
    assert [hit.part for hit in books.index.search("draft0x0")] == ["answer"]
    assert [hit.part for hit in books.index.search("rival0x0")] == ["candidate"]
    assert [hit.part for hit in books.index.search("draft0x1")] == ["candidate"]  # it hasn't ended: no answer
