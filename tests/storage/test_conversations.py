from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cort_desktop.domain.ids import ConversationId, RunId, TurnId
from cort_desktop.errors import StorageError, UsageError
from tests.fakes.library import BEGIN, CONVERSATION, RUN, TURN, Shelf, event, run_finished, shelf, short_run

OTHER = ConversationId("conversation-2")


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Shelf]:
    with shelf(tmp_path) as opened:
        yield opened


def ask(books: Shelf, name: str, parent: str | None = None, **other: str) -> None:
    """A turn with one run, both named after ``name``."""
    books.begin(
        RunId(f"run {name}"), turn=f"turn {name}", question=f"Q {name}?", parent=parent, **other
    ).result()


@pytest.mark.reliability(1)
def test_row_1_a_question_is_stored_before_anything_else(books: Shelf) -> None:
    """Row 1, its invariant: the prompt is on disk before a request leaves."""
    books.begin(system="Be brief.", title="The sky").result()
    (conversation,) = books.conversations.list()
    assert (conversation.id, conversation.title, conversation.system) == (
        CONVERSATION,
        "The sky",
        "Be brief.",
    )
    assert conversation.created == conversation.updated == BEGIN + timedelta(seconds=1)
    (turn,) = books.conversations.turns(CONVERSATION)
    assert (turn.id, turn.parent, turn.question, turn.runs, turn.active) == (
        TURN,
        None,
        "Why is the sky blue?",
        (RUN,),
        RUN,
    )
    (row,) = books.conversations.runs(TURN)
    assert (row.id, row.strategy, row.status, row.ended, row.last_seq) == (RUN, "single", None, None, 0)
    assert books.conversations.run(RUN) == row


def test_turns_are_a_tree_with_an_active_path(books: Shelf) -> None:
    ask(books, "1")
    ask(books, "1.1", "turn 1")
    ask(books, "1.1.1", "turn 1.1")
    ask(books, "1.2", "turn 1")
    assert [turn.id for turn in books.conversations.turns(CONVERSATION)] == [
        "turn 1",
        "turn 1.1",
        "turn 1.1.1",
        "turn 1.2",
    ]
    assert [turn.id for turn in books.conversations.path(CONVERSATION)] == ["turn 1", "turn 1.2"]
    assert books.conversations.get(CONVERSATION).turns == 2
    books.conversations.choose(TurnId("turn 1.1.1")).result()
    path = books.conversations.path(CONVERSATION)
    assert [turn.id for turn in path] == ["turn 1", "turn 1.1", "turn 1.1.1"]
    assert [turn.runs for turn in path] == [("run 1",), ("run 1.1",), ("run 1.1.1",)]
    assert books.conversations.get(CONVERSATION).turns == 3


def test_asking_again_makes_a_second_run_the_active_one(books: Shelf) -> None:
    ask(books, "1")
    ask(books, "1.1", "turn 1")
    books.begin(RunId("again"), turn="turn 1", question="ignored: the turn is there already").result()
    first = books.conversations.path(CONVERSATION)[0]
    assert (first.question, first.runs, first.active) == ("Q 1?", ("run 1", "again"), "again")
    assert books.conversations.get(CONVERSATION).turns == 2
    books.conversations.set_active(TurnId("turn 1"), RunId("run 1")).result()
    assert books.conversations.path(CONVERSATION)[0].active == "run 1"
    assert [row.id for row in books.conversations.runs(TurnId("turn 1"))] == ["run 1", "again"]


def test_a_run_of_another_turn_can_not_be_made_active(books: Shelf) -> None:
    ask(books, "1")
    ask(books, "2")
    with pytest.raises(UsageError, match="There is no run of this turn run 2"):
        books.conversations.set_active(TurnId("turn 1"), RunId("run 2")).result()


def test_a_turn_stays_in_its_conversation(books: Shelf) -> None:
    ask(books, "1")
    for wrong in (
        {"turn": "turn 1"},
        {"turn": "new", "parent": "turn 1"},
        {"turn": "new", "parent": "nowhere"},
    ):
        future = books.conversations.start_turn(
            run=RunId(str(wrong)),
            conversation=OTHER,
            question="?",
            strategy="single",
            **wrong,  # type: ignore[arg-type]
        )
        with pytest.raises(StorageError, match="is not in conversation conversation-2"):
            future.result()
    assert [conversation.id for conversation in books.conversations.list()] == [CONVERSATION]
    with pytest.raises(StorageError, match="is not in conversation"):
        books.database.close()


def test_a_run_can_not_begin_twice(books: Shelf) -> None:
    ask(books, "1")
    with pytest.raises(StorageError, match="Run run 1 exists already"):
        ask(books, "1")
    with pytest.raises(StorageError, match="exists already"):
        books.database.close()


def test_the_list_has_pinned_ones_first_then_the_latest(books: Shelf) -> None:
    for name in ("a", "b", "c", "d"):
        ask(books, name, conversation=f"c-{name}")
    books.conversations.pin(ConversationId("c-a")).result()
    books.conversations.archive(ConversationId("c-d")).result()
    assert [found.id for found in books.conversations.list()] == ["c-a", "c-c", "c-b"]
    assert [found.id for found in books.conversations.list("open and archived")] == [
        "c-a",
        "c-d",
        "c-c",
        "c-b",
    ]
    end = replace(event(1, run_finished(), RunId("run b")), at=BEGIN + timedelta(hours=1))
    books.log.append([end]).result()
    assert [found.id for found in books.conversations.list()] == ["c-a", "c-b", "c-c"]
    books.conversations.pin(ConversationId("c-a"), pinned=False).result()
    books.conversations.archive(ConversationId("c-d"), archived=False).result()
    assert [found.id for found in books.conversations.list()] == ["c-b", "c-d", "c-c", "c-a"]


def test_deleting_marks_and_nothing_is_lost(books: Shelf) -> None:
    ask(books, "a")
    ask(books, "b", conversation=OTHER)
    books.conversations.delete(CONVERSATION).result()
    assert [found.id for found in books.conversations.list()] == [OTHER]
    assert [found.id for found in books.conversations.list("deleted")] == [CONVERSATION]
    assert len(books.conversations.turns(CONVERSATION)) == 1
    books.conversations.undelete(CONVERSATION).result()
    assert len(books.conversations.list()) == 2
    assert books.conversations.list("deleted") == []


def test_a_new_title(books: Shelf) -> None:
    ask(books, "1")
    assert books.conversations.get(CONVERSATION).title == "Q 1?"
    books.conversations.rename(CONVERSATION, "Optics \ud800").result()
    assert books.conversations.get(CONVERSATION).title == "Optics \ufffd"


def test_what_is_not_there_is_named(books: Shelf) -> None:
    library = books.conversations
    with pytest.raises(UsageError, match="There is no conversation nowhere"):
        library.get(ConversationId("nowhere"))
    with pytest.raises(UsageError, match="There is no run nothing"):
        library.run(RunId("nothing"))
    nowhere = ConversationId("nowhere")
    for change in (
        library.rename(nowhere, "x"),
        library.pin(nowhere),
        library.archive(nowhere),
        library.delete(nowhere),
    ):
        with pytest.raises(UsageError, match="There is no conversation nowhere"):
            change.result()
    with pytest.raises(UsageError, match="There is no turn nowhere"):
        library.choose(TurnId("nowhere")).result()
    assert library.turns(nowhere) == library.path(nowhere) == []


def test_an_id_is_found_by_its_beginning(books: Shelf) -> None:
    ask(books, "a1")
    ask(books, "a2", conversation="c%_2")
    library = books.conversations
    assert library.find("run a1") == "run a1"
    assert library.find_conversation("c%") == "c%_2"
    with pytest.raises(UsageError, match=r"Several runs begin with 'run a': run a2, run a1"):
        library.find("run a")
    for nothing in ("run b", "%", "", "\ud800"):
        with pytest.raises(UsageError, match="There is no run that begins with"):
            library.find(nothing)
    ask(books, "a")
    assert library.find("run a") == "run a"


def test_an_unfinished_run_is_interrupted(books: Shelf) -> None:
    ask(books, "1")
    books.begin().result()
    for batch in short_run():
        books.log.append(batch).result()
    assert [one.run.id for one in books.conversations.interrupted()] == ["run 1"]


def test_a_deep_conversation_is_read_in_order(books: Shelf) -> None:
    ask(books, "0")
    for number in range(1, 300):
        books.begin(RunId(f"run {number}"), turn=f"turn {number}", parent=f"turn {number - 1}")
    assert books.database.write(lambda _: None).result() is None
    assert [turn.id for turn in books.conversations.path(CONVERSATION)] == [f"turn {n}" for n in range(300)]
