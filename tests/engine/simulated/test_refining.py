"""What consistency, mending and aggregation are worth in a simulated world, against sums over every way they
can go. Runs are seeded: a test always holds or never; the intervals are four standard deviations wide.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.formulas import (
    Refining,
    best_of,
    majority,
    mean_near,
    near,
    noise_for,
    population_after,
    refined,
    top_is_right,
)
from tests.fakes.simulated_runs import Played, play
from tests.fakes.simulation import Critic, Judge, World, Writer

pytestmark = pytest.mark.endurance

RUNS = 400
NOISE = noise_for(0.85)
CHECKABLE = "What is 17 times 23?"


def runs(strategy: str, world: World, count: int = RUNS, **sizes: Any) -> list[Played]:
    worlds = (
        World(writer=world.writer, judges=world.judges, critic=world.critic, seed=seed)
        for seed in range(count)
    )
    return [play(strategy, each, **sizes) for each in worlds]


def right(played: list[Played]) -> int:
    return sum(run.is_right for run in played)


@pytest.mark.parametrize(("count", "chance"), [(3, 0.6), (4, 0.5), (7, 0.7)])
@pytest.mark.parametrize("miscounts", [0.0, 0.3])
def test_the_most_consistent_is_right_as_often_as_most_are(
    count: int, chance: float, miscounts: float
) -> None:
    """A call that counts well is a vote without values; where it errs it is as good as any sample."""
    world = World(writer=Writer(right=chance), judges=(Judge(miscounts=miscounts),))
    played = runs("universal_self_consistency", world, alternatives=count)
    assert near(right(played), RUNS, (1 - miscounts) * majority(count, chance) + miscounts * chance)
    assert {run.end.calls for run in played} == {count + 1}


def test_scattered_wrong_answers_lose_to_fewer_right_ones_without_any_value() -> None:
    world = World(writer=Writer(right=0.4, wrong=(1.0,) * 12), judges=(Judge(),))
    played = runs("universal_self_consistency", world, 150, alternatives=8)
    assert right(played) > 0.75 * 150


def test_an_unreadable_selection_falls_back_and_says_so() -> None:
    """Texts that share no words: what has most in common is as good as any."""
    world = World(writer=Writer(right=0.6), judges=(Judge(unreadable=1.0),))
    played = runs("universal_self_consistency", world, alternatives=5)
    assert near(right(played), RUNS, 0.6)
    assert {run.end.status for run in played} == {"degraded"}


@pytest.mark.parametrize("rounds", [1, 2, 4])
@pytest.mark.parametrize(("passes_right", "passes_wrong"), [(0.0, 0.0), (0.6, 0.2)])
def test_mending_is_the_chain_that_its_chances_make(
    rounds: int, passes_right: float, passes_wrong: float
) -> None:
    world = World(
        writer=Writer(right=0.4, mends=0.55),
        judges=(Judge(noise=NOISE, base=None),),
        critic=Critic(passes_right=passes_right, passes_wrong=passes_wrong),
    )
    played = runs("self_refine", world, rounds=rounds, judges=1)
    how = Refining(
        first=0.4,
        again=0.4,
        mends=0.55,
        passes_right=passes_right,
        passes_wrong=passes_wrong,
        judged=0.85,
    )
    expected, played_rounds = refined(how, rounds)
    last = [run.state.rounds[run.state.rounds_finished].result for run in played]
    hits = sum(
        run.texts[result.winner].is_right
        for run, result in zip(played, last, strict=True)
        if result and result.winner
    )
    assert near(hits, RUNS, expected)
    assert mean_near([run.state.rounds_finished for run in played], played_rounds)
    assert right(played) >= hits - 0.02 * RUNS  # the answer is the best rated of all verdicts


def test_a_judge_that_errs_in_nothing_never_lets_mending_do_harm() -> None:
    """Without the gate a right answer mended is right 4 times in 10; with it, always."""
    world = World(writer=Writer(right=0.4, mends=0.5), judges=(Judge(),))
    played = runs("self_refine", world, 300, rounds=1, judges=1)
    assert near(right(played), 300, 0.4 + 0.6 * 0.5)
    drafted = [run for run in played if run.texts["D"].is_right]  # type: ignore[index]
    assert drafted
    assert all(run.is_right for run in drafted)


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_a_population_that_votes_ends_as_its_chain_does(steps: int) -> None:
    joins = (0.15, 0.5, 0.9)
    world = World(writer=Writer(right=0.45, joins=joins), judges=(Judge(),))
    played = runs(
        "recursive_self_aggregation",
        world,
        rounds=steps,
        alternatives=5,
        settings={"sources": 2},
        question=CHECKABLE,
    )
    chances = population_after(steps, 5, 0.45, joins, votes=True)
    assert near(right(played), RUNS, sum(chances[3:]))
    assert {run.count("judge") for run in played} == {0}
    assert all(run.end.calls <= 5 * steps for run in played)


@pytest.mark.parametrize("steps", [1, 3])
def test_a_population_that_is_judged_ends_as_its_chain_and_its_judge_do(steps: int) -> None:
    joins = (0.1, 0.4, 0.7, 0.9)
    world = World(writer=Writer(right=0.35, joins=joins), judges=(Judge(noise=NOISE),))
    played = runs("recursive_self_aggregation", world, rounds=steps, alternatives=4, judges=1)
    chances = population_after(steps, 4, 0.35, joins, votes=False)
    expected = sum(chance * top_is_right(good, 4 - good, 1.0, NOISE) for good, chance in enumerate(chances))
    assert near(right(played), RUNS, expected)
    assert {run.end.calls for run in played} == {4 * steps + 1}
    if steps == 1:
        assert expected == pytest.approx(best_of(4, 0.35, 1.0, NOISE))


def test_aggregation_that_cannot_tell_right_from_wrong_is_worth_nothing() -> None:
    """Rewrites that are right as often as their sources: the steps add spread, not accuracy."""
    joins = tuple(k / 3 for k in range(4))
    world = World(writer=Writer(right=0.6, joins=joins), judges=(Judge(noise=1e6),))
    played = runs("recursive_self_aggregation", world, rounds=3, alternatives=6, judges=1)
    assert near(right(played), RUNS, 0.6)
