"""The models of providers as lists: asked now, remembered from the last time, named in settings, or files.

What a service on the network told is good for a day; when it can't be reached, its last list is shown with
its date. Servers on this computer are always asked. Not here: how they are asked (passed in).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.model_search import matching
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.settings import ProviderSettings, Settings
from cort_desktop.errors import CortError
from cort_desktop.storage.secrets import KeyStore

ListSource = Literal["asked", "remembered", "settings", "files"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberedList:
    """What a service told at some time. ``is_fresh``: it need not be asked again yet."""

    models: tuple[ModelProfile, ...]
    at: datetime
    is_fresh: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderModels:
    """The models of one provider. ``reachable`` is None when it was not asked, ``error`` says why not.

    source: where the list is from; as_of: when its service told it, None for the other sources. A remembered
    list with an ``error`` is the last copy of a service that can't be reached now. lacks_key: it has no key,
    so it was not asked.
    """

    provider: str
    reachable: bool | None
    error: str | None = None
    models: tuple[ModelProfile, ...] = ()
    source: ListSource = "asked"
    as_of: datetime | None = None
    lacks_key: bool = False

    def matching(self, words: str) -> ProviderModels:
        """The same with the models alone that ``words`` find."""
        by_ref = {profile.ref: profile for profile in self.models}
        return replace(self, models=tuple(by_ref[ref] for ref in matching(by_ref, words)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAsking:
    """How lists are had. asked raises CortError. told: what is remembered of one model."""

    asked: Callable[[ProviderSettings, str | None], Awaitable[tuple[ModelProfile, ...]]]
    remembered: Callable[[ProviderSettings], RememberedList | None]
    told: Callable[[ModelRef], ModelProfile | None]


class ModelLists:
    """For use on one event loop."""

    def __init__(self, settings: Callable[[], Settings], keys: KeyStore, asking: ListAsking) -> None:
        self._settings = settings
        self._keys = keys
        self._asking = asking

    async def of(self, provider: ProviderSettings, *, refresh: bool) -> ProviderModels:
        """The models of one provider. ``refresh``: ask it, however fresh what is remembered is."""
        found = await self._found(provider, refresh=refresh)
        return replace(found, models=self.priced(found.models))

    def priced(self, profiles: tuple[ModelProfile, ...]) -> tuple[ModelProfile, ...]:
        """The profiles with the prices of the settings, where there are any."""
        price_of = self._settings().price_of
        return tuple(profile.priced(price_of(profile.ref)) for profile in profiles)

    async def _found(self, provider: ProviderSettings, *, refresh: bool) -> ProviderModels:
        name = provider.name
        if provider.kind != "builtin" and provider.models:
            named = tuple(self._asking.told(ref) or ModelProfile(ref=ref) for ref in provider.refs)
            return ProviderModels(provider=name, reachable=None, models=named, source="settings")
        if provider.needs_key and (place := await self._keys.known(provider)).kind == "none":
            # Nothing goes to a service on the network that the person has not chosen to use.
            error = f"not asked without a key; {place.note}" if place.note else "not asked without a key"
            return ProviderModels(provider=name, reachable=None, error=error, lacks_key=True)
        last = self._asking.remembered(provider)
        if last is not None and last.is_fresh and not refresh:
            return _copy(name, last, reachable=None)
        try:
            profiles = await self._asking.asked(provider, None)
        except CortError as error:
            if last is not None:
                return replace(_copy(name, last, reachable=False), error=str(error))
            return ProviderModels(provider=name, reachable=False, error=str(error))
        if provider.kind == "builtin":
            return ProviderModels(provider=name, reachable=True, models=profiles, source="files")
        now = self._asking.remembered(provider)
        return ProviderModels(
            provider=name, reachable=True, models=profiles, as_of=None if now is None else now.at
        )


def _copy(provider: str, last: RememberedList, *, reachable: bool | None) -> ProviderModels:
    return ProviderModels(
        provider=provider, reachable=reachable, models=last.models, source="remembered", as_of=last.at
    )
