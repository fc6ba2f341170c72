"""What of a conversation a call was told, in words, from good and from broken records."""

from __future__ import annotations

import pytest

from cort_desktop.domain.budget import Usage
from cort_desktop.domain.ids import ConversationId, ModelRef, TurnId
from cort_desktop.domain.summaries import SummaryCall
from cort_desktop.telling.context_words import left_out_words, sent_words, summary_words, turns_words
from tests.fakes.library import BEGIN

RECORD = {
    "messages_sent": 8,
    "messages_left_out": 40,
    "parts": [
        {"part": "system"},
        {"part": "summary", "version": 3, "turns": [[1, 14]], "model": "fake/model"},
        {"part": "pinned", "turns": [[2, 2]], "tokens": 9},
        {"part": "retrieved", "turns": [[3, 3], [9, 9]], "tokens": 9},
        {"part": "recent", "turns": [[20, 24]], "tokens": 9},
        {"part": "file", "name": "a.txt"},
        {"part": "question"},
    ],
    "left_out": [
        {"why": "summed_up", "turns": [[1, 1], [4, 8]]},
        {"why": "no_room", "turns": [[15, 19]]},
    ],
}


def test_a_record_in_words() -> None:
    assert sent_words(RECORD) == (
        "system text · summary v3 of turns 1–14 by fake/model · pinned turn 2 · "
        "turns 3, 9 found for the question · turns 20–24 · file “a.txt” · the question"
    )
    assert left_out_words(RECORD) == "turns 1, 4–8 (in the summary) · turns 15–19 (no room)"


@pytest.mark.parametrize(
    "context",
    [None, [], "x", {}, {"parts": "x", "left_out": 3}, {"parts": [1, {"part": "new"}], "left_out": [2]}],
)
def test_an_older_or_broken_record_says_nothing(context: object) -> None:
    assert sent_words(context) == ""
    assert left_out_words(context) == ""


def test_of_very_many_turns_the_last_are_named() -> None:
    assert turns_words([[n, n] for n in range(1, 99, 2)]).startswith("turns …, 75, ")


def test_a_summary_says_what_it_took() -> None:
    call = SummaryCall(
        conversation=ConversationId("c"),
        turn=TurnId("t"),
        path="p",
        turns=14,
        model=ModelRef("fake/model"),
        made=BEGIN,
        version=3,
        usage=Usage(input=900, output=100),
        cost_microusd=2800,
    )
    assert summary_words(call) == "summary v3 of turns 1–14 · fake/model · 1.0k tokens · $0.0028"
