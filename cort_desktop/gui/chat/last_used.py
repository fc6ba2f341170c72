"""How the last question was asked, and with which model: with that a new conversation begins.

The settings rule what is new at first, and again once they say something else.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cort_desktop.domain.ids import provider_of
from cort_desktop.domain.settings import Settings
from cort_desktop.errors import CortError
from cort_desktop.gui.chat.drafts import Choice, Thinking
from cort_desktop.gui.chat.offers import thinking_in
from cort_desktop.gui.ui import Ui


@dataclass(frozen=True, slots=True, kw_only=True)
class Last:
    """A choice, and what the settings said when it was made."""

    choice: Choice = field(default_factory=Choice)
    settings: str = ""


class LastUsed:
    """The choice of the last question, as long as it can be made still."""

    def __init__(self, ui: Ui) -> None:
        self._ui = ui
        self.kept = Last()

    @property
    def choice(self) -> Choice:
        """What a new conversation begins with; nothing in particular is what the settings say."""
        return self.kept.choice

    def use(self, choice: Choice) -> None:
        """A question was asked so. What is no more than what the settings say is not held against them."""
        settings = self._settings
        model = choice.model if choice.model != settings.defaults.model else None
        asked = thinking_in(settings, choice.model or settings.defaults.model)
        thinking = choice.thinking if choice.thinking != asked else Thinking()
        self.kept = Last(choice=Choice(thinking=thinking, model=model), settings=_said(settings))

    def take_up(self, kept: Last) -> None:
        """What was used before the window was opened."""
        if self.kept == Last():
            self.kept = kept
            self.look()

    def look(self) -> None:
        """Forget what the settings have overruled, or what is not there any more."""
        if self.kept.settings != _said(self._settings) or not self._is_there(self.kept.choice):
            self.kept = Last()

    def knows(self, thinking: Thinking) -> bool:
        """Whether one can think so still: a preset may have been removed, or come from another machine."""
        chat = self._ui.app.chat
        if thinking.preset is not None and all(each.name != thinking.preset for each in chat.presets()):
            return False
        return thinking.strategy is None or any(each.name == thinking.strategy for each in chat.strategies())

    @property
    def _settings(self) -> Settings:
        return self._ui.app.settings.now

    def _is_there(self, choice: Choice) -> bool:
        if not self.knows(choice.thinking):
            return False
        try:
            if choice.model is not None:
                self._settings.provider(provider_of(choice.model))
        except CortError:
            return False
        return True


def _said(settings: Settings) -> str:
    """What the settings say of what is new, for a comparison."""
    defaults = settings.defaults
    return f"{defaults.preset or ''}|{defaults.strategy or ''}|{defaults.model}"
