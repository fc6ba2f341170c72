"""Summaries are versions of a path; what they cost is booked and stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cort_desktop.domain.budget import Reserved, Usage
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.summaries import SummaryCall
from cort_desktop.storage.spending import Spending
from cort_desktop.storage.summaries import Summaries
from tests.fakes.library import BEGIN, CONVERSATION, TURN, Shelf, shelf

CALL = SummaryCall(
    conversation=CONVERSATION,
    turn=TURN,
    path="one",
    turns=1,
    model=ModelRef("fake/model"),
    made=BEGIN,
    text="They talk of light \ud83d.",
    tokens=5,
    request='{"messages": []}',
    usage=Usage(input=50, output=9),
    cost_microusd=190,
    seconds=1.5,
    attempts=1,
)
WORST = Reserved(tokens=900, cost_microusd=5000)


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Shelf]:
    with shelf(tmp_path) as opened:
        opened.begin().result()
        yield opened


def test_the_longest_beginning_and_the_newest_version_are_found(books: Shelf) -> None:
    summaries = Summaries(books.database)
    first = summaries.keep(CALL, WORST).result()
    assert first is not None
    assert first.version == 1
    assert "\ud83d" not in summaries.of(CONVERSATION)[0].text
    longer = summaries.keep(replace(CALL, path="two", turns=2), WORST).result()
    again = summaries.keep(replace(CALL, path="two", turns=2, text="Newer."), WORST).result()
    assert (longer is not None, again is not None and again.version) == (True, 3)
    assert summaries.ready(CONVERSATION, ["one", "two", "three"]) == again
    found = summaries.ready(CONVERSATION, ["one"])
    assert found is not None
    assert found.version == 1
    assert summaries.ready(CONVERSATION, ["other"]) is None
    assert summaries.ready(CONVERSATION, []) is None


def test_a_failed_one_is_kept_and_never_found(books: Shelf) -> None:
    summaries = Summaries(books.database)
    summaries.keep(replace(CALL, problem="the reply is empty"), WORST).result()
    assert summaries.ready(CONVERSATION, ["one"]) is None
    assert summaries.was_answered_in_vain(CALL)
    assert not summaries.was_answered_in_vain(replace(CALL, model=ModelRef("my/other")))


def test_a_call_that_never_came_back_may_be_asked_again(books: Shelf) -> None:
    summaries = Summaries(books.database)
    summaries.keep(replace(CALL, problem="offline", seconds=0.0), WORST).result()
    assert not summaries.was_answered_in_vain(CALL)


def test_a_model_that_can_not_sum_up_is_asked_ever_more_rarely(books: Shelf) -> None:
    summaries = Summaries(books.database)
    asked = []
    for turns in range(1, 20):
        call = replace(CALL, path=f"to {turns}", turns=turns, request=f"sum up {turns}", problem="no use")
        if not summaries.was_answered_in_vain(call):
            asked.append(turns)
            summaries.keep(call, WORST).result()
    assert asked == [1, 2, 4, 8, 16]
    summaries.keep(replace(CALL, path="to 19", turns=19), WORST).result()
    after = replace(CALL, path="to 20", turns=20, request="sum up 20")
    assert not summaries.was_answered_in_vain(after)  # one of them was of use since


def test_what_it_cost_is_booked_and_what_nobody_knows_by_its_worst_case(books: Shelf) -> None:
    summaries, spending = Summaries(books.database), Spending(books.database)
    summaries.keep(CALL, WORST).result()
    summaries.keep(replace(CALL, cost_microusd=None, usage=None), WORST).result()
    spent = spending.of_conversation(CONVERSATION)
    assert (spent.calls, spent.known_microusd, spent.unknown) == (2, 190, 1)
    assert spent.booked_microusd == 190 + 5000
    assert spent.usage == Usage(input=50, output=9)


def test_of_a_conversation_that_is_gone_only_the_money_stays(books: Shelf) -> None:
    summaries = Summaries(books.database)
    summaries.keep(CALL, WORST).result()
    books.conversations.delete(CONVERSATION).result()
    books.conversations.purge(CONVERSATION).result()
    assert summaries.of(CONVERSATION) == []
    assert summaries.keep(CALL, WORST).result() is None
    assert Spending(books.database).of_conversation(CONVERSATION).known_microusd == 2 * 190
