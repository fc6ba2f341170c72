"""From a model's reference to a model that can be asked: its adapter inside the retry loop.

Part of the composition root. One transport, one retry budget and one limiter belong to a provider and are
shared by its models.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit

from cort_desktop.domain.addresses import is_loopback
from cort_desktop.domain.clock import Clock
from cort_desktop.domain.ids import ModelRef, model_of, provider_of
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.settings import ProviderSettings, Settings
from cort_desktop.engine.lineup import ModelHandle
from cort_desktop.errors import ProviderError
from cort_desktop.providers.builtin import BuiltinModel
from cort_desktop.providers.catalog import list_models
from cort_desktop.providers.http import Transport
from cort_desktop.providers.limits import Limits
from cort_desktop.providers.model_file import ModelFiles
from cort_desktop.providers.openai_chat import OpenAIChat
from cort_desktop.resilience.limiter import START, Limiter
from cort_desktop.resilience.resilient import Resilient
from cort_desktop.resilience.retry_budget import RetryBudget
from cort_desktop.services.preferences import Catalogue
from cort_desktop.storage.secrets import KeyStore


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """What the models of one provider have in common."""

    transport: Transport
    retries: RetryBudget = field(default_factory=RetryBudget)
    limiter: Limiter


class Models:
    """All providers of this process. ``handle`` finds a model, once per reference."""

    def __init__(
        self, *, settings: Callable[[], Settings], keys: KeyStore, files: ModelFiles, clock: Clock
    ) -> None:
        self._settings = settings
        self._keys = keys
        self._files = files
        self._clock = clock
        self._handles: dict[ModelRef, ModelHandle] = {}
        self._shared: dict[str, _Shared] = {}
        self._open = AsyncExitStack()

    def handle(self, ref: ModelRef) -> ModelHandle:
        """The model behind a reference. Raises UsageError or ProviderError when there can't be one."""
        if ref not in self._handles:
            provider = self._settings().provider(provider_of(ref))
            make = self._builtin if provider.kind == "builtin" else self._remote
            self._handles[ref] = make(ref, provider)
        return self._handles[ref]

    def catalogues(self, providers: Iterable[str]) -> dict[str, Catalogue]:
        """A way to ask each of these providers for its models."""
        return {name: partial(self._catalogue, name) for name in providers}

    async def aclose(self) -> None:
        """Close every connection and end the built-in model's process."""
        await self._open.aclose()

    def _builtin(self, ref: ModelRef, provider: ProviderSettings) -> ModelHandle:
        model = BuiltinModel(model_of(ref), self._files, clock=self._clock)
        self._open.push_async_callback(model.aclose)
        model.launch()
        places = min(provider.max_concurrency or model.profile.concurrency, model.profile.concurrency)
        return ModelHandle(profile=model.profile, chat=self._resilient(model, RetryBudget(), Limiter(places)))

    def _remote(self, ref: ModelRef, provider: ProviderSettings) -> ModelHandle:
        shared = self._shared_of(provider)
        profile = ModelProfile(
            ref=ref,
            price=self._settings().price_of(ref),
            concurrency=shared.limiter.places,
            context_tokens=provider.context,
            local=_is_local(provider),
        )
        adapter = OpenAIChat(
            provider=provider.name,
            base_url=provider.base_url,
            key=partial(self._key, provider),
            profile=profile,
            transport=shared.transport,
            clock=self._clock,
        )
        return ModelHandle(profile=profile, chat=self._resilient(adapter, shared.retries, shared.limiter))

    def _resilient(
        self, model: BuiltinModel | OpenAIChat, retries: RetryBudget, limiter: Limiter
    ) -> Resilient:
        return Resilient(
            model,
            clock=self._clock,
            random=random.Random(),
            retries=retries,
            limiter=limiter,
        )

    def _shared_of(self, provider: ProviderSettings) -> _Shared:
        if provider.name not in self._shared:
            # A local server may close what it promised to keep open (llama.cpp does, after each stream).
            limits = Limits(keep_alive_s=0.0) if _is_local(provider) else Limits()
            transport = Transport(limits=limits)
            self._open.push_async_callback(transport.aclose)
            self._shared[provider.name] = _Shared(
                transport=transport, limiter=Limiter(provider.max_concurrency or START)
            )
        return self._shared[provider.name]

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

    async def _catalogue(self, name: str) -> tuple[ModelProfile, ...]:
        provider = self._settings().provider(name)
        if provider.kind == "builtin":
            return tuple(model.profile for model in self._files.known.values())
        return await list_models(
            provider=name,
            base_url=provider.base_url,
            key=partial(self._key, provider),
            transport=self._shared_of(provider).transport,
            clock=self._clock,
            local=_is_local(provider),
        )


def _is_local(provider: ProviderSettings) -> bool:
    """Whether a service runs on this computer: it may take longer to begin, and costs nothing to find."""
    return is_loopback(urlsplit(provider.base_url).hostname or "")
