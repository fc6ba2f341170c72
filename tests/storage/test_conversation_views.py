"""A conversation as it is shown: the active path with its runs and the other questions at each place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cort_desktop.domain.ids import RunId, TurnId
from cort_desktop.domain.library import ConversationView
from cort_desktop.errors import UsageError
from cort_desktop.storage.owners import Owners
from tests.fakes.grown import Grown, grow, run_id, shapes, turn_id
from tests.fakes.library import Shelf, shelf

# 0 ─ 1 ─ 3 ─ 4
#   ╲ 2 ─ 5        6 is another first question, asked last
TREE = [
    Grown(parent=None, runs=("ended",)),
    Grown(parent=0, runs=("ended", "ended")),
    Grown(parent=0, runs=("ended",)),
    Grown(parent=1, runs=("ended",)),
    Grown(parent=3, runs=("ended",)),
    Grown(parent=2, runs=("ended",)),
    Grown(parent=None, runs=("ended",)),
]


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Shelf]:
    with shelf(tmp_path) as opened:
        yield opened


def shown(view: ConversationView) -> list[tuple[str, int, int]]:
    """Which turn, which of its siblings, of how many."""
    return [(turn.turn.id.removeprefix("grown-t"), turn.place + 1, len(turn.siblings)) for turn in view.turns]


def choose(books: Shelf, place: int) -> list[tuple[str, int, int]]:
    home = books.conversations.choose(turn_id("grown", place)).result()
    return shown(books.conversations.view(home))


def test_each_place_tells_which_of_how_many_questions_is_shown(books: Shelf) -> None:
    view = books.conversations.view(grow(books, TREE))
    assert shown(view) == [("6", 2, 2)]
    assert view.turns[0].siblings == (turn_id("grown", 0), turn_id("grown", 6))
    assert choose(books, 1) == [("0", 1, 2), ("1", 1, 2), ("3", 1, 1), ("4", 1, 1)]
    assert choose(books, 2) == [("0", 1, 2), ("2", 2, 2), ("5", 1, 1)]


def test_going_back_finds_the_way_below_as_it_was_looked_at_last(books: Shelf) -> None:
    grow(books, [*TREE, Grown(parent=3, runs=("ended",)), Grown(parent=2, runs=("ended",))])
    assert [place for place, *_ in choose(books, 1)] == ["0", "1", "3", "7"]
    assert [place for place, *_ in choose(books, 4)] == ["0", "1", "3", "4"]
    assert [place for place, *_ in choose(books, 5)] == ["0", "2", "5"]
    assert [place for place, *_ in choose(books, 6)] == ["6"]
    assert [place for place, *_ in choose(books, 0)] == ["0", "2", "5"]
    assert [place for place, *_ in choose(books, 1)] == ["0", "1", "3", "4"]


def test_a_path_is_looked_at_without_becoming_the_active_one(books: Shelf) -> None:
    conversation = grow(books, TREE)
    choose(books, 6)
    changes = books.database.read(lambda connection: connection.execute("SELECT * FROM turns").fetchall())
    view = books.conversations.view(conversation, turn_id("grown", 1))
    assert shown(view) == [("0", 1, 2), ("1", 1, 2), ("3", 1, 1), ("4", 1, 1)]
    assert shown(books.conversations.view(conversation)) == [("6", 2, 2)]
    assert changes == books.database.read(
        lambda connection: connection.execute("SELECT * FROM turns").fetchall()
    )
    with pytest.raises(UsageError, match="no turn nowhere"):
        books.conversations.view(conversation, TurnId("nowhere"))


def test_a_turn_of_the_path_stays_where_it_leads(books: Shelf) -> None:
    grow(books, TREE)
    choose(books, 4)
    for place in (0, 1, 3, 4):
        assert [shown for shown, *_ in choose(books, place)] == ["0", "1", "3", "4"]


def test_where_nobody_looked_yet_the_newest_question_is_shown(books: Shelf) -> None:
    """A library of an earlier version doesn't know what was looked at."""
    grow(books, TREE)
    books.database.write(lambda connection: connection.execute("UPDATE turns SET chosen = NULL").get).result()
    assert [place for place, *_ in choose(books, 0)] == ["0", "2", "5"]


def test_asking_again_anywhere_brings_that_place_back(books: Shelf) -> None:
    conversation = grow(books, TREE)
    choose(books, 4)
    books.begin(RunId("again"), conversation=conversation, turn=turn_id("grown", 2), question="?").result()
    view = books.conversations.view(conversation)
    assert [place for place, *_ in shown(view)] == ["0", "2", "5"]
    assert view.turns[1].active is not None
    assert view.turns[1].active.id == "again"


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shape=shapes(), steps=st.lists(st.integers(0, 7), max_size=6))
def test_laws_of_looking_around(
    tmp_path_factory: pytest.TempPathFactory, shape: list[Grown], steps: list[int]
) -> None:
    with shelf(tmp_path_factory.mktemp("library")) as books:
        conversation = grow(books, shape)
        tree = {turn.id: turn for turn in books.conversations.turns(conversation)}
        for step in steps:
            chosen = turn_id("grown", step % len(shape))
            books.conversations.choose(chosen).result()
            view = books.conversations.view(conversation)
            path = [turn.turn.id for turn in view.turns]
            assert chosen in path
            assert [turn.turn for turn in view.turns] == books.conversations.path(conversation)
            assert view.conversation.turns == len(path)
            assert path[-1] not in {turn.parent for turn in tree.values()}  # it goes to a last question
            for turn in view.turns:
                beside = [one.id for one in tree.values() if one.parent == turn.turn.parent]
                assert list(turn.siblings) == beside
                assert turn.siblings[turn.place] == turn.turn.id
                assert [run.id for run in turn.runs] == list(turn.turn.runs)
                assert turn.active is not None
            before = path
            for turn_on_it in path:
                books.conversations.choose(turn_on_it).result()
            assert [turn.id for turn in books.conversations.path(conversation)] == before


def test_who_works_on_a_run_is_told(books: Shelf, tmp_path: Path) -> None:
    conversation = grow(books, [Grown(parent=None, runs=("ended", "begun"))])
    with Owners(tmp_path, program="rival").claim(run_id("grown", 0, 1)):
        (turn,) = books.conversations.view(conversation).turns
        assert list(turn.working) == [run_id("grown", 0, 1)]
        assert "rival" in turn.working[run_id("grown", 0, 1)]
    assert books.conversations.view(conversation).turns[0].working == {}


def test_a_turn_that_is_not_there_is_named(books: Shelf) -> None:
    with pytest.raises(UsageError, match="There is no turn nowhere"):
        books.conversations.choose(TurnId("nowhere")).result()


def test_a_long_conversation_takes_no_more_queries_than_a_short_one(books: Shelf) -> None:
    long = grow(
        books,
        [Grown(parent=place - 1 if place else None, runs=("ended", "begun")) for place in range(60)],
        "long",
    )
    short = grow(books, TREE[:2], "short")
    asked: list[str] = []

    def trace(_cursor: apsw.Cursor, statement: str, _values: object) -> bool:
        asked.append(statement)
        return True

    def count(conversation: object) -> int:
        asked.clear()
        view = books.conversations.view(conversation)  # type: ignore[arg-type]
        assert all(len(turn.runs) >= 1 for turn in view.turns)
        return len(asked)

    books.database.read(lambda connection: connection.set_exec_trace(trace))
    assert count(long) == count(short) <= 6
