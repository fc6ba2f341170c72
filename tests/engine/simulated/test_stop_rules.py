"""Each stop rule of rounds fires as often as its world makes it, and names the numbers that made it.

The worlds are such that chance alone decides: a judge that sees nothing but noise puts everybody first alike.
"""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from math import comb
from typing import Any

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.engine.similarity import grams, jaccard
from tests.fakes.formulas import mean_near, near
from tests.fakes.simulated_runs import Played, play
from tests.fakes.simulation import Judge, World, Writer

BLIND = Judge(noise=1.0, base=None)
"""Sees noise only where answers are equally good, and scores nothing."""
EQUALS = Writer(gap=0.0)


def tournaments(count: int, writer: Writer, judge: Judge, **sizes: Any) -> list[Played]:
    return [
        play("tournament", World(writer=writer, judges=(judge,), seed=seed), **({"judges": 1} | sizes))
        for seed in range(count)
    ]


@pytest.mark.parametrize("challengers", [1, 3])
def test_stability_comes_after_as_many_rounds_as_chance_takes(challengers: int) -> None:
    """A winner repeats with chance q = 1/(A+1), so R rounds are played with chance (1-q)^(R-2) q."""
    q = 1 / (challengers + 1)
    played = tournaments(100, EQUALS, BLIND, rounds=40, alternatives=challengers)
    assert {run.rule for run in played} == {"stability"}
    rounds = [run.state.rounds_finished for run in played]
    assert mean_near([float(each) for each in rounds], 1 + 1 / q)
    for number in (2, 3, 4):
        assert near(rounds.count(number), 100, (1 - q) ** (number - 2) * q)
    for run in played:
        assert run.end.reason.numbers["rounds"] == run.state.rounds_finished
        last = [
            run.state.rounds[n].result for n in (run.state.rounds_finished - 1, run.state.rounds_finished)
        ]
        assert len({result.winner for result in last if result is not None}) == 1


def test_a_judge_that_sees_ends_at_the_first_right_one_that_holds() -> None:
    """Without noise nobody beats a right answer but by coming first: a draft that is right stays."""
    played = tournaments(100, Writer(right=0.5, spread=0.01), Judge(base=None), rounds=9, alternatives=2)
    assert {run.rule for run in played} <= {"stability", "rounds"}
    assert all(run.is_right for run in played if any(text.is_right for text in run.texts.values()))


@pytest.mark.parametrize("copies", [0.5, 0.8])
def test_exhaustion_fires_when_a_whole_round_repeats(copies: float) -> None:
    """Draft and three challengers all say the one old thing: chance c⁴ after round 1."""
    played = tournaments(250, Writer(gap=0.0, copies=copies), BLIND, rounds=2, alternatives=3)
    fired = [run for run in played if run.rule == "exhaustion"]
    assert near(len(fired), 250, copies**4)
    for run in fired:
        numbers = run.end.reason.numbers
        assert (numbers["similarity"], numbers["challengers"], numbers["rounds"]) == (1.0, 3, 1)
        assert numbers["similarity"] > numbers["above"]


def test_plateau_fires_after_round_3_unless_a_winner_stayed() -> None:
    """Scores that never move: (1-q)² of the runs come as far, the others ended by stability."""
    flat = Judge(noise=1.0, base=7, scale=0.0)
    played = tournaments(150, EQUALS, flat, rounds=9, alternatives=3)
    fired = Counter(run.rule for run in played)
    assert near(fired["plateau"], 150, (3 / 4) ** 2)
    assert fired["plateau"] + fired["stability"] == 150
    for run in played:
        if run.rule == "plateau":
            numbers = run.end.reason.numbers
            assert (numbers["before"], numbers["now"], numbers["rounds"]) == (7, 7, 3)
            assert numbers["rise"] < numbers["least"]


def test_oscillation_retires_one_of_two_that_say_the_same() -> None:
    """A dethroned draft is said again in round 2, and wins.

    With c = ½: the draft is the old text (c); round 1 is won by a new one (⅔·(1-c)) and the fresh challenger
    of round 2 is the old text again and wins (c/3); or by one of two that alone says the old thing too
    (⅔·c(1-c)), and either challenger of round 2 says it (2c/3).
    """
    c = 0.5
    played = tournaments(400, Writer(gap=0.0, copies=c), BLIND, rounds=2, alternatives=2)
    retiring = [run for run in played if run.state.retired]
    expected = c * (2 / 3 * (1 - c) * c / 3 + 2 / 3 * c * (1 - c) * 2 * c / 3)
    assert near(len(retiring), 400, expected)
    for run in retiring:
        (loser,) = run.state.retired
        result = run.state.rounds[2].result
        assert result is not None
        assert result.winner is not None
        assert result.retired == (loser,)
        texts = [run.state.nodes[name].text for name in (loser, result.winner)]
        duels = [verdict for verdict in run.state.verdicts.values() if verdict.purpose == "head_to_head"]
        pair = {name for verdict in duels for name in verdict.order}
        assert len(pair) == 2
        assert loser in pair
        assert jaccard(*(grams(run.state.nodes[name].text) for name in pair)) > 0.85
        assert texts[0] == texts[1] or result.winner in pair


def test_noise_guard_fires_when_too_few_pairs_agree_with_themselves() -> None:
    """Twenty-five answers are judged in 38 pairs, both orders each. A judge of pure noise agrees with itself
    every other time, so the guard fires when at most 22 of 38 agree."""
    played = tournaments(24, EQUALS, BLIND, rounds=2, alternatives=24)
    fired = [run for run in played if run.rule == "noise"]
    chance = sum(comb(38, agreeing) for agreeing in range(23)) / 2**38
    assert near(len(fired), 24, chance)  # a head-to-head of the round is a pair more
    for run in played:
        steady, pairs = _in_both_orders(run, after_round=1)
        assert pairs >= 30
        assert (run.state.rounds_finished == 1 and run.rule == "noise") == (steady < 0.6)
    for run in fired:
        numbers = run.end.reason.numbers
        steady, pairs = _in_both_orders(run, after_round=run.state.rounds_finished)
        assert numbers["pairs"] == pairs
        assert numbers["swap_consistency"] == pytest.approx(steady)
        assert run.end.status == "degraded"


@pytest.mark.parametrize(
    ("judge", "is_noise"),
    [(Judge(first=50.0, base=None), True), (Judge(noise=1.0, lasting=1.0, base=None), False)],
)
def test_place_bias_is_noise_and_a_fixed_taste_is_not(judge: Judge, is_noise: bool) -> None:
    for run in tournaments(4, EQUALS, judge, rounds=2, alternatives=24):
        assert (run.rule == "noise") == is_noise


def test_too_few_pairs_say_nothing_of_a_judge() -> None:
    """Panels of four never show a pair in both orders often enough: the guard stays silent."""
    for run in tournaments(30, EQUALS, Judge(first=50.0, base=None), rounds=3, alternatives=3, judges=2):
        assert run.rule != "noise"


def _in_both_orders(run: Played, *, after_round: int) -> tuple[float, int]:
    """Swap consistency and its pairs, counted anew from the log: by pair, the crossings that agree."""
    seen: dict[frozenset[Any], dict[tuple[Any, Any], list[Any]]] = {}
    for verdict in run.bodies(ev.Verdict):
        if verdict.round > after_round:
            continue
        place = {name: at for at, names in enumerate(verdict.ranking) for name in names}
        for pair in combinations(verdict.order, 2):
            ahead = min(pair, key=place.__getitem__)
            seen.setdefault(frozenset(pair), {}).setdefault(pair, []).append(ahead)
    shares = []
    for orders in seen.values():
        if len(orders) == 2:
            one, other = orders.values()
            shares.append(sum(a == b for a in one for b in other) / (len(one) * len(other)))
    return sum(shares) / len(shares), len(shares)
