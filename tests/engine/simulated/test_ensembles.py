"""How often what is joined, or fought out, is right, against what the chances of its parts make of it.

An aggregator that sees so many right ones among others writes a right one with a chance that is given; judges
have a known noise. Runs are seeded, so a test either always holds or never.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.formulas import best_of, binomial, near, noise_for, pair_by_panel_of_three
from tests.fakes.simulated_runs import Played, play
from tests.fakes.simulation import Judge, World, Writer
from tests.fakes.story import n

pytestmark = pytest.mark.endurance

RUNS = 200
JOINS = (0.1, 0.35, 0.6, 0.9, 0.95)
"""The chance to write a right one, having seen none, one, … right ones."""


def runs(strategy: str, writer: Writer, *judges: Judge, **sizes: Any) -> list[Played]:
    return [play(strategy, World(writer=writer, judges=judges, seed=seed), **sizes) for seed in range(RUNS)]


def right(played: list[Played]) -> int:
    return sum(run.is_right for run in played)


def joined(count: int, chance: float) -> float:
    """Σ over how many of ``count`` are right of the chance that their aggregator is."""
    return sum(share * JOINS[good] for good, share in enumerate(binomial(count, chance)))


@pytest.mark.parametrize(("count", "chance"), [(2, 0.5), (4, 0.3), (4, 0.7)])
def test_a_mixture_is_as_right_as_its_aggregator_makes_of_what_it_sees(count: int, chance: float) -> None:
    played = runs("mixture_of_agents", Writer(right=chance, joins=JOINS), alternatives=count)
    assert near(right(played), RUNS, joined(count, chance))
    assert {run.end.calls for run in played} == {count + 1}


@pytest.mark.parametrize("chance", [0.3, 0.7])
def test_a_council_is_as_right_as_its_chairman_whatever_its_members_think_of_each_other(
    chance: float,
) -> None:
    played = runs("council", Writer(right=chance, joins=JOINS), Judge(noise=1.0), alternatives=4)
    assert near(right(played), RUNS, joined(4, chance))
    assert {run.end.calls for run in played} == {9}


def test_the_chairman_is_shown_a_right_one_first_as_often_as_judges_without_noise_can_tell() -> None:
    played = runs("council", Writer(right=0.4), Judge(), alternatives=3)
    first = sum(run.texts[run.state.nodes[n("S")].saw[0]].is_right for run in played)
    assert near(first, RUNS, 1 - 0.6**3)


def test_two_rankings_of_two_put_a_right_one_first_as_often_as_one_would() -> None:
    """Both right: p²; one each: the first in sample order leads, which is the right one every other time."""
    noise = noise_for(0.8)
    played = runs("council", Writer(right=0.5), Judge(noise=noise), alternatives=2)
    first = sum(run.texts[run.state.nodes[n("S")].saw[0]].is_right for run in played)
    assert near(first, RUNS, best_of(2, 0.5, 1.0, noise))


@pytest.mark.parametrize(("chance", "pairs_right"), [(0.5, 0.8), (0.4, 1.0)])
def test_a_debate_is_as_right_as_its_sides_and_its_judges(chance: float, pairs_right: float) -> None:
    """Both are right, or one is and three judges find it; after an exchange each is right with the chance
    that the two before it give.
    """
    judge = Judge(noise=noise_for(pairs_right)) if pairs_right < 1 else Judge()
    picked = pair_by_panel_of_three(pairs_right)

    def won(each: float) -> float:
        return each**2 + 2 * each * (1 - each) * picked

    short = runs("debate", Writer(right=chance), judge, rounds=1, judges=3)
    assert near(right(short), RUNS, won(chance))
    long = runs("debate", Writer(right=chance, joins=JOINS[:3]), judge, rounds=2, judges=3)
    expected = sum(share * won(JOINS[good]) for good, share in enumerate(binomial(2, chance)))
    assert near(right(long), RUNS, expected)
