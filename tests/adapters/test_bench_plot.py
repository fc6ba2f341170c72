"""The plot: a picture that can be read as one, the same for the same figures, light and dark."""

from __future__ import annotations

import sys

import pytest

from cort_desktop.adapters.bench_plot import draw
from cort_desktop.domain.bench_summary import Summary, summary
from cort_desktop.errors import SettingsError
from tests.fakes.bench import recorded, setup


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
