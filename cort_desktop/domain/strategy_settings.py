"""What a strategy lets people set, declared once: whole numbers, choices, switches.

The form in the window, ``--set`` in the terminal, the tables of ``config.toml`` and the checks of a plan all
come from the declaration. ``rounds``, ``alternatives`` and ``judges`` are fields of a ``RunSpec``; the value
of any other setting lives in ``spec.settings`` under its declared name. Which strategies there are is the
engine's to know; which models a role has is no setting but the line-up.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, assert_never

from cort_desktop.domain.settings import closest, shown

SettingValue = int | str | bool
"""What a setting can be set to."""

NUMBERS: tuple[Literal["rounds"], Literal["alternatives"], Literal["judges"]] = (
    "rounds",
    "alternatives",
    "judges",
)
"""The settings that are fields of a RunSpec: whole numbers, with an option of their own."""

_ON = frozenset({"yes", "true", "on", "1"})
_OFF = frozenset({"no", "false", "off", "0"})


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeSetting:
    """A whole number from ``low`` to ``high``. A ``default`` of None: the strategy chooses. ``noun``: what is
    counted, in the plural; where it is empty, what the name says.
    """

    name: str
    default: int | None
    low: int
    high: int
    words: str
    noun: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One of the values of a choice, and what it means, as half a sentence."""

    value: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceSetting:
    """One of several named ways."""

    name: str
    default: str
    ways: tuple[Way, ...]
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchSetting:
    """Yes or no."""

    name: str
    default: bool
    words: str


Setting = WholeSetting | ChoiceSetting | SwitchSetting


def takes(setting: Setting) -> str:
    """What a setting can be set to: ``1 to 9``, ``one of vote, panel``, ``yes or no``."""
    match setting:
        case WholeSetting():
            return f"{setting.low} to {setting.high}"
        case ChoiceSetting():
            return f"one of {', '.join(way.value for way in setting.ways)}"
        case SwitchSetting():
            return "yes or no"
    assert_never(setting)


def problem(setting: Setting, value: object) -> str | None:
    """What is wrong with a value, as half a sentence that follows the setting's name; None: nothing."""
    match setting:
        case WholeSetting():
            if (
                isinstance(value, int)
                and not isinstance(value, bool)
                and setting.low <= value <= setting.high
            ):
                return None
            return f"must be a whole number from {takes(setting)}, not {_said(value)}"
        case ChoiceSetting():
            known = [way.value for way in setting.ways]
            near = closest(value, known) if isinstance(value, str) else ""
            return None if value in known else f"must be {takes(setting)}, not {_said(value)}{near}"
        case SwitchSetting():
            return None if isinstance(value, bool) else f"must be true or false, not {_said(value)}"
    assert_never(setting)


def value_of(setting: Setting, text: str) -> SettingValue | None:
    """A value as a person types it (``3``, ``vote``, ``yes``); None when the setting doesn't take it."""
    match setting:
        case WholeSetting():
            value: SettingValue | None = _whole(text)
        case ChoiceSetting():
            value = text.strip().casefold().replace("-", "_")
        case SwitchSetting():
            word = text.strip().casefold()
            value = True if word in _ON else False if word in _OFF else None
        case _:
            assert_never(setting)
    return None if problem(setting, value) is not None else value


def said(value: SettingValue) -> str:
    """A value as a person types it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def declared(name: str, settings: Collection[Setting]) -> Setting | None:
    """The setting of that name."""
    return next((setting for setting in settings if setting.name == name), None)


def _whole(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return shown(value) if isinstance(value, str | int | float) else "what is written there"
