"""A preset's verifier in ``config.toml``: read, kept, or named as wrong with its place."""

from __future__ import annotations

from typing import Any

import pytest

from cort_desktop.domain.settings import PresetSettings, Settings
from cort_desktop.domain.settings_reading import Vocabulary, read
from cort_desktop.services.presets import written

WORDS = Vocabulary(strategies=("best_of_n",), presets=("quick",))


def reading(verifier: Any) -> Any:
    return read({"presets": {"mine": {"strategy": "best_of_n", "verifier": verifier}}}, vocabulary=WORDS)


@pytest.mark.parametrize(
    "text",
    ["exact:42", "arithmetic", "json:/some/where/schema.json", "python:~/tests.py", "exact:relative/a"],
)
def test_a_preset_names_what_checks_its_answers(text: str) -> None:
    found = reading(text)
    assert (found.problems, found.warnings) == ((), ())
    assert found.settings.presets["mine"].verifier == text


@pytest.mark.parametrize(
    ("verifier", "words"),
    [
        ("magic:1", "There is no verifier"),
        ("exact", "lacks what it checks against"),
        ("json:schema.json", "must name its file with the whole path"),
        ("python:tests.py", "must name its file with the whole path"),
        (42, "verifier"),
    ],
)
def test_one_that_makes_no_sense_is_told_with_its_place(verifier: Any, words: str) -> None:
    (problem,) = [str(each) for each in reading(verifier).problems]
    assert "presets.mine.verifier" in problem
    assert words in problem


def test_saving_the_rest_of_a_preset_leaves_a_verifier_written_by_hand() -> None:
    plain = written(Settings(), PresetSettings(name="mine", strategy="best_of_n"))
    assert ("presets", "mine", "verifier") not in plain
    told = written(Settings(), PresetSettings(name="mine", strategy="best_of_n", verifier="exact:42"))
    assert told["presets", "mine", "verifier"] == "exact:42"
