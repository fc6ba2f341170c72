"""Which adapter speaks to which kind of provider, and how a provider of that kind is looked at.

Part of the composition root. An adapter is loaded with the first model of its kind. Not here: what is around
it (``models.py``), and the built-in model, whose process has a life of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from cort_desktop.domain.calls import ChatModel
from cort_desktop.domain.clock import Clock
from cort_desktop.domain.ids import model_of
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.settings import ProviderSettings

if TYPE_CHECKING:
    from cort_desktop.providers.http import Transport
    from cort_desktop.providers.keys import Key
    from cort_desktop.providers.lookup import Lookup
    from cort_desktop.providers.streamed_chat import Learn, StreamedChat


def adapter_of(
    provider: ProviderSettings,
    profile: ModelProfile,
    *,
    key: Key,
    transport: Transport,
    clock: Clock,
    learn: Learn,
    attribution: bool,
) -> ChatModel:
    """The plain adapter for one model of a remote provider: one attempt, no retries.

    learn: is told what the service does not take. attribution: whether a service that asks for it may know
    which program asks.
    """
    return _adapter(provider, profile, attribution=attribution)(
        provider=provider.name,
        base_url=provider.base_url,
        key=key,
        profile=profile,
        transport=transport,
        clock=clock,
        learn=learn,
    )


def lookup_of(provider: ProviderSettings, *, key: Key, transport: Transport, clock: Clock) -> Lookup:
    """A way to look at a provider: what models it has, what it tells of its key."""
    from cort_desktop.providers.lookup import Lookup

    if provider.kind == "anthropic":
        from cort_desktop.providers.anthropic import own_headers, versioned

        return Lookup(
            provider=provider.name,
            base_url=versioned(provider.base_url),
            key=key,
            transport=transport,
            clock=clock,
            headers_of=own_headers,
        )
    if provider.kind == "ollama":
        from cort_desktop.providers.ollama import native_address

        return Lookup(
            provider=provider.name,
            base_url=native_address(provider.base_url),
            key=key,
            transport=transport,
            clock=clock,
        )
    return Lookup(
        provider=provider.name, base_url=provider.base_url, key=key, transport=transport, clock=clock
    )


async def models_of(provider: ProviderSettings, service: Lookup) -> tuple[ModelProfile, ...]:
    """What a provider tells of its models when it is looked at. Raises ProviderError."""
    if provider.kind == "anthropic":
        from cort_desktop.providers.anthropic_models import list_models
    elif provider.kind == "ollama":
        from cort_desktop.providers.ollama_models import list_models
    else:
        from cort_desktop.providers.catalog import list_models
    return await list_models(service, local=provider.is_local)


def _adapter(
    provider: ProviderSettings, profile: ModelProfile, *, attribution: bool
) -> Callable[..., StreamedChat]:
    effort = provider.efforts.of(model_of(profile.ref)) if provider.efforts else None
    if provider.kind == "anthropic":
        from cort_desktop.providers.anthropic import AnthropicMessages

        return partial(AnthropicMessages, effort=effort)
    if provider.kind == "ollama":
        from cort_desktop.providers.ollama import OllamaChat

        return partial(OllamaChat, context=provider.context, keep_alive=provider.keep_alive, effort=effort)
    from cort_desktop.providers.dialects import OPENROUTER, Wishes, dialect_of
    from cort_desktop.providers.openai_chat import OpenAIChat

    return partial(
        OpenAIChat,
        dialect=OPENROUTER if provider.kind == "openrouter" else dialect_of(provider.base_url),
        wishes=Wishes(effort=effort, routing=provider.routing, attribution=attribution),
    )
