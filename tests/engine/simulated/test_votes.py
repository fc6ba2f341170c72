"""The vote against its formula: which leads stop it, how often each rule fires, how many samples it takes."""

from __future__ import annotations

from collections import Counter
from statistics import fmean

import pytest

from tests.fakes.formulas import confidence, mean_near, near, vote_run
from tests.fakes.simulated_runs import Played, play
from tests.fakes.simulation import Judge, World, Writer

pytestmark = pytest.mark.endurance

RUNS = 200


def votes(writer: Writer, most: int, count: int = RUNS) -> list[Played]:
    return [
        play("self_consistency", World(writer=writer, judges=(Judge(),), seed=seed), alternatives=most)
        for seed in range(count)
    ]


@pytest.mark.parametrize("most", [4, 10, 16, 40])
@pytest.mark.parametrize("chance", [0.55, 0.8])
def test_two_values_end_as_often_by_each_rule_as_they_must(chance: float, most: int) -> None:
    """Aggarwal's rule in waves of 4: every path of the vote summed up, against runs."""
    played = votes(Writer(right=chance), most)
    expected = vote_run(chance, most)
    assert near(sum(run.is_right for run in played), RUNS, expected.right)
    assert mean_near([run.count("proposer") for run in played], expected.samples)
    fired = Counter(run.rule for run in played)
    for rule in ("vote", "unassailable", "samples"):
        assert near(fired[rule], RUNS, expected.rules.get(rule, 0.0)), rule


def test_the_leads_that_stop_are_4_0_6_1_8_2_and_wider() -> None:
    """Votes of any number, for a cut sample has none: no narrower lead ever ends it by confidence."""
    seen: Counter[tuple[int, int]] = Counter()
    for run in votes(Writer(right=0.75, cut=0.25), 40):
        numbers = run.end.reason.numbers
        lead = (numbers["for"], numbers["next"])
        assert (run.rule == "vote") == (confidence(*lead) >= 0.95)
        assert numbers["confidence"] == pytest.approx(float(confidence(*lead)))
        assert numbers["samples"] == run.count("proposer")
        if run.rule == "vote":
            seen[lead] += 1
            assert f"{lead[0]} of {numbers['samples']} samples agree" in run.end.reason.text
    assert all(seen[lead] for lead in ((4, 0), (6, 1), (8, 2)))
    assert all(confidence(a - 1, b) < 0.95 or a + b > 4 for a, b in seen)
    assert not {(3, 0), (5, 1), (7, 2)} & set(seen)


def test_unassailable_is_a_lead_that_the_samples_left_cannot_turn() -> None:
    ended = [run for run in votes(Writer(right=0.6), 16) if run.rule == "unassailable"]
    assert ended
    for run in ended:
        numbers = run.end.reason.numbers
        assert numbers["for"] - numbers["next"] > 16 - numbers["samples"]
        assert numbers["samples"] < 16 or numbers["for"] != numbers["next"]


def test_a_sure_model_takes_one_wave_and_a_torn_one_all() -> None:
    assert {run.count("proposer") for run in votes(Writer(right=1.0), 40, 20)} == {4}
    torn = votes(Writer(right=0.5), 40, 80)
    assert mean_near([run.count("proposer") for run in torn], vote_run(0.5, 40).samples)


def test_scattered_wrong_answers_lose_to_fewer_right_ones() -> None:
    """A right share of 0.4 against six wrong values of a tenth each: the vote is right far more often."""
    played = votes(Writer(right=0.4, wrong=(1.0,) * 6), 40, 80)
    assert fmean(run.is_right for run in played) > 0.95


def test_nothing_to_compare_ends_without_a_vote() -> None:
    """Empty samples are no candidates; a wave of them is not followed by another."""
    for run in votes(Writer(words=(0, 0)), 16, 20):
        assert (run.end.status, run.end.answer, run.count("proposer")) == ("failed", None, 4)
