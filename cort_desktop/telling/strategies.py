"""What a strategy is called among people, and how a run thinks in a line: its preset, its strategy and the
numbers it was given. Its name in files and options is another matter; what it lets people set it declares
itself (``domain/strategy_settings.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import RunSpec
from cort_desktop.domain.strategy_settings import (
    NUMBERS,
    ChoiceSetting,
    Setting,
    SettingValue,
    SwitchSetting,
    WholeSetting,
)
from cort_desktop.telling.safe import one_line

_OWN_TITLES = {"ab_mcts": "AB-MCTS", "cort": "CoRT", "single": "No contest"}
"""What is called otherwise than its name says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What strategies declare and what presets are called, each by its name; of an unknown one its name tells
    what there is to tell.
    """

    settings: Mapping[str, Sequence[Setting]] = field(default_factory=dict)
    presets: Mapping[str, str] = field(default_factory=dict)


def strategy_title(name: str) -> str:
    """``Best of n``, ``AB-MCTS``."""
    return _OWN_TITLES.get(name, _capital(name))


def plan_words(state: RunState, declared: Declared) -> str:
    """How a run thinks, in a few words: ``Deep · Tournament · 3 rounds, 3 challengers, 3 judges``."""
    if state.started is None:
        return ""
    preset = state.started.preset
    title = "" if preset is None else declared.presets.get(preset, _capital(preset))
    parts = dict.fromkeys((one_line(title), strategy_title(state.strategy)))
    return " · ".join(part for part in (*parts, settings_words(state, declared)) if part)


def settings_words(state: RunState, declared: Declared) -> str:
    """``3 rounds, 3 challengers, 3 judges``: the numbers a run was given, and what else is not as usual."""
    settings = declared.settings.get(state.strategy)
    if settings is None:
        numbers = ((name, getattr(state.spec, name)) for name in NUMBERS)
        return ", ".join(_counted(value, name) for name, value in numbers if value)
    return ", ".join(said for each in settings if (said := _said(each, _value(state.spec, each))))


def _value(spec: RunSpec, setting: Setting) -> SettingValue | None:
    return getattr(spec, setting.name) if setting.name in NUMBERS else spec.settings.get(setting.name)


def _said(setting: Setting, value: SettingValue | None) -> str:
    """A setting in two words; nothing where it is as usual, but for a number of rounds, answers or judges."""
    match setting:
        case WholeSetting():
            is_told = setting.name in NUMBERS or value not in (None, setting.default)
            number = setting.default if value is None else value
            return (
                _counted(int(number), setting.noun or setting.name) if is_told and number is not None else ""
            )
        case ChoiceSetting():
            return (
                "" if value in (None, setting.default) else f"{_spaced(setting.name)} {_spaced(str(value))}"
            )
        case SwitchSetting():
            no = "" if value else "no "
            return "" if value in (None, setting.default) else f"{no}{_spaced(setting.name)}"
    assert_never(setting)


def _counted(number: int, noun: str) -> str:
    """``3 judges``, ``1 judge``, ``1 answer at once``."""
    first, _, rest = noun.replace("_", " ").partition(" ")
    return " ".join(
        part for part in (str(number), first.removesuffix("s") if number == 1 else first, rest) if part
    )


def _spaced(name: str) -> str:
    return one_line(name.replace("_", " "))


def _capital(name: str) -> str:
    words = _spaced(name)
    return words[:1].upper() + words[1:]
