"""Models by role, as they are written in the settings file."""

from __future__ import annotations

from typing import Any

import pytest

from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.lineups import LINEUP_KEYS
from cort_desktop.domain.settings_reading import read
from cort_desktop.services.presets import presets, written

REF = ModelRef("ollama/llama3.2")


@pytest.mark.parametrize(("role", "key"), LINEUP_KEYS.items())
def test_every_role_can_be_named_in_the_defaults_and_in_a_preset(role: str, key: str) -> None:
    data: dict[str, Any] = {
        "defaults": {key: [REF]},
        "presets": {"mine": {"strategy": "council", key: REF}},
    }
    reading = read(data)
    assert (reading.problems, reading.warnings) == ((), ())
    assert reading.settings.defaults.lineup == {role: (REF,)}
    assert reading.settings.presets["mine"].lineup == {role: (REF,)}
    assert REF in reading.settings.defaults.models


def test_what_names_no_model_of_a_known_provider_is_told_with_its_key() -> None:
    data = {"presets": {"mine": {"strategy": "council", "synthesizer_model": ["llama", "olama/x"]}}}
    first, second = (str(each) for each in read(data).problems)
    assert "presets.mine.synthesizer_model" in first
    assert "PROVIDER/MODEL" in first
    assert 'did you mean "ollama"?' in second


def test_a_preset_is_written_back_with_its_line_up_and_a_role_that_was_emptied_is_taken_out() -> None:
    data = {"presets": {"mine": {"strategy": "council", "judge_model": [REF], "critic_model": [REF]}}}
    settings = read(data).settings
    assert presets(settings)["mine"].lineup == {"judge": (REF,), "critic": (REF,)}
    changes = written(settings, settings.presets["mine"])
    assert changes["presets", "mine", "judge_model"] == [REF]
    assert changes["presets", "mine", "synthesizer_model"] is None
