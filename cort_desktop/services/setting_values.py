"""What each setting of a strategy is set to: as said with the question, else as saved, else its own default.

A setting that the strategy doesn't read is a mistake where it was said with the question, and ignored where
it was saved: a saved value is meant for every strategy that reads it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from cort_desktop.domain.settings import Defaults, closest, shown
from cort_desktop.domain.strategy_settings import (
    NUMBERS,
    Setting,
    SettingValue,
    declared,
    problem,
    takes,
    value_of,
)
from cort_desktop.engine.strategies.base import Strategy
from cort_desktop.errors import SettingsError, UsageError
from cort_desktop.services.presets import Preset


def setting_values(
    strategy: Strategy, said: Mapping[str, SettingValue], saved: Mapping[str, SettingValue]
) -> dict[str, SettingValue | None]:
    """The value of every setting of ``strategy``; None: it chooses. What was ``said`` goes before all else.

    Raises UsageError for what was said and SettingsError for what was saved, where a setting doesn't take it.
    """
    found: dict[str, SettingValue | None] = {}
    for each in strategy.settings:
        found[each.name] = each.default
        for values, error in ((said, UsageError), (saved, SettingsError)):
            if each.name in values:
                found[each.name] = _checked(each, values[each.name], strategy, error)
                break
    return found


def saved_values(preset: Preset | None, defaults: Defaults, *, preset_first: bool) -> dict[str, SettingValue]:
    """What the settings file has for any strategy, and a preset whose values hold for this one."""
    general: dict[str, SettingValue] = dict(defaults.settings)
    general |= {name: value for name in NUMBERS if (value := getattr(defaults, name)) is not None}
    own: dict[str, SettingValue] = {}
    if preset is not None:
        own |= preset.numbers
        own |= preset.settings
    return general | own if preset_first else own | general


def typed_values(
    texts: Mapping[str, str], strategy: Strategy, besides: Collection[str]
) -> dict[str, SettingValue]:
    """What was typed as NAME=VALUE, read as its setting takes it. ``besides`` are names that every strategy
    takes. Raises UsageError, with the close match, for one that this strategy doesn't have.
    """
    found: dict[str, SettingValue] = {}
    for name, text in texts.items():
        if name in besides:
            continue
        each = declared(name, strategy.settings)
        if each is None:
            known = [each.name for each in strategy.settings] + [*besides]
            raise UsageError(
                f"The strategy {strategy.name} has no setting {shown(name)}{closest(name, known)}; "
                f"{_reads(strategy)}."
            )
        value = value_of(each, text)
        if value is None:
            raise UsageError(
                f"--set {name}={shown(text)} can't be: {name} of {strategy.name} takes {takes(each)} "
                f"({each.words})."
            )
        found[name] = value
    return found


def refuse_unread(names: Collection[str], strategy: Strategy) -> None:
    """Raises UsageError when ``strategy`` has no setting of one of the names."""
    for name in names:
        if declared(name, strategy.settings) is None:
            raise UsageError(f"The strategy {strategy.name} doesn't read {name}; {_reads(strategy)}.")


def _checked(
    each: Setting, value: SettingValue, strategy: Strategy, error: type[SettingsError | UsageError]
) -> SettingValue:
    if problem(each, value) is None:
        return value
    where = " (saved in config.toml)" if error is SettingsError else ""
    raise error(
        f"{each.name} of {strategy.name} is {shown(value)}{where}; it takes {takes(each)} ({each.words})."
    )


def _reads(strategy: Strategy) -> str:
    names = ", ".join(each.name for each in strategy.settings)
    return f"it reads {names or 'no settings'}"
