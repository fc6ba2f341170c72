"""Settings, keys and models: what a person can look up and change outside a conversation.

Does not know how models are listed or installed; both are passed in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.settings import ProviderSettings, Settings
from cort_desktop.errors import CortError
from cort_desktop.storage.secrets import KeyPlace, KeyStore
from cort_desktop.storage.settings_file import Loaded, SettingsFile

Catalogue = Callable[[], Awaitable[tuple[ModelProfile, ...]]]
"""Asks one provider for its models; raises CortError."""
Progress = Callable[[int, int], None]
"""Told the bytes that are done and their total."""
Install = Callable[[str, Progress], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderModels:
    """The models of one provider. ``reachable`` is None when it was not asked, ``error`` says why not."""

    provider: str
    reachable: bool | None
    error: str | None = None
    models: tuple[ModelProfile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyInfo:
    """Where the key of one provider lives, in words; never the key."""

    provider: str
    where: str
    origin: str
    note: str = ""
    missing: bool = False


class PreferencesService:
    """For use on one event loop."""

    def __init__(
        self,
        *,
        file: SettingsFile,
        loaded: Loaded,
        keys: KeyStore,
        catalogues: Mapping[str, Catalogue],
        install: Install,
    ) -> None:
        self._file = file
        self._loaded = loaded
        self._keys = keys
        self._catalogues = catalogues
        self._install = install

    @property
    def settings(self) -> Settings:
        """The settings that hold now."""
        return self._loaded.settings

    @property
    def loaded(self) -> Loaded:
        """The settings with all that is to be said about the file."""
        return self._loaded

    async def change(self, changes: Mapping[tuple[str, ...], Any]) -> Settings:
        """Change single settings by path; None takes one out. With a SettingsError nothing is changed."""
        self._loaded = await asyncio.to_thread(self._file.write, changes)
        return self.settings

    async def models(self) -> list[ProviderModels]:
        """The models of every provider; all are asked at once."""
        return list(await asyncio.gather(*map(self._models_of, self.settings.providers.values())))

    async def install_model(self, name: str, progress: Progress) -> None:
        """Install an offline model. Raises CortError."""
        await self._install(name, progress)

    async def keys(self) -> list[KeyInfo]:
        """Where the key of every provider lives that can have one."""
        providers = [each for each in self.settings.providers.values() if each.takes_key]
        return [_info(each, await self._keys.where(each)) for each in providers]

    async def set_key(self, provider: str, key: str) -> KeyInfo:
        """Keep a key; the note says so when it is for this session only. Raises SettingsError, UsageError."""
        settings = self.settings.provider(provider)
        return _info(settings, await self._keys.set(settings, key))

    async def delete_key(self, provider: str) -> bool:
        """Forget a key, also of a provider that is no longer configured; whether there was one.

        Raises UsageError when there is neither a key nor a provider of that name, SettingsError when the key
        store can't be reached.
        """
        deleted = await self._keys.delete(provider)
        if not deleted:
            self.settings.provider(provider)
        return deleted

    async def _models_of(self, provider: ProviderSettings) -> ProviderModels:
        if provider.models:
            profiles = tuple(
                ModelProfile(ref=ModelRef(f"{provider.name}/{name}")) for name in provider.models
            )
            return ProviderModels(provider=provider.name, reachable=None, models=self._priced(profiles))
        catalogue = self._catalogues.get(provider.name)
        if catalogue is None:
            return ProviderModels(provider=provider.name, reachable=None, error="it has no list of models")
        if provider.needs_key and (place := await self._keys.where(provider)).kind == "none":
            # Nothing goes to a service on the network that the person has not chosen to use.
            how = place.note or f"store one with `cort-desktop keys set {provider.name}`"
            return ProviderModels(
                provider=provider.name, reachable=None, error=f"not asked without a key; {how}"
            )
        try:
            profiles = await catalogue()
        except CortError as error:
            return ProviderModels(provider=provider.name, reachable=False, error=str(error))
        return ProviderModels(provider=provider.name, reachable=True, models=self._priced(profiles))

    def _priced(self, profiles: tuple[ModelProfile, ...]) -> tuple[ModelProfile, ...]:
        """The profiles with the prices of the settings, where there are any."""
        prices = ((profile, self.settings.price_of(profile.ref)) for profile in profiles)
        return tuple(
            replace(profile, price=price) if price is not None else profile for profile, price in prices
        )


def _info(provider: ProviderSettings, place: KeyPlace) -> KeyInfo:
    return KeyInfo(
        provider=provider.name,
        where=place.words,
        origin=provider.origin,
        note=place.note,
        missing=place.kind == "none",
    )
