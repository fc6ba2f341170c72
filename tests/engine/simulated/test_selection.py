"""How often selection picks a right answer, against what theory says for its judges' noise.

Runs are seeded, so a test either always holds or never; the intervals are four standard deviations wide.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.formulas import (
    best_of,
    binomial,
    near,
    noise_among_normals,
    noise_for,
    pair_by_panel_of_three,
    top_is_right,
)
from tests.fakes.simulated_runs import Played, play
from tests.fakes.simulation import Judge, World, Writer

pytestmark = pytest.mark.endurance


RUNS = 400
NOISE = noise_for(0.85)
"""A judge that puts a right and a wrong answer right 85 times in 100."""


def runs(strategy: str, writer: Writer, *judges: Judge, count: int = RUNS, **sizes: Any) -> list[Played]:
    return [play(strategy, World(writer=writer, judges=judges, seed=seed), **sizes) for seed in range(count)]


def right(played: list[Played]) -> int:
    return sum(run.is_right for run in played)


@pytest.mark.parametrize("chance", [0.0, 0.3, 0.8, 1.0])
def test_single_is_as_good_as_its_model(chance: float) -> None:
    played = runs("single", Writer(right=chance), Judge())
    assert near(right(played), RUNS, chance)
    assert {run.end.calls for run in played} == {1}


@pytest.mark.parametrize(("count", "chance"), [(1, 0.4), (2, 0.5), (4, 0.3), (8, 0.2)])
def test_a_judge_that_errs_in_nothing_finds_a_right_one_wherever_there_is_one(
    count: int, chance: float
) -> None:
    """1 - (1-p)^N, in a panel and, above six, in a schedule of pairs."""
    played = runs("best_of_n", Writer(right=chance), Judge(), count=200, alternatives=count, judges=1)
    assert near(right(played), 200, 1 - (1 - chance) ** count)


@pytest.mark.parametrize("pairs_right", [0.6, 0.85])
@pytest.mark.parametrize("count", [2, 4])
def test_one_judge_picks_a_right_one_as_often_as_its_noise_lets_it(count: int, pairs_right: float) -> None:
    noise = noise_for(pairs_right)
    played = runs("best_of_n", Writer(), Judge(noise=noise), alternatives=count, judges=1)
    assert near(right(played), RUNS, best_of(count, 0.5, 1.0, noise))


@pytest.mark.parametrize("first", [0.7, 50.0])
def test_what_is_shown_first_costs_one_judge_what_it_must(first: float) -> None:
    """Up to a judge that always takes the first: then it is as good as chance."""
    played = runs("best_of_n", Writer(right=0.3), Judge(noise=NOISE, first=first), alternatives=4, judges=1)
    expected = best_of(4, 0.3, 1.0, NOISE, first)
    assert near(right(played), RUNS, expected)
    assert expected < best_of(4, 0.3, 1.0, NOISE)
    if first > 1:
        assert expected == pytest.approx(0.3, abs=1e-6)


def test_a_pair_before_three_judges_is_decided_by_two_of_them_or_head_to_head() -> None:
    played = runs("best_of_n", Writer(), Judge(noise=NOISE), count=700, alternatives=2, judges=3)
    mixed = [run for run in played if len({text.is_right for text in run.texts.values()}) == 2]
    assert near(right(mixed), len(mixed), pair_by_panel_of_three(0.85))
    met = sum(run.count("judge") == 5 for run in mixed)
    assert near(met, len(mixed), 1 - 0.85**3 - 0.15**3)
    assert {run.count("judge") for run in mixed} == {3, 5}


def test_place_bias_alone_decides_nothing_between_two() -> None:
    """Both orders are shown: the judge contradicts itself, and it says so."""
    played = runs("best_of_n", Writer(spread=0.1), Judge(first=9.0), count=100, alternatives=2, judges=2)
    for run in played:
        result = run.state.rounds[1].result
        assert result is not None
        assert (result.unstable, result.swap_consistency) == (True, 0.0)
        assert run.count("judge") == 4


def test_a_fixed_taste_is_not_cured_by_swapping_but_by_other_judges() -> None:
    """ENGINE 1: one judge asked three times is no better than asked once; three judges are."""
    writer = Writer(right=0.5)
    fixed = Judge(noise=NOISE, lasting=1.0)
    alone = runs("best_of_n", writer, fixed, alternatives=4, judges=3)
    expected = best_of(4, 0.5, 1.0, NOISE)
    assert near(right(alone), RUNS, expected)
    three = runs("best_of_n", writer, fixed, fixed, fixed, alternatives=4, judges=3)
    assert right(three) > right(alone) + 0.02 * RUNS


def test_a_head_to_head_before_two_tastes_is_better_than_before_one() -> None:
    """Two judges of fixed tastes that don't agree on the first: where one of them were asked again, it alone
    would decide, and the panel were no better than it.
    """
    fixed = Judge(noise=noise_among_normals(0.85), lasting=1.0)
    writer = Writer(gap=0.0, spread=1.0)

    def best(*judges: Judge) -> int:
        played = runs("best_of_n", writer, *judges, count=300, alternatives=4, judges=len(judges))
        return sum(
            run.end.answer_node == max(run.texts, key=lambda n: run.texts[n].quality) for run in played
        )

    assert best(fixed, fixed) > best(fixed) + 0.03 * 300
    assert best(fixed, fixed, fixed) > best(fixed) + 0.05 * 300


def test_a_taste_for_length_wins_where_all_else_is_equal() -> None:
    """And the longest is right as often as any."""
    played = runs(
        "best_of_n", Writer(right=0.4, gap=0.0), Judge(long=1.0), count=400, alternatives=4, judges=3
    )
    for run in played:
        assert run.end.answer_node is not None
        assert run.texts[run.end.answer_node].words == max(text.words for text in run.texts.values())
    assert near(right(played), 400, 0.4)


@pytest.mark.parametrize("unreadable", [0.3, 1.0])
def test_what_cannot_be_read_is_no_vote(unreadable: float) -> None:
    """One judge: with the chance of an unreadable verdict the first answer stands, and it says so."""
    judge = Judge(noise=NOISE, unreadable=unreadable)
    played = runs("best_of_n", Writer(), judge, alternatives=4, judges=1)
    expected = (1 - unreadable) * best_of(4, 0.5, 1.0, NOISE) + unreadable * 0.5
    assert near(right(played), RUNS, expected)
    degraded = [run for run in played if run.end.status == "degraded"]
    assert near(len(degraded), RUNS, unreadable)
    assert all(run.end.answer_node == "R1.A1" for run in degraded)


def test_a_repair_saves_its_share() -> None:
    judge = Judge(unreadable=0.6, unrepaired=0.5)
    played = runs("best_of_n", Writer(spread=0.1), judge, count=500, alternatives=3, judges=1)
    assert near(sum(run.end.status == "degraded" for run in played), 500, 0.6 * 0.5)
    asked = sum(node.name.startswith("X") for run in played for node in run.state.nodes.values())
    assert near(asked, 500, 0.6)


def test_a_panel_of_three_fails_when_two_cannot_be_read() -> None:
    played = runs("best_of_n", Writer(spread=0.1), Judge(unreadable=0.4), count=500, alternatives=3, judges=3)
    unread = binomial(3, 0.4)
    assert near(sum(run.end.status == "degraded" for run in played), 500, unread[2] + unread[3])


@pytest.mark.parametrize("fails", [0.3, 0.9])
def test_calls_that_fail_are_missed_and_the_rest_is_judged(fails: float) -> None:
    played = runs("best_of_n", Writer(fails=fails, right=0.5), Judge(), count=600, alternatives=3, judges=1)
    assert near(sum(run.end.status == "failed" for run in played), 600, fails**3)
    assert near(right(played), 600, 1 - (1 - 0.5 * (1 - fails)) ** 3)


def test_a_cut_answer_wins_only_among_cut_ones() -> None:
    played = runs("best_of_n", Writer(cut=0.5, spread=1.0), Judge(), count=300, alternatives=3, judges=1)
    for run in played:
        assert run.end.answer_node is not None
        assert run.texts[run.end.answer_node].is_cut == all(text.is_cut for text in run.texts.values())


@pytest.mark.parametrize("strategy", ["cort", "tournament"])
def test_rounds_are_a_chain_of_contests(strategy: str) -> None:
    """One judge: the winner of each round is right with the chance of its favourite among the incumbent and
    the round's challengers; so the chain of rounds is Markov's."""
    writer = Writer(right=0.4)
    played = runs(strategy, writer, Judge(noise=NOISE, base=None), rounds=2, alternatives=3, judges=1)
    is_right, last = 0.4, 0
    for number in (1, 2):
        is_right = _after_round(is_right, 0.4, 3)
        winners = [run.texts[run.state.rounds[number].result.winner] for run in played]  # type: ignore[union-attr, index]
        last = sum(text.is_right for text in winners)
        assert near(last, RUNS, is_right)
    # The answer is the best of all ever judged, which uses more verdicts than the last round's.
    assert right(played) >= last - 0.01 * RUNS


def _after_round(incumbent: float, challenger: float, count: int) -> float:
    chances = binomial(count, challenger)
    return sum(
        chance
        * (
            incumbent * top_is_right(good + 1, count - good, 1.0, NOISE)
            + (1 - incumbent) * top_is_right(good, count - good + 1, 1.0, NOISE)
        )
        for good, chance in enumerate(chances)
    )


def test_challengers_that_mend_what_they_see_lift_the_chain() -> None:
    """``cort``, where each sees the incumbent: without noise it is right unless all were wrong."""
    played = runs(
        "cort", Writer(right=0.2, mends=0.5), Judge(), count=400, rounds=2, alternatives=1, judges=1
    )
    assert near(right(played), 400, 1 - 0.8 * 0.5 * 0.5)


def test_balanced_votes_where_answers_can_be_compared_and_judges_elsewhere() -> None:
    """The same run as the strategy it chose, but for the plan it writes down first."""
    checkable, open_ = "What is 17 times 23?", "Write a short poem about rain."
    for seed in range(40):
        world = World(writer=Writer(right=0.5, spread=0.3), judges=(Judge(noise=NOISE),), seed=seed)
        vote = play("balanced", world, question=checkable, alternatives=8, judges=3)
        judged = play("balanced", world, question=open_, alternatives=4, judges=3)
        assert vote.end.reason == play("self_consistency", world, alternatives=8).end.reason
        assert judged.end.reason == play("best_of_n", world, alternatives=4, judges=3).end.reason
        assert (vote.count("judge"), judged.count("judge") >= 3) == (0, True)
