"""The Anthropic Messages interface: ``/v1/messages`` below a base address that may or may not end in /v1.

Not here: the exchange (``streamed_chat``), the body (``anthropic_body``), reading events
(``anthropic_stream``), its models (``anthropic_models``).
"""

from __future__ import annotations

from typing import ClassVar

from cort_desktop.domain.models import ModelProfile
from cort_desktop.providers.answer_text import AnswerText
from cort_desktop.providers.anthropic_body import AnthropicBody
from cort_desktop.providers.anthropic_stream import AnthropicStream
from cort_desktop.providers.streamed_chat import StreamedChat

VERSION = "2023-06-01"
"""The only version of the interface there is; what is new since then comes without another."""


class AnthropicMessages(StreamedChat):
    """One model of one service that speaks this interface."""

    stream_of: ClassVar[type[AnswerText]] = AnthropicStream

    @staticmethod
    def address(base_url: str) -> str:
        return versioned(base_url) + "/messages"

    def body_of(self, profile: ModelProfile) -> AnthropicBody:
        return AnthropicBody(profile)

    def headers(self, key: str | None) -> dict[str, str]:
        return own_headers(key)


def versioned(base_url: str) -> str:
    """The base address with its ``/v1``, without a slash at its end."""
    base = base_url.rstrip("/")
    return base if base.endswith("/v1") else f"{base}/v1"


def own_headers(key: str | None) -> dict[str, str]:
    """The interface's own headers, with the key where there is one."""
    return {"anthropic-version": VERSION} | ({"x-api-key": key} if key else {})
