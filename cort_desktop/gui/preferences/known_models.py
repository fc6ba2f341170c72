"""The models that are known without asking anybody, and those that this window asked for."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.models import ModelProfile
from cort_desktop.gui.tasks import Tasks
from cort_desktop.services.model_lists import ProviderModels
from cort_desktop.services.preferences import PreferencesService


class KnownModels(QObject):
    """``changed`` follows each list that has come in."""

    changed = Signal()

    def __init__(self, preferences: PreferencesService, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._tasks = tasks
        self._asking: set[str] = set()
        self.lists: dict[str, ProviderModels] = {}

    @property
    def asking(self) -> frozenset[str]:
        """The providers whose lists are on their way."""
        return frozenset(self._asking)

    @property
    def is_asking(self) -> bool:
        """Whether a list is on its way."""
        return bool(self._asking)

    def refs(self) -> list[ModelRef]:
        """Every model that may be named, each once: what is set, what is configured, what was listed."""
        settings = self._preferences.settings
        found = [*settings.defaults.models]
        for preset in settings.presets.values():
            found += [ref for refs in preset.lineup.values() for ref in refs]
        for provider in settings.providers.values():
            found += provider.refs
            found += [profile.ref for profile in self.profiles(provider.name)]
        return sorted(dict.fromkeys(found))

    def profiles(self, provider: str) -> tuple[ModelProfile, ...]:
        """What a provider listed, at the prices that hold now; empty when it wasn't asked."""
        listed = self.lists.get(provider)
        return () if listed is None else self._preferences.priced_now(listed.models)

    def note(self, listed: ProviderModels) -> None:
        """Keep a list that came with something else."""
        self.lists[listed.provider] = listed
        self.changed.emit()

    def forget(self, provider: str) -> None:
        """What a provider listed holds no longer."""
        self.lists.pop(provider, None)

    def ask(self, provider: str) -> None:
        """Ask a provider for its models, unless that is on its way."""
        if provider in self._asking:
            return
        self._asking.add(provider)
        self.changed.emit()
        if self._tasks.start(self._ask(provider), name=f"models of {provider}") is None:
            self._asking.discard(provider)

    def ask_local(self) -> None:
        """Ask what runs on this computer: that leaves it not, and tells what is running."""
        for provider in self._preferences.settings.providers.values():
            if provider.is_local and provider.name not in self.lists:
                self.ask(provider.name)

    def ask_all(self) -> None:
        """Ask every provider that may be asked."""
        for name in self._preferences.settings.providers:
            self.ask(name)

    async def _ask(self, provider: str) -> None:
        try:
            self.lists[provider] = await self._preferences.models_of(provider)
        finally:
            self._asking.discard(provider)
        self.changed.emit()
