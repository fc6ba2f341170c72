"""Settings, keys and models: what a person can look up and change outside a conversation.

Every change is written at once, holds for the next run, and is told to whoever listens: ``live_settings.py``.
Does not know how models are listed, asked or installed; that is passed in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cort_desktop.domain.addresses import AddressCheck, check_address
from cort_desktop.domain.health import ProviderHealth
from cort_desktop.domain.ids import ModelRef, model_of, provider_of
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.settings import PresetSettings, ProviderSettings, Settings
from cort_desktop.errors import SettingsError, StorageError
from cort_desktop.services import connections, presets, provider_views
from cort_desktop.services.connections import ConnectionReport
from cort_desktop.services.hosts import HostRecord, Hosts
from cort_desktop.services.live_settings import LiveSettings
from cort_desktop.services.local_models import FoundServer, LocalAsking, LocalModels, OwnModelFile, Progress
from cort_desktop.services.model_lists import ListAsking, ModelLists, ProviderModels, RememberedList
from cort_desktop.services.provider_views import ProviderView
from cort_desktop.storage.secrets import KeyPlace, KeyStore
from cort_desktop.storage.settings_file import Loaded

if TYPE_CHECKING:
    from cort_desktop.providers.account import Account
    from cort_desktop.providers.model_file import Condition, FileState, KnownModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """How model services are asked; all that waits raises CortError.

    listed, account: of a provider, with the stored key (None), another one, or none (""). tried: seconds one
    short answer took. told: what is remembered of a model. adopt: take over changed settings. builtin: the
    built-in models and their files; it blocks. remembered: the last list of a service. local: what runs here.
    behind_s, proxies: see ``connections.Asking``.
    health: how the providers fare that were asked.
    """

    listed: Callable[[ProviderSettings, str | None], Awaitable[tuple[ModelProfile, ...]]]
    account: Callable[[ProviderSettings, str | None], Awaitable[Account | None]]
    tried: Callable[[ModelRef], Awaitable[float]]
    told: Callable[[ModelRef], ModelProfile | None]
    adopt: Callable[[], Awaitable[None]]
    builtin: Callable[[], list[tuple[KnownModel, FileState]]]
    remembered: Callable[[ProviderSettings], RememberedList | None]
    local: LocalAsking
    behind_s: Callable[[ProviderSettings], float | None] = lambda _provider: None
    proxies: tuple[str, ...] = ()
    health: Callable[[], tuple[ProviderHealth, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflineModel:
    """A built-in model. ``path`` is None without a file; ``bytes`` is the size it should have."""

    name: str
    title: str
    words: str
    licence: str
    bytes: int
    condition: Condition
    path: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyInfo:
    """Where the key of one provider lives, in words; never the key.

    origin: whom it is for, and goes to alone; without a key the address that one would be for.
    """

    provider: str
    where: str
    origin: str
    note: str = ""
    missing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStoreInfo:
    """The system key store by name; None when it can't be used, and ``problem`` is half a sentence why."""

    name: str | None = None
    problem: str = ""


class PreferencesService:
    """For use on one event loop."""

    def __init__(
        self,
        live: LiveSettings,
        *,
        keys: KeyStore,
        services: Services,
        hosts: HostRecord,
    ) -> None:
        self._live = live
        self._keys = keys
        self._services = services
        self._hosts = hosts
        asking = ListAsking(asked=services.listed, remembered=services.remembered, told=services.told)
        self._lists = ModelLists(lambda: live.now, keys, asking)
        self._local = LocalModels(live, services.local, hosts)
        live.adopted_by(services.adopt)

    @property
    def settings(self) -> Settings:
        """The settings that hold now."""
        return self._live.now

    @property
    def loaded(self) -> Loaded:
        """The settings with all that is to be said about the file."""
        return self._live.loaded

    def on_change(self, listener: Callable[[Settings], None]) -> Callable[[], None]:
        """Tell ``listener`` the settings after each change; what is returned ends that. It must not block."""
        return self._live.on_change(listener)

    async def change(self, changes: Mapping[tuple[str, ...], Any]) -> Settings:
        """Change single settings by path; None takes one out. With a SettingsError nothing is changed."""
        return await self._live.change(changes)

    async def reload(self) -> Loaded:
        """Read the file again, as after an edit by hand. What is wrong in it is in the result."""
        return await self._live.reload()

    async def providers(self) -> list[ProviderView]:
        """All providers with the state of their keys, in the order of the settings.

        A key store that is locked is not opened for it, where it is known what it holds.
        """
        providers = self.settings.providers.values()
        places = await asyncio.gather(*map(self._keys.known, providers))
        return [provider_views.view(each, place) for each, place in zip(providers, places, strict=True)]

    async def set_provider(self, provider: ProviderSettings) -> ProviderView:
        """Add a provider, or change the one of that name; its key stays with the address it was entered for.

        Raises SettingsError, with nothing changed, when something in it can't be used.
        """
        await self.change(provider_views.written(provider))
        held = self.settings.provider(provider.name)
        return provider_views.view(held, await self._keys.known(held))

    async def remove_provider(self, name: str, *, forget_key: bool) -> None:
        """Take a provider out, with the defaults and prices that name its models; a standard one is reset.

        Raises UsageError when there is none, SettingsError when the file or the key store refuses; the key
        goes last.
        """
        self.settings.provider(name)
        await self.change(provider_views.removed(self.settings, name))
        if forget_key:
            await self._keys.delete(name)

    def check_address(self, text: str) -> AddressCheck:
        """What is to be said about a base address: half sentences that follow "The address"."""
        return check_address(text.strip())

    async def test_connection(self, provider: ProviderSettings, key: str | None = None) -> ConnectionReport:
        """Go through all that is needed to use a provider, configured or not; ``key`` is tried unsaved.

        Costs nothing. Raises SettingsError when ``key`` can't be one.
        """
        if key is not None:
            key = self._keys.checked(provider, key)
        text = key if key is not None else (await self._keys.get(provider)).key
        asking = connections.Asking(
            models=self._services.listed,
            account=self._services.account,
            behind_s=self._services.behind_s,
            proxies=self._services.proxies,
        )
        report = await connections.test(
            provider,
            asking,
            key=connections.Credentials(given=key, text=text),
            named=self._named_models(provider),
        )
        return replace(report, models=self._lists.priced(report.models))

    def _named_models(self, provider: ProviderSettings) -> tuple[str, ...]:
        """The models that the settings name for a provider, by their names there."""
        settings = self.settings
        lineups = (preset.lineup for preset in settings.presets.values())
        of_presets = (ref for lineup in lineups for refs in lineup.values() for ref in refs)
        named = (*settings.defaults.models, *of_presets)
        own = tuple(model_of(ref) for ref in named if provider_of(ref) == provider.name)
        return tuple(dict.fromkeys((*provider.models, *own)))

    async def try_model(self, ref: ModelRef) -> float:
        """Ask a model for one word, which costs a few tokens; the seconds it took. Raises CortError."""
        return await self._services.tried(ref)

    def health(self) -> tuple[ProviderHealth, ...]:
        """How each provider fares that was asked since the program started: its places and its breakers."""
        return self._services.health()

    async def models(self, *, refresh: bool = False) -> list[ProviderModels]:
        """The models of every provider, all at once; a service that told its list today is not asked again
        unless ``refresh`` says so.
        """
        lists = (self._lists.of(each, refresh=refresh) for each in self.settings.providers.values())
        return list(await asyncio.gather(*lists))

    async def models_of(self, provider: str) -> ProviderModels:
        """The models of one provider, asked now. Raises UsageError when there is none of that name."""
        return await self._lists.of(self.settings.provider(provider), refresh=True)

    async def find_local(self) -> tuple[FoundServer, ...]:
        """Look for servers with models on this computer, at the ports they usually have; about a second."""
        return await self._local.find()

    def priced_now(self, profiles: Iterable[ModelProfile]) -> tuple[ModelProfile, ...]:
        """Listed models with the prices that hold now: a person's own, else what the service told."""
        found = []
        for profile in profiles:
            told = self._services.told(profile.ref)
            source = None if told is None else told.price_source
            plain = replace(profile, price=None if told is None else told.price, price_source=source)
            found.append(plain.priced(self.settings.price_of(profile.ref)))
        return tuple(found)

    async def save_preset(self, preset: PresetSettings) -> None:
        """Keep a preset under its name, in place of one that has it. Raises SettingsError."""
        await self.change(presets.written(self.settings, preset))

    async def remove_preset(self, name: str) -> None:
        """Forget a saved preset, also as the default. Raises UsageError when there is none."""
        await self.change(presets.removed(self.settings, name))

    def hosts(self) -> Hosts:
        """Every host contacted since the program started, and what each provider would contact."""
        return self._hosts.look(self.settings.providers.values())

    async def offline_models(self) -> list[OfflineModel]:
        """The built-in models with the state of their files."""
        found = await asyncio.to_thread(self._services.builtin)
        return [
            OfflineModel(
                name=known.name,
                title=known.title,
                words=known.words,
                licence=known.licence,
                bytes=known.bytes,
                condition=state.condition,
                path=state.path,
            )
            for known, state in found
        ]

    async def own_models(self) -> list[OwnModelFile]:
        """The person's own model files, usable or not."""
        return await self._local.files()

    async def install_model(self, name: str, progress: Progress) -> ModelRef:
        """Make a model available; how it is asked then. Raises CortError. See ``LocalModels.install``."""
        return await self._local.install(name, progress)

    async def remove_model_file(self, path: Path) -> None:
        """Take a person's own file out of the settings; the file itself stays. Raises SettingsError."""
        await self._local.remove_file(path)

    async def keys(self) -> list[KeyInfo]:
        """Where the key of every provider lives that can have one."""
        providers = [each for each in self.settings.providers.values() if each.takes_key]
        return [_info(each, await self._keys.where(each)) for each in providers]

    async def key_store(self) -> KeyStoreInfo:
        """The system key store, or why there is none to be used."""
        try:
            return KeyStoreInfo(name=await self._keys.store_name())
        except StorageError as error:
            return KeyStoreInfo(problem=str(error))

    async def set_key(self, provider: str, key: str) -> KeyInfo:
        """Keep a key; the note says so when it is for this session only. Raises SettingsError, UsageError."""
        settings = self.settings.provider(provider)
        return _info(settings, await self._keys.set(settings, key))

    async def delete_key(self, provider: str) -> bool:
        """Forget a key, also of a provider that is no longer configured; whether there was one.

        Raises UsageError when there is neither a key nor a provider of that name, SettingsError when the key
        store can't be reached.
        """
        try:
            deleted = await self._keys.delete(provider)
        except SettingsError:
            self.settings.provider(provider)  # a name that means nothing is said, with a key store or without
            raise
        if not deleted:
            self.settings.provider(provider)
        return deleted


def _info(provider: ProviderSettings, place: KeyPlace) -> KeyInfo:
    return KeyInfo(
        provider=provider.name,
        where=place.words,
        origin=provider.origin if place.kind == "none" else place.origin,
        note=place.note,
        missing=place.kind == "none",
    )
