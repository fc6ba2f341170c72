"""Which adapter speaks to which kind of provider.

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


def adapter_of(
    provider: ProviderSettings, profile: ModelProfile, *, key: Key, transport: Transport, clock: Clock
) -> ChatModel:
    """The plain adapter for one model of a remote provider: one attempt, no retries."""
    from cort_desktop.providers.openai_chat import OpenAIChat

    return OpenAIChat(
        provider=provider.name,
        base_url=provider.base_url,
        key=key,
        profile=profile,
        transport=transport,
        clock=clock,
    )
