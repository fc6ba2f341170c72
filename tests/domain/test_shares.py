"""Shares and their differences against published values, and where they must not be sure of themselves."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.domain.shares import (
    Pairs,
    Resamples,
    difference,
    mcnemar,
    paired_difference,
    share,
    wilson,
)


def pairs(both: int, first: int, second: int, neither: int) -> Pairs:
    return Pairs(both=both, first=first, second=second, neither=neither)


@pytest.mark.parametrize(
    ("first", "second", "p"),
    [(0, 0, 1.0), (10, 2, 0.03857421875), (2, 10, 0.03857421875), (5, 5, 1.0), (6, 0, 0.03125)],
)
def test_mcnemar_is_the_exact_binomial(first: int, second: int, p: float) -> None:
    assert mcnemar(pairs(40, first, second, 40)) == pytest.approx(p)


@pytest.mark.parametrize(
    ("table", "low", "high"),
    [((36, 12, 2, 0), 0.0569, 0.3404), ((53, 0, 1, 0), -0.0977, 0.0496)],  # Newcombe 1998
)
def test_paired_differences_are_newcombes(table: tuple[int, ...], low: float, high: float) -> None:
    found = paired_difference(pairs(*table))
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("right", "low", "high"), [(0, 0.0, 0.0370), (50, 0.4038, 0.5962), (100, 0.963, 1.0)]
)
def test_shares_are_wilsons(right: int, low: float, high: float) -> None:
    found = wilson(right, 100)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_resampling_comes_near_the_formula_and_is_the_same_again() -> None:
    right = [at % 10 < 4 for at in range(200)]
    found = share(right, Resamples([200], seed=3))
    formula = wilson(80, 200)
    assert found.value == 0.4
    assert found.low == pytest.approx(formula.low, abs=0.015)
    assert found.high == pytest.approx(formula.high, abs=0.015)
    assert found == share(right, Resamples([200], seed=3))


@pytest.mark.parametrize("hit", [True, False])
def test_where_all_are_alike_an_interval_is_still_wide(hit: bool) -> None:
    found = share([hit] * 60, Resamples([60], seed=1))
    assert found.high - found.low > 0.04


def test_where_nothing_differs_a_difference_is_still_unsure() -> None:
    found = difference([True] * 60, [True] * 60, Resamples([60], seed=1))
    assert (found.value, found.low < -0.03, found.high > 0.03) == (0.0, True, True)


def test_few_items_are_not_resampled() -> None:
    found = share([True, True, False], Resamples([3], seed=1))
    assert (found.low, found.high) == (wilson(2, 3).low, wilson(2, 3).high)


def test_tasks_keep_their_share_of_every_resample() -> None:
    def first_task(places: object) -> float:
        return sum(at < 5 for at in places)  # type: ignore[attr-defined]

    found = Resamples([5, 30], seed=1, draws=50).interval(first_task)
    assert found is not None
    assert (found.low, found.high) == (5, 5)


def test_an_interval_holds_as_often_as_it_says() -> None:
    """In 400 drawn worlds the truth lies in at least nine of ten intervals of 95 %."""
    chance = random.Random(7)
    held = 0
    for _ in range(400):
        drawn = [(chance.random() < 0.6, chance.random() < 0.5) for _ in range(40)]
        found = paired_difference(Pairs.of([a for a, _ in drawn], [b for _, b in drawn]))
        held += found.low <= 0.1 <= found.high
    assert held >= 360


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=80))
def test_bounds_hold_for_any_counts(drawn: list[tuple[bool, bool]]) -> None:
    counted = Pairs.of([a for a, _ in drawn], [b for _, b in drawn])
    found = paired_difference(counted)
    assert -1 <= found.low <= found.value + 1e-9
    assert found.value <= found.high + 1e-9 <= 1 + 1e-9
    assert 0 < mcnemar(counted) <= 1
    assert not math.isnan(found.low)


def test_published_intervals_of_shares() -> None:
    # Newcombe 1998 (Statistics in Medicine 17:857), table I, method 3: the score interval.
    known = ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611))
    for wins, tries, low, high in known:
        found = wilson(wins, tries)
        assert found.low == pytest.approx(low, abs=5e-5)
        assert found.high == pytest.approx(high, abs=5e-5)
