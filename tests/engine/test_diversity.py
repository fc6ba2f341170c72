"""How different the candidates of a round are: measured when it is decided, and never otherwise."""

from __future__ import annotations

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain import wire
from cort_desktop.domain.run import RunState
from cort_desktop.engine.diversity import diversity
from tests.fakes.lineups import A, B, failed, thought
from tests.fakes.models import Reply
from tests.fakes.story import Story

LINEUP = {"proposer": (A,), "judge": (B,)}


def of(*texts: str) -> float | None:
    story = Story(strategy="best_of_n", preset="quick")
    for index, text in enumerate(texts, 1):
        story.start(f"R1.A{index}").finish(f"R1.A{index}", text)
    return diversity(RunState(story.run).fold(story.events), 1)


def test_the_same_words_are_no_diversity_and_nothing_shared_is_all_of_it() -> None:
    assert of("the very same answer", "the  very\nsame answer") == 0.0
    assert of("abcdefghij", "0123456789") == 1.0
    half = of("abcdefghij", "abcdefghij", "0123456789")
    assert half == pytest.approx(2 / 3, abs=1e-3), "one pair of three is alike"


def test_it_is_jaccards_distance_of_pieces_of_five() -> None:
    """abcdef and abcdeg share abcde, of abcde, bcdef, bcdeg: 1 - 1/3."""
    assert of("abcdef", "abcdeg") == pytest.approx(0.667)


def test_fewer_than_two_have_none() -> None:
    assert of() is None
    assert of("alone") is None


def test_each_decided_round_says_it_and_the_log_keeps_it() -> None:
    texts = {"R1.A1": Reply(text="abcdefghij"), "R1.A2": Reply(text="0123456789")}
    state, log, _ = thought("best_of_n", LINEUP, texts, alternatives=2, judges=1)
    (round_,) = log.bodies(ev.RoundFinished)
    assert round_.diversity == 1.0
    read = [wire.event_from_json(wire.event_to_json(event)) for event in log.events]
    result = RunState(state.run).fold(read).rounds[1].result
    assert result is not None
    assert result.diversity == 1.0


def test_who_brought_nothing_is_not_compared() -> None:
    texts = {"R1.A1": Reply(text="abcdefghij"), "R1.A2": failed()}
    _, log, _ = thought("best_of_n", LINEUP, texts, alternatives=2, judges=1)
    assert log.bodies(ev.RoundFinished)[0].diversity is None
