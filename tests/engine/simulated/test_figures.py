"""The two figures of selection and of votes, with fewer runs than ``dev.py bench`` takes."""

from __future__ import annotations

import math

import pytest

from cort_desktop.domain.ids import NodeName
from tests.fakes import vote_shares
from tests.fakes.compared import (
    CANDIDATES,
    PAIRS_RIGHT,
    adaptive_and_fixed,
    judges,
    panel_and_round_robin,
    swayed_judges,
)
from tests.fakes.formulas import near, noise_among_normals, noise_under_place_bias, normals_right
from tests.fakes.simulation import Text, World


def test_the_judges_are_right_about_85_pairs_in_100() -> None:
    (judge, *_) = judges()
    hits = 0
    for seed in range(2000):
        world = World(judges=(judge,), seed=seed)
        draw = world.chance("qualities")
        pair = [
            (NodeName(name), Text(cluster=0, quality=draw.gauss(0, 1), words=9, text=name)) for name in "ab"
        ]
        seen = world.seen(NodeName("J"), world.judge_models[0], pair)
        hits += seen.ranking[0][0] == max(pair, key=lambda each: each[1].quality)[0]
    assert near(hits, 2000, PAIRS_RIGHT)
    assert math.isclose(judge.noise, noise_among_normals(PAIRS_RIGHT))


@pytest.mark.parametrize("first", [0.0, 0.5])
def test_swayed_judges_are_right_as_often(first: float) -> None:
    noise = noise_under_place_bias(PAIRS_RIGHT, first)
    assert math.isclose(noise, swayed_judges(first)[0].noise)
    assert math.isclose(normals_right(noise, first), PAIRS_RIGHT, abs_tol=1e-6)
    if not first:
        assert math.isclose(noise, noise_among_normals(PAIRS_RIGHT), rel_tol=1e-3)


def test_however_an_error_of_fifteen_in_a_hundred_comes_about_a_third_of_the_calls_will_do() -> None:
    tally = panel_and_round_robin(120, swayed_judges(0.5))
    assert tally.right >= tally.reference_right
    assert tally.taken <= tally.reference_taken / 3


@pytest.mark.parametrize(("lasting", "first"), [(0.0, 0.0), (0.5, 0.5)], ids=["noise", "taste and place"])
def test_a_panel_is_as_good_as_a_round_robin_for_a_third_of_its_calls(lasting: float, first: float) -> None:
    tally = panel_and_round_robin(500, judges(lasting=lasting, first=first))
    assert tally.right >= tally.reference_right
    assert tally.reference_taken == 500 * CANDIDATES * (CANDIDATES - 1)
    assert tally.taken <= tally.reference_taken / 3


def test_an_adaptive_vote_is_as_right_as_forty_samples_for_a_quarter_of_them() -> None:
    tally = adaptive_and_fixed(vote_shares.kept())
    assert abs(tally.right - tally.reference_right) <= 0.003 * tally.runs
    assert tally.taken <= tally.reference_taken / 4


def test_the_table_is_the_one_that_is_made() -> None:
    """It says how it came about: nothing in it was measured."""
    questions = vote_shares.kept()
    assert questions == vote_shares.made()
    assert vote_shares.PLACE.read_text(encoding="utf-8") == vote_shares.text(questions)
    assert len(questions) == 500
    assert all(math.isclose(each.right + sum(each.wrong), 1.0, abs_tol=1e-9) for each in questions)
