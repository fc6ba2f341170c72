"""The plot: a picture that can be read as one, the same for the same figures, light and dark."""

from __future__ import annotations

import sys

import pytest

from cort_desktop.adapters.bench_plot import BESIDE, beside, draw
from cort_desktop.domain.bench import Recorded
from cort_desktop.domain.bench_summary import Summary, summary
from cort_desktop.errors import SettingsError
from tests.fakes.bench import ORIGIN, recorded, setup, trial


def found() -> Summary:
    return summary(recorded(setup("single", "cort", items=6), lambda _: 0.5))


def test_it_is_a_picture_with_the_names_in_it() -> None:
    assert draw(found(), file_format="png").startswith(b"\x89PNG")
    light = draw(found(), file_format="svg")
    assert b"<svg" in light
    assert b"single" in light
    assert b"cort" in light
    assert light == draw(found(), file_format="svg")
    assert light != draw(found(), file_format="svg", dark=True)


def test_names_are_never_taken_for_formulas() -> None:
    drawn = draw(summary(recorded(setup("preset:$x^$", items=2), lambda _: 1.0)), file_format="svg")
    assert b"preset:$x^$" in drawn


def test_without_the_library_one_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(SettingsError, match="cort-desktop"):
        draw(found(), file_format="png")


def test_what_a_way_is_held_against_is_a_curve_with_a_name() -> None:
    of = setup("single", "cort", items=4, controls=True)
    trials = []
    for item in range(4):
        trials += [trial(of.contenders[0], item, item < 2), trial(of.contenders[1], item, True, tokens=300)]
        trials += [trial("single", item, True, part="sample", index=at) for at in (1, 2, 3)]
    held = summary(Recorded(setup=of, origin=ORIGIN, trials=tuple(trials), is_closed=True))
    drawn = draw(held, file_format="svg")
    assert b"a vote of single answers" in drawn
    assert b"95 % intervals" in drawn
    assert b"a vote of single answers" not in draw(found(), file_format="svg")


def test_marks_at_the_same_tokens_stand_beside_each_other() -> None:
    assert beside([100.0, 1000.0]) == [(0, 100.0), (1, 1000.0)]
    (_, first), (_, second), (_, third) = beside([1000.0, 1001.0, 0.0])
    assert second / first == pytest.approx(BESIDE)
    assert (first * second) ** 0.5 == pytest.approx(1000.5, rel=1e-3)
    assert third == 1.0
