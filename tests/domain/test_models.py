"""Facts of a model, and what they mean for how it is asked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.models import EFFORTS, Effort, LeftOut, ModelProfile, thinking_tokens

REF = ModelRef("p/m")
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_a_refusal_changes_what_there_is_a_word_for() -> None:
    names = ("seed", "temperature", "response_format", "stream_options", "developer role")
    plain = ModelProfile(ref=REF, system_role="developer")
    profile = plain.without(LeftOut(what=name, since=NOW) for name in names)
    assert (profile.seed, profile.temperature, profile.json_schema) == (False, False, False)
    assert profile.system_role == "system"
    assert tuple(each.what for each in profile.left_out) == names
    assert plain.without(()) == plain


@pytest.mark.parametrize(
    ("efforts", "wanted", "near"),
    [
        ((), "minimal", "minimal"),
        (("low", "medium", "high"), "medium", "medium"),
        (("low", "medium", "high"), "minimal", "low"),
        (("low", "medium", "high"), "max", "high"),
        (("low", "high"), None, None),
    ],
)
def test_the_nearest_effort_a_model_knows(
    efforts: tuple[Effort, ...], wanted: Effort | None, near: Effort | None
) -> None:
    assert ModelProfile(ref=REF, efforts=efforts).effort_near(wanted) == near


def test_a_model_that_does_not_think_is_not_asked_to() -> None:
    profile = ModelProfile(ref=REF, reasoning=False)
    assert profile.effort_near("high") is None
    assert thinking_tokens(profile, "high") == 0
    assert thinking_tokens(ModelProfile(ref=REF), "high") == 0


def test_there_is_more_room_for_thoughts_the_harder_they_are() -> None:
    thinking = ModelProfile(ref=REF, reasoning=True)
    rooms = [thinking_tokens(thinking, effort) for effort in EFFORTS]
    assert rooms == sorted(rooms)
    assert (rooms[0], thinking_tokens(thinking, None)) == (0, thinking_tokens(thinking, "medium"))
    assert thinking_tokens(ModelProfile(ref=REF, reasoning=True, context_tokens=8192), "max") == 2048
    assert thinking_tokens(ModelProfile(ref=REF, reasoning=True, most_output_tokens=1000), "max") == 500
