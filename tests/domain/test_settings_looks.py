"""The tables that only a window reads."""

from __future__ import annotations

from typing import Any

import pytest

from cort_desktop.domain.settings import Appearance
from cort_desktop.domain.settings_reading import read


def test_appearance() -> None:
    written = {"theme": "contrast", "text_size": 150, "reduce_motion": True}
    reading = read({"appearance": written})
    assert reading.settings.appearance == Appearance(theme="contrast", text_size=150, reduce_motion=True)
    assert (reading.problems, reading.warnings) == ((), ())
    assert read({"appearance": {"reduce_motion": "system"}}).settings.appearance == Appearance()


def test_shortcuts_in_quotes_and_as_tables_in_tables() -> None:
    reading = read(
        {"shortcuts": {"chat.send": "Ctrl+Return", "tree": {"diff": "", "why": ["W", "Ctrl+W", "W"]}}}
    )
    assert reading.problems == ()
    assert reading.settings.shortcuts == {
        "chat.send": ("Ctrl+Return",),
        "tree.diff": (),
        "tree.why": ("W", "Ctrl+W"),
    }


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"appearance": {"theme": "drak"}}, 'did you mean "dark"?'),
        ({"appearance": {"text_size": 79}}, "from 80 to 200, not 79"),
        ({"appearance": {"text_size": True}}, "from 80 to 200, not true"),
        ({"appearance": {"reduce_motion": 1}}, 'must be true, false or "system"'),
        ({"shortcuts": {"send": "Ctrl+A"}}, "shortcuts.send is no id of an action"),
        ({"shortcuts": {"chat": {"Send": "Ctrl+A"}}}, "shortcuts.chat.Send is no id of an action"),
        ({"shortcuts": {"chat.send": 3}}, 'shortcuts."chat.send" must be keys like "Ctrl+K"'),
        ({"shortcuts": {"chat.send": ["A", "B", "C", "D", "E"]}}, "at most 4 of them"),
        ({"shortcuts": {"chat.send": "sk-abcdefghijklmnop\n"}}, "not a text that looks like a key"),
        ({"shortcuts": 3}, "must be a table, [shortcuts], not a number"),
        ({"appearance": []}, "must be a table, [appearance], not a list"),
    ],
)
def test_each_mistake_is_named_and_its_default_holds(data: dict[str, Any], words: str) -> None:
    reading = read(data)
    (found,) = map(str, reading.problems)
    assert words in found
    assert (reading.settings.appearance, reading.settings.shortcuts) == (Appearance(), {})
