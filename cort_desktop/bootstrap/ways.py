"""The ways to remote models: one transport, one key and one set of states for each provider, shared by its
models.

Part of the composition root. All of it belongs to the provider's settings: with other settings it is another
service with nothing held against it, and what was open to the old one closes when the last call that uses it
has ended.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cort_desktop.bootstrap.adapters import adapter_of
from cort_desktop.bootstrap.discreet import Clean, Discreet, discreet
from cort_desktop.bootstrap.provider_key import ProviderKey
from cort_desktop.domain.cancelling import stops_billing
from cort_desktop.domain.clock import Clock
from cort_desktop.domain.health import ProviderHealth
from cort_desktop.domain.ids import ModelRef, model_of
from cort_desktop.domain.models import ModelProfile, thinking_tokens
from cort_desktop.domain.network import Network
from cort_desktop.domain.settings import ProviderSettings
from cort_desktop.services.hosts import HostRecord
from cort_desktop.storage.secrets import KeyStore

if TYPE_CHECKING:
    from cort_desktop.providers.http import Transport
    from cort_desktop.providers.limits import Limits
    from cort_desktop.providers.streamed_chat import Learn
    from cort_desktop.resilience.hedge import FirstTokens
    from cort_desktop.resilience.route import ProviderStates, Route

_SALT_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """The way out: the network's settings, and what its proxy wants to be told.

    clean: takes secrets out of the words that come back.
    """

    network: Network
    proxy_login: str = field(default="", repr=False)
    clean: Clean = str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What the models of one provider have in common."""

    transport: Transport
    key: ProviderKey
    states: ProviderStates
    first_tokens: dict[ModelRef, FirstTokens] = field(default_factory=dict)


class Ways:
    """All remote providers that were asked in this process."""

    def __init__(
        self, keys: KeyStore, hosts: HostRecord, clock: Clock, *, doors: Callable[[], Doors]
    ) -> None:
        self._doors = doors
        self._built_for = doors()
        self._keys = keys
        self._hosts = hosts
        self._clock = clock
        self._salt = secrets.token_bytes(_SALT_BYTES)
        self._held: dict[ProviderSettings, Held] = {}
        self._opened: set[Transport] = set()

    def held(self, provider: ProviderSettings) -> Held:
        """What belongs to a provider with just these settings."""
        found = self._held.get(provider)
        if found is None:
            transport = self.transport(provider)
            self._opened.add(transport)
            found = self._held[provider] = Held(
                transport=transport, key=self.key(provider), states=_states(provider, self._clock)
            )
        return found

    def route(
        self, provider: ProviderSettings, profile: ModelProfile, *, learn: Learn, attribution: bool
    ) -> Route:
        """The way to one model of it; learn and attribution: see ``adapter_of``."""
        from cort_desktop.resilience.hedge import FirstTokens
        from cort_desktop.resilience.route import Route

        held = self.held(provider)
        host = urlsplit(provider.base_url).hostname or ""
        is_hedged = provider.hedge and stops_billing(profile.ref, kind=provider.kind, host=host)
        if is_hedged and profile.ref not in held.first_tokens:
            held.first_tokens[profile.ref] = FirstTokens()
        adapter = adapter_of(
            provider,
            profile,
            key=held.key.find,
            transport=held.transport,
            clock=self._clock,
            learn=learn,
            attribution=attribution,
        )
        return Route(
            ref=profile.ref,
            model=Discreet(adapter, self._doors().clean),
            states=held.states,
            key=held.key,
            first_tokens=held.first_tokens.get(profile.ref),
        )

    def profile(self, provider: ProviderSettings, profile: ModelProfile) -> ModelProfile:
        """What is known of a model, with what its provider's settings say of it."""
        effort = provider.efforts.of(model_of(profile.ref)) if provider.efforts else None
        known = replace(
            profile,
            concurrency=self.held(provider).states.limiter.places,
            context_tokens=provider.context or profile.context_tokens,
            local=provider.is_local,
        )
        return replace(known, thinking_tokens=thinking_tokens(known, effort))

    def discreet(self) -> AbstractContextManager[None]:
        """Takes secrets out of the words of an error on its way out."""
        return discreet(self._doors().clean)

    def key(self, provider: ProviderSettings) -> ProviderKey:
        """How its key is found."""
        return ProviderKey(provider, self._keys, clock=self._clock, salt=self._salt)

    def transport(self, provider: ProviderSettings, limits: Limits | None = None) -> Transport:
        """New connections to it."""
        from cort_desktop.providers.http import Transport
        from cort_desktop.providers.limits import Limits

        # A local server may close what it promised to keep open (llama.cpp does, after each stream).
        limits = limits or (Limits(keep_alive_s=0.0) if provider.is_local else Limits())
        doors = self._doors()
        return Transport(
            limits=limits,
            contacted=partial(self._hosts.saw, provider.name),
            network=doors.network,
            proxy_login=doors.proxy_login,
        )

    def health(self) -> tuple[ProviderHealth, ...]:
        """How the providers fare that were asked."""
        return tuple(held.states.health(provider.name) for provider, held in self._held.items())

    async def keep(self, providers: Collection[ProviderSettings]) -> frozenset[str]:
        """Let go of what belongs to others than these, or was opened for another network; their names."""
        before, self._built_for = self._built_for, self._doors()
        same = before == self._built_for
        gone = {p: held for p, held in self._held.items() if not same or p not in providers}
        for provider in gone:
            del self._held[provider]
        for held in gone.values():
            await held.transport.retire()
            if not held.transport.is_busy:
                self._opened.discard(held.transport)
        return frozenset(provider.name for provider in gone)

    async def aclose(self) -> None:
        """Close every connection."""
        for transport in self._opened:
            await transport.aclose()


def _states(provider: ProviderSettings, clock: Clock) -> ProviderStates:
    """A server on this very computer has only so many processors: it is not asked for more by itself."""
    from cort_desktop.resilience.limiter import Limiter
    from cort_desktop.resilience.pace import MOST, START
    from cort_desktop.resilience.route import fresh_states

    most = provider.max_concurrency or (START if provider.is_local else MOST)
    return fresh_states(clock, Limiter(most, clock=clock))
