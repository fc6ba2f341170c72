"""From a model's reference to a model that can be asked: its adapter inside the retry loop.

Part of the composition root. One transport, one retry budget and one limiter belong to a provider and are
shared by its models. All of them belong to the provider's settings: with other settings it is another
service, and what was open to the old one closes when the last call that uses it has ended. Adapters are
loaded with the first model of their kind: a window has all of this at hand and may never ask.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from cort_desktop.bootstrap.adapters import adapter_of, lookup_of, models_of
from cort_desktop.domain.budget import Price
from cort_desktop.domain.calls import ChatModel, ChatRequest
from cort_desktop.domain.clock import Clock
from cort_desktop.domain.ids import ModelRef, model_of, provider_of
from cort_desktop.domain.messages import user
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.settings import ProviderSettings, Settings
from cort_desktop.engine.lineup import ModelHandle
from cort_desktop.errors import ProviderError
from cort_desktop.services.hosts import HostRecord
from cort_desktop.storage.secrets import KeyStore

if TYPE_CHECKING:
    from cort_desktop.providers.account import Account
    from cort_desktop.providers.builtin import BuiltinModel
    from cort_desktop.providers.http import Transport
    from cort_desktop.providers.keys import Key
    from cort_desktop.providers.lookup import Lookup
    from cort_desktop.providers.model_file import ModelFiles
    from cort_desktop.providers.told_models import ToldModels
    from cort_desktop.resilience.limiter import Limiter
    from cort_desktop.resilience.resilient import Resilient
    from cort_desktop.resilience.retry_budget import RetryBudget

_TRIAL = "Answer with the single word: ready"
_TRIAL_TOKENS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """What the models of one provider have in common."""

    transport: Transport
    retries: RetryBudget
    limiter: Limiter


@dataclass(frozen=True, slots=True, kw_only=True)
class _Basis:
    """What a handle was made of: when any of it is another, so is the handle."""

    provider: ProviderSettings
    price: Price | None
    told: ModelProfile | None


class Models:
    """All providers of this process, as the settings of the moment have them."""

    def __init__(
        self,
        *,
        settings: Callable[[], Settings],
        keys: KeyStore,
        files: ModelFiles,
        told: ToldModels,
        hosts: HostRecord,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._keys = keys
        self._files = files
        self._told = told
        self._hosts = hosts
        self._clock = clock
        self._handles: dict[ModelRef, tuple[_Basis, ModelHandle]] = {}
        self._shared: dict[ProviderSettings, _Shared] = {}
        self._builtin: dict[str, BuiltinModel] = {}
        self._open = AsyncExitStack()

    def handle(self, ref: ModelRef) -> ModelHandle:
        """The model behind a reference. Raises UsageError or ProviderError when there can't be one."""
        settings = self._settings()
        provider = settings.provider(provider_of(ref))
        basis = _Basis(provider=provider, price=settings.price_of(ref), told=self.told(ref))
        known = self._handles.get(ref)
        if known is None or known[0] != basis:
            make = self._builtin_handle if provider.kind == "builtin" else self._remote_handle
            known = self._handles[ref] = (basis, make(ref, basis))
        return known[1]

    async def adopt(self) -> None:
        """The settings have changed: let go of what belongs to others than these."""
        held = set(self._settings().providers.values())
        gone = {provider: shared for provider, shared in self._shared.items() if provider not in held}
        names = {provider.name for provider in gone}
        for provider in gone:
            del self._shared[provider]
        self._handles = {ref: one for ref, one in self._handles.items() if provider_of(ref) not in names}
        for shared in gone.values():
            await shared.transport.retire()

    def told(self, ref: ModelRef) -> ModelProfile | None:
        """What its service told of a model when it was last asked for its list."""
        provider = self._settings().providers.get(provider_of(ref))
        if provider is None or not provider.origin:
            return None
        return self._told.profile(provider.origin, ref, self._clock.now())

    async def listed(self, provider: ProviderSettings, key: str | None = None) -> tuple[ModelProfile, ...]:
        """The models of a provider, configured or not; ``key`` in place of the stored one, "" for none.

        Raises ProviderError. What is told is remembered for the next plan.
        """
        if provider.kind == "builtin":
            return tuple(model.profile for model in self._files.known.values())
        async with self._service(provider, key) as service:
            found = await models_of(provider, service)
        self._told.remember(provider.origin, found, self._clock.now(), passing=provider.is_local)
        return found

    async def account(self, provider: ProviderSettings, key: str | None = None) -> Account | None:
        """What a provider tells of the key it is asked with; None when it has no such page.

        Raises ProviderError.
        """
        if provider.kind != "openrouter":
            return None
        from cort_desktop.providers.account import read_account

        async with self._service(provider, key) as service:
            return await read_account(service)

    async def tried(self, ref: ModelRef) -> float:
        """Ask a model for one word; the seconds until it had answered. Raises ProviderError.

        A model that spent the few tokens on thoughts has shown that it can be asked.
        """
        request = ChatRequest(model=ref, messages=(user(_TRIAL),), max_tokens=_TRIAL_TOKENS, temperature=0.0)
        began = self._clock.monotonic()
        try:
            await self.handle(ref).chat.complete(request, lambda _: None)
        except ProviderError as error:
            if error.kind != "no_content":
                raise
        return self._clock.monotonic() - began

    async def aclose(self) -> None:
        """Close every connection and end the built-in model's process."""
        await self._open.aclose()

    def _builtin_handle(self, ref: ModelRef, basis: _Basis) -> ModelHandle:
        from cort_desktop.providers.builtin import BuiltinModel
        from cort_desktop.resilience.limiter import Limiter
        from cort_desktop.resilience.retry_budget import RetryBudget

        name = model_of(ref)
        model = self._builtin.get(name)
        if model is None:
            model = self._builtin[name] = BuiltinModel(name, self._files, clock=self._clock)
            self._open.push_async_callback(model.aclose)
        places = min(basis.provider.max_concurrency or model.profile.concurrency, model.profile.concurrency)
        return ModelHandle(
            profile=model.profile,
            chat=self._resilient(model, RetryBudget(), Limiter(places)),
            launch=model.launch,
        )

    def _remote_handle(self, ref: ModelRef, basis: _Basis) -> ModelHandle:
        provider, told = basis.provider, basis.told or ModelProfile(ref=ref)
        shared = self._shared_of(provider)
        profile = replace(
            told,
            price=basis.price or told.price,
            concurrency=shared.limiter.places,
            context_tokens=provider.context or told.context_tokens,
            local=provider.is_local,
        )
        adapter = adapter_of(
            provider,
            profile,
            key=partial(self._key, provider),
            transport=shared.transport,
            clock=self._clock,
        )
        return ModelHandle(profile=profile, chat=self._resilient(adapter, shared.retries, shared.limiter))

    def _resilient(self, model: ChatModel, retries: RetryBudget, limiter: Limiter) -> Resilient:
        from cort_desktop.resilience.resilient import Resilient

        return Resilient(
            model,
            clock=self._clock,
            random=random.Random(),
            retries=retries,
            limiter=limiter,
        )

    def _shared_of(self, provider: ProviderSettings) -> _Shared:
        if provider not in self._shared:
            from cort_desktop.resilience.limiter import START, Limiter
            from cort_desktop.resilience.retry_budget import RetryBudget

            transport = self._transport(provider)
            self._open.push_async_callback(transport.aclose)
            limiter = Limiter(provider.max_concurrency or START)
            self._shared[provider] = _Shared(transport=transport, retries=RetryBudget(), limiter=limiter)
        return self._shared[provider]

    def _transport(self, provider: ProviderSettings) -> Transport:
        from cort_desktop.providers.http import Transport
        from cort_desktop.providers.limits import Limits

        # A local server may close what it promised to keep open (llama.cpp does, after each stream).
        limits = Limits(keep_alive_s=0.0) if provider.is_local else Limits()
        return Transport(limits=limits, contacted=partial(self._hosts.saw, provider.name))

    @asynccontextmanager
    async def _service(self, provider: ProviderSettings, key: str | None) -> AsyncIterator[Lookup]:
        """A way to look at a provider; one that is not configured gets connections for this once."""
        how: Key = partial(self._key, provider) if key is None else key
        is_held = provider in self._settings().providers.values()
        transport = self._shared_of(provider).transport if is_held else self._transport(provider)
        try:
            yield lookup_of(provider, key=how, transport=transport, clock=self._clock)
        finally:
            if not is_held:
                await transport.aclose()

    async def _key(self, provider: ProviderSettings) -> str | None:
        found = await self._keys.get(provider)
        if found.key is None and provider.needs_key:
            why = found.place.note or "none is stored"
            raise ProviderError(
                f"There is no API key for {provider.name} ({why}). Store one with "
                f"`cort-desktop keys set {provider.name}`.",
                kind="auth",
                sent=False,
            )
        return found.key
