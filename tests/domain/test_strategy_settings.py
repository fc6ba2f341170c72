"""Declared settings: what each kind takes, as typed and as written in ``config.toml``."""

from __future__ import annotations

from typing import Any

import pytest

from cort_desktop.domain.settings_reading import Reading, Vocabulary, read
from cort_desktop.domain.strategy_settings import (
    ChoiceSetting,
    Setting,
    SettingValue,
    SwitchSetting,
    Way,
    WholeSetting,
    problem,
    said,
    takes,
    value_of,
)

WIDTH = WholeSetting(name="width", default=4, low=1, high=16, words="how wide")
PICK = ChoiceSetting(
    name="pick",
    default="vote",
    ways=(Way(value="vote", words="by votes"), Way(value="blind_panel", words="by judges")),
    words="how the end is decided",
)
BRIEF = SwitchSetting(name="brief", default=False, words="short answers")
DECLARED: dict[str, tuple[Setting, ...]] = {
    "search": (WholeSetting(name="rounds", default=2, low=1, high=9, words="rounds"), WIDTH, PICK, BRIEF),
    "other": (WholeSetting(name="width", default=1, low=30, high=40, words="another width"),),
    "broken": (),
}


def reading(preset: dict[str, Any] | None = None, defaults: dict[str, Any] | None = None) -> Reading:
    asked = list[int]()

    def declarations() -> dict[str, tuple[Setting, ...]]:
        asked.append(1)
        return DECLARED

    words = Vocabulary(strategies=("search", "other"), presets=("quick",), declarations=declarations)
    data = {"presets": {"mine": {"strategy": "search"} | (preset or {})}, "defaults": defaults or {}}
    found = read(data, vocabulary=words)
    usual = {"strategy", "rounds", "words"}
    unknown = {*(preset or {}), *(defaults or {})} - usual
    assert bool(asked) == bool(unknown) or "strategy" in (preset or {}), "asked for nothing, or not asked"
    return found


@pytest.mark.parametrize(
    ("setting", "text", "value"),
    [
        (WIDTH, " 7 ", 7),
        (WIDTH, "17", None),
        (WIDTH, "0", None),
        (WIDTH, "4.0", None),
        (WIDTH, "yes", None),
        (PICK, "Blind-Panel", "blind_panel"),
        (PICK, "panel", None),
        (PICK, "", None),
        (BRIEF, "on", True),
        (BRIEF, "NO", False),
        (BRIEF, "2", None),
    ],
)
def test_what_is_typed_is_read_as_the_setting_takes_it(
    setting: Setting, text: str, value: SettingValue | None
) -> None:
    assert value_of(setting, text) == value
    if value is not None:
        assert problem(setting, value) is None
        assert value_of(setting, said(value)) == value


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        (WIDTH, True),
        (WIDTH, "4"),
        (WIDTH, 1.0),
        (WIDTH, None),
        (PICK, 3),
        (PICK, None),
        (BRIEF, 1),
        (BRIEF, "no"),
    ],
)
def test_a_value_of_another_kind_is_none(setting: Setting, value: object) -> None:
    words = problem(setting, value)
    assert words is not None
    assert words.startswith("must be ")


def test_what_a_setting_takes_is_said_in_words() -> None:
    assert [takes(each) for each in (WIDTH, PICK, BRIEF)] == [
        "1 to 16",
        "one of vote, blind_panel",
        "yes or no",
    ]


def test_a_preset_says_what_its_strategy_reads() -> None:
    found = reading({"rounds": 3, "width": 8, "pick": "blind_panel", "brief": True})
    assert (found.problems, found.warnings) == ((), ())
    assert found.settings.presets["mine"].rounds == 3
    assert found.settings.presets["mine"].settings == {"width": 8, "pick": "blind_panel", "brief": True}


def test_without_such_names_no_strategy_is_loaded() -> None:
    assert reading({"rounds": 3}).settings.presets["mine"].settings == {}


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("width", 99, "presets.mine.width must be a whole number from 1 to 16, not 99"),
        ("pick", "vot", 'must be one of vote, blind_panel, not "vot" (did you mean "vote"?)'),
        ("pick", ["vote"], "not what is written there"),
        ("brief", "yes", 'presets.mine.brief must be true or false, not "yes"'),
    ],
)
def test_a_value_that_is_not_taken_is_wrong_and_left_out(key: str, value: Any, words: str) -> None:
    found = reading({key: value})
    assert words in "".join(map(str, found.problems))
    assert found.settings.presets["mine"].settings == {}


def test_a_name_that_is_not_read_is_doubtful_and_has_no_effect() -> None:
    found = reading({"widht": 3, "strategy": "search"})
    assert [str(note) for note in found.warnings] == [
        'presets.mine.widht is not known and has no effect (did you mean "width"?)'
    ]
    found = reading({"pick": "vote", "strategy": "other"})
    assert "pick is a setting of search; other doesn't read it" in str(found.warnings[0])
    assert (found.problems, found.settings.presets["mine"].settings) == ((), {})


def test_the_defaults_are_for_every_strategy_that_reads_them() -> None:
    found = reading(defaults={"width": 35, "brief": True})
    assert (found.problems, found.settings.defaults.settings) == ((), {"width": 35, "brief": True})
    assert "must be a whole number" in str(reading(defaults={"width": 20}).problems[0])


def test_a_strategy_of_another_package_may_be_named_even_when_it_is_broken() -> None:
    assert reading({"strategy": "broken"}).problems == ()
    assert "which is unknown" in str(reading({"strategy": "brokn"}).problems[0])
