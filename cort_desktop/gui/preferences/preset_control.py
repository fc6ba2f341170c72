"""What the presets' form does: which preset is looked at, what is changed in it, keeping and forgetting it.

Has no widgets. A built-in preset is looked at; whatever is changed in it can be saved under another name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from PySide6.QtCore import QCoreApplication

from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.lineups import RoleModels
from cort_desktop.domain.settings import PresetSettings
from cort_desktop.domain.strategy_settings import NUMBERS, SettingValue, problem
from cort_desktop.errors import CortError
from cort_desktop.gui.preferences.saver import Say, reason
from cort_desktop.gui.tasks import Tasks
from cort_desktop.services.app import App
from cort_desktop.services.outcomes import StrategyInfo
from cort_desktop.services.presets import Preset, is_built_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A preset as the form shows it; ``name`` is whose it was. values: of the strategy's settings, as far as
    they are not as usual. verifier: goes along unchanged. lineup: the models that are named for a role.
    """

    name: str
    words: str
    strategy: str
    values: Mapping[str, SettingValue] = field(default_factory=dict)
    verifier: str | None = None
    lineup: RoleModels = field(default_factory=dict)


class PresetControl:
    """Over the services; ``draft`` is what the form shows."""

    def __init__(self, app: App, tasks: Tasks) -> None:
        self._app = app
        self._tasks = tasks
        first = self.presets()[0]
        self.draft = _draft(first)

    def presets(self) -> list[Preset]:
        """The presets there are, the built-in ones first."""
        return self._app.chat.presets()

    def strategies(self) -> list[StrategyInfo]:
        """The strategies there are."""
        return self._app.chat.strategies()

    def strategy(self) -> StrategyInfo:
        """The strategy of the draft."""
        return next(each for each in self.strategies() if each.name == self.draft.strategy)

    @property
    def is_saved(self) -> bool:
        """Whether the preset looked at is a person's own."""
        return self.draft.name in self._app.preferences.settings.presets

    @property
    def is_changed(self) -> bool:
        """Whether the draft differs from its preset."""
        return not any(_draft(preset) == self.draft for preset in self.presets())

    def look(self, name: str) -> None:
        """Look at a preset; what was changed in the last one is gone."""
        self.draft = next((_draft(each) for each in self.presets() if each.name == name), self.draft)

    def set_words(self, words: str) -> None:
        """Describe it in other words."""
        self.draft = replace(self.draft, words=words.strip())

    def set_strategy(self, name: str) -> None:
        """Think by another strategy; values and roles that it doesn't have fall away."""
        self.draft = replace(self.draft, strategy=name)
        settings = {setting.name: setting for setting in self.strategy().settings}
        kept = {
            n: value
            for n, value in self.draft.values.items()
            if n in settings and problem(settings[n], value) is None
        }
        roles = self.strategy().roles
        lineup = {role: refs for role, refs in self.draft.lineup.items() if role in roles}
        self.draft = replace(self.draft, values=kept, lineup=lineup)

    def set_value(self, name: str, value: SettingValue | None) -> None:
        """Set one setting; None leaves it to the strategy."""
        values = {n: v for n, v in self.draft.values.items() if n != name}
        self.draft = replace(self.draft, values=values if value is None else values | {name: value})

    def set_models(self, role: str, refs: tuple[ModelRef, ...]) -> None:
        """Name the models of a role; none leaves it to the model of the conversation."""
        others = {each: models for each, models in self.draft.lineup.items() if each != role}
        self.draft = replace(self.draft, lineup={**others, role: refs} if refs else others)

    def save(self, name: str, say: Say) -> None:
        """Keep the draft under a name; ``say`` hears None when it is kept."""
        draft = self.draft
        preset = PresetSettings(
            name=name,
            strategy=draft.strategy,
            words=draft.words,
            rounds=cast("int | None", draft.values.get("rounds")),
            alternatives=cast("int | None", draft.values.get("alternatives")),
            judges=cast("int | None", draft.values.get("judges")),
            settings={name: value for name, value in draft.values.items() if name not in NUMBERS},
            verifier=draft.verifier,
            lineup=draft.lineup,
        )
        self._tasks.start(
            self._save(preset, say), name="save preset", failed=lambda error: say(reason(error))
        )

    def remove(self, say: Say) -> None:
        """Forget the preset looked at."""
        self._tasks.start(self._remove(say), name="remove preset", failed=lambda error: say(reason(error)))

    def problem(self, name: str) -> str | None:
        """Why a name can't be used, before it is tried."""
        if is_built_in(name.strip()):
            words = QCoreApplication.translate(
                "PresetControl", "%1 comes with the program; choose another name."
            )
            return words.replace("%1", name.strip())
        return None

    async def _save(self, preset: PresetSettings, say: Say) -> None:
        before = self.draft.name
        self.draft = replace(self.draft, name=preset.name)  # the form is told of the change on the way
        try:
            await self._app.preferences.save_preset(preset)
        except CortError:
            self.draft = replace(self.draft, name=before)
            raise
        say(None)

    async def _remove(self, say: Say) -> None:
        await self._app.preferences.remove_preset(self.draft.name)
        self.look(self.presets()[0].name)
        say(None)


def _draft(preset: Preset) -> Draft:
    return Draft(
        name=preset.name,
        words=preset.words,
        strategy=preset.strategy,
        values={**preset.numbers, **preset.settings},
        verifier=preset.verifier,
        lineup=preset.lineup,
    )
