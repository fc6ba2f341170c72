"""Named ways to think: a strategy with its numbers. People may save their own in ``config.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cort_desktop.domain.lineups import LINEUP_KEYS, RoleModels
from cort_desktop.domain.settings import PresetSettings, Settings, closest, shown
from cort_desktop.domain.strategy_settings import NUMBERS, SettingValue
from cort_desktop.errors import SettingsError, UsageError

LONGEST_NAME = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A preset as it is offered: ``numbers`` are rounds, alternatives and judges where it says them,
    ``settings`` what else it says of its strategy, by the declared name; ``lineup`` which models do what.
    """

    name: str
    title: str
    words: str
    strategy: str
    numbers: Mapping[str, int]
    settings: Mapping[str, SettingValue] = field(default_factory=dict)
    verifier: str | None = None
    lineup: RoleModels = field(default_factory=dict)


BUILT_IN = (
    Preset(
        name="quick",
        title="Quick",
        words="Three answers, one judge.",
        strategy="best_of_n",
        numbers={"alternatives": 3, "judges": 1},
    ),
    Preset(
        name="balanced",
        title="Balanced",
        words="A vote where the answer can be compared, else four answers and three judges.",
        strategy="balanced",
        numbers={"judges": 3},
    ),
    Preset(
        name="deep",
        title="Deep",
        words="Up to three rounds: three varied challengers against the best so far, three judges.",
        strategy="tournament",
        numbers={"rounds": 3, "alternatives": 3, "judges": 3},
    ),
    Preset(
        name="max",
        title="Max",
        words="Eight answers, three times written anew from each other; then a vote or three judges.",
        strategy="recursive_self_aggregation",
        numbers={"rounds": 4, "alternatives": 8, "judges": 3},
    ),
    Preset(
        name="council",
        title="Council",
        words="Several models answer and rank each other’s answers blind; a chairman writes the final one.",
        strategy="council",
        numbers={},
    ),
    Preset(
        name="classic",
        title="Classic CoRT",
        words="A draft, then rounds of three challengers and one judge; the model decides how many.",
        strategy="cort",
        numbers={"alternatives": 3, "judges": 1},
    ),
)


def presets(settings: Settings) -> dict[str, Preset]:
    """All presets by name; a person's own may take the name of a built-in one."""
    found = {preset.name: preset for preset in BUILT_IN}
    found.update({name: _saved(saved) for name, saved in settings.presets.items()})
    return found


def find(settings: Settings, name: str) -> Preset:
    """The preset of that name. Raises UsageError with the nearest name."""
    known = presets(settings)
    if name in known:
        return known[name]
    raise UsageError(
        f"There is no preset named {shown(name)}{closest(name, known)}. Known are {', '.join(known)}."
    )


def is_built_in(name: str) -> bool:
    """Whether a preset of that name comes with the program."""
    return any(preset.name == name for preset in BUILT_IN)


def written(settings: Settings, preset: PresetSettings) -> dict[tuple[str, ...], Any]:
    """What is written to keep a preset, in place of one of its name. Raises SettingsError when its name can't
    be one.
    """
    name = preset.name
    if name != name.strip() or not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise SettingsError(
            f"{shown(name)} can't be the name of a preset: use 1 to {LONGEST_NAME} letters, digits and signs."
        )
    if is_built_in(name):
        raise SettingsError(f"{name} is a preset that comes with the program; choose another name.")
    values: dict[str, Any] = {
        "strategy": preset.strategy,
        "words": preset.words or None,
        **{number: getattr(preset, number) for number in NUMBERS},
        **(dict.fromkeys(settings.presets[name].settings) if name in settings.presets else {}),
        **preset.settings,
        **{key: list(preset.lineup.get(role, ())) or None for role, key in LINEUP_KEYS.items()},
    }
    if preset.verifier is not None:  # one that was written by hand stays when the rest is saved anew
        values["verifier"] = preset.verifier
    return {("presets", name, key): value for key, value in values.items()}


def removed(settings: Settings, name: str) -> dict[tuple[str, ...], Any]:
    """What is taken out to forget a saved preset. Raises UsageError when there is none of that name."""
    if name not in settings.presets:
        raise UsageError(f"There is no saved preset named {shown(name)}{closest(name, settings.presets)}.")
    changes: dict[tuple[str, ...], Any] = {("presets", name): None}
    if settings.defaults.preset == name and not is_built_in(name):
        changes["defaults", "preset"] = None
    return changes


def _saved(saved: PresetSettings) -> Preset:
    numbers = {name: getattr(saved, name) for name in NUMBERS}
    return Preset(
        name=saved.name,
        title=saved.name,
        words=saved.words,
        strategy=saved.strategy,
        numbers={key: value for key, value in numbers.items() if value is not None},
        settings=dict(saved.settings),
        verifier=saved.verifier,
        lineup=dict(saved.lineup),
    )
