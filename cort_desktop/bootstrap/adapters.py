"""Which adapter speaks to which kind of provider, and how a provider of that kind is looked at.

Part of the composition root. An adapter is loaded with the first model of its kind. Not here: what is around
it (``models.py``), and the built-in model, whose process has a life of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cort_desktop.domain.calls import ChatModel
from cort_desktop.domain.clock import Clock
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.settings import ProviderSettings

if TYPE_CHECKING:
    from cort_desktop.providers.http import Transport
    from cort_desktop.providers.keys import Key
    from cort_desktop.providers.lookup import Lookup
    from cort_desktop.providers.streamed_chat import StreamedChat


def adapter_of(
    provider: ProviderSettings, profile: ModelProfile, *, key: Key, transport: Transport, clock: Clock
) -> ChatModel:
    """The plain adapter for one model of a remote provider: one attempt, no retries."""
    return _adapter(provider)(
        provider=provider.name,
        base_url=provider.base_url,
        key=key,
        profile=profile,
        transport=transport,
        clock=clock,
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
    return Lookup(
        provider=provider.name, base_url=provider.base_url, key=key, transport=transport, clock=clock
    )


async def models_of(provider: ProviderSettings, service: Lookup) -> tuple[ModelProfile, ...]:
    """What a provider tells of its models when it is looked at. Raises ProviderError."""
    if provider.kind == "anthropic":
        from cort_desktop.providers.anthropic_models import list_models
    else:
        from cort_desktop.providers.catalog import list_models
    return await list_models(service, local=provider.is_local)


def _adapter(provider: ProviderSettings) -> type[StreamedChat]:
    if provider.kind == "anthropic":
        from cort_desktop.providers.anthropic import AnthropicMessages

        return AnthropicMessages
    from cort_desktop.providers.openai_chat import OpenAIChat

    return OpenAIChat
