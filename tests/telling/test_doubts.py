"""Verdicts that are odd in themselves are marked wherever they are seen."""

from __future__ import annotations

from typing import Any

import pytest

from cort_desktop.domain.events import Verdict
from cort_desktop.gui.rounds.why_facts import why_of
from cort_desktop.telling.doubts import doubt_words, doubts, flaws_named, is_placeholder
from cort_desktop.telling.run_tree import Moment, Place
from cort_desktop.telling.told import told
from tests.fakes.story import Story, n

RANKING = [["R1.A2"], ["R1.A1"], ["R1.A3"]]


def even(score: int) -> dict[str, int]:
    return {"correctness": score, "clarity": score}


def story(**more: Any) -> Story:
    made = Story(strategy="best_of_n")
    for name in ("R1.A1", "R1.A2", "R1.A3"):
        made.start(name, "sample").finish(name, name)
    made.start("R1.J1", role="judge").finish("R1.J1", "{}")
    return made.verdict("R1.J1", RANKING, **more)


def verdict(**more: Any) -> Verdict:
    return story(**more).state().verdicts[n("R1.J1")]


def shorts(**more: Any) -> list[str]:
    return [doubt.short for doubt in doubts(verdict(**more))]


def test_a_sound_verdict_is_not_doubted() -> None:
    scores = {n("R1.A1"): even(7), n("R1.A2"): even(9), n("R1.A3"): {"correctness": 3, "clarity": 8}}
    assert shorts(scores=scores, flaws={n("R1.A3"): "wrong sum"}) == []
    assert shorts() == []


def test_a_halved_vote_says_so() -> None:
    assert shorts(weight=0.5) == ["counts half"]
    assert doubt_words(verdict(weight=0.25)) == "counts 0.25: its scores contradict its ranking"


def test_the_same_scores_for_all_tell_nobody_apart() -> None:
    alike = {n(name): {"correctness": 8, "clarity": 7} for name in ("R1.A1", "R1.A2", "R1.A3")}
    assert shorts(scores=alike) == ["all alike"]
    assert shorts(scores={n("R1.A1"): even(8)}) == []  # one alone can't be told from nobody


def test_scores_that_only_number_what_was_shown() -> None:
    order = ["R1.A3", "R1.A1", "R1.A2"]
    scores = {n(name): even(place) for place, name in enumerate(order, 1)}
    assert shorts(scores=scores, order=order) == ["only numbered"]
    assert shorts(scores=scores, order=[*reversed(order)]) == []


@pytest.mark.parametrize(
    "flaw", ["fatal_flaw", "null", "None.", "n/a", "N/A", "3", "“no fatal flaw”", " - ", "string"]
)
def test_a_placeholder_is_no_flaw(flaw: str) -> None:
    assert is_placeholder(flaw)
    made = verdict(flaws={n("R1.A1"): flaw, n("R1.A3"): "names no index"})
    assert [doubt.short for doubt in doubts(made)] == ["no real flaw"]
    assert flaws_named(made) == {n("R1.A3"): "names no index"}


@pytest.mark.parametrize("flaw", ["none of the steps is shown", "nothing but a list", "42 is wrong", "空"])
def test_words_that_say_something_are_a_flaw(flaw: str) -> None:
    assert not is_placeholder(flaw)


def test_it_is_marked_in_the_outline_and_in_why() -> None:
    made = story(weight=0.5, flaws={n("R1.A1"): "fatal_flaw"})
    row = told(Moment(state=made.state()), Place("judges", 1))
    assert (row.badge, row.tone, row.note) == ("counts half", "warn", "R1.A2 > R1.A1 > R1.A3")
    assert "placeholder" in row.spoken
    why = why_of(made.state(), 1)
    assert why.judges[0].doubts == (
        "Counts half: its scores contradict its ranking.",
        "Wrote a placeholder where a fatal flaw belongs.",
    )
    assert why.judges[0].flaws == ()
    assert "1 of 1 verdicts in doubt" in [chip.text for chip in why.chips]
    assert any("Every verdict of this round is in doubt" in note for note in why.notes)
