from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cort_desktop.engine.stopping import vote_confidence, vote_decided


@pytest.mark.parametrize(
    ("a", "b", "confidence"),
    [
        (0, 0, 1 / 2),
        (1, 0, 3 / 4),
        (3, 0, 15 / 16),
        (4, 0, 31 / 32),
        (5, 1, 120 / 128),
        (6, 1, 247 / 256),
        (7, 2, 968 / 1024),
        (8, 2, 1981 / 2048),
    ],
)
def test_confidence_by_hand(a: int, b: int, confidence: float) -> None:
    assert vote_confidence(a, b) == confidence


@pytest.mark.parametrize("votes", [(4, 0), (6, 1), (8, 2), (16, 0)])
def test_a_clear_vote_stops(votes: tuple[int, int]) -> None:
    assert vote_decided(*votes, left=100) == "vote"


@pytest.mark.parametrize("votes", [(0, 0), (3, 0), (5, 1), (7, 2), (4, 4)])
def test_an_unclear_vote_goes_on(votes: tuple[int, int]) -> None:
    assert vote_decided(*votes, left=100) is None


@pytest.mark.parametrize(
    ("a", "b", "left", "why"),
    [
        (3, 0, 2, "unassailable"),
        (3, 0, 3, None),
        (1, 0, 0, "unassailable"),
        (2, 2, 0, None),
        (4, 0, 0, "vote"),
    ],
)
def test_a_lead_that_cannot_be_caught_up_stops(a: int, b: int, left: int, why: str | None) -> None:
    assert vote_decided(a, b, left) == why


@settings(deadline=None)
@given(st.integers(0, 300), st.integers(0, 300))
def test_confidence_of_both_sides_adds_up_to_one(a: int, b: int) -> None:
    assert Fraction(vote_confidence(a, b)) + Fraction(vote_confidence(b, a)) == pytest.approx(1)


@settings(deadline=None)
@given(st.integers(0, 400), st.integers(0, 400))
def test_more_votes_for_the_leader_never_make_it_less_sure(a: int, b: int) -> None:
    assert vote_confidence(a + 1, b) >= vote_confidence(a, b) >= vote_confidence(a, b + 1)
