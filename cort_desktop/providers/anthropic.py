"""The Anthropic Messages interface: ``/v1/messages`` below a base address that may or may not end in /v1.

Not here: the exchange (``streamed_chat``), the body (``anthropic_body``), reading events
(``anthropic_stream``), its models (``anthropic_models``).
"""

from __future__ import annotations

from typing import Any, ClassVar

from cort_desktop.domain.calls import Admit, ChatRequest, Completion, Notify, always
from cort_desktop.domain.models import Effort, ModelProfile
from cort_desktop.providers.answer_text import AnswerText
from cort_desktop.providers.anthropic_body import AnthropicBody
from cort_desktop.providers.anthropic_stream import AnthropicStream
from cort_desktop.providers.streamed_chat import StreamedChat

VERSION = "2023-06-01"
"""The only version of the interface there is; what is new since then comes without another."""
_UNHEEDED = "it was read over: the reply was no JSON"


class AnthropicMessages(StreamedChat):
    """One model of one service that speaks this interface. effort: how hard the person wants it to think."""

    stream_of: ClassVar[type[AnswerText]] = AnthropicStream

    def __init__(self, *, effort: Effort | None = None, **parts: Any) -> None:
        self._effort = effort
        super().__init__(**parts)

    @staticmethod
    def address(base_url: str) -> str:
        return versioned(base_url) + "/messages"

    async def complete(self, request: ChatRequest, notify: Notify, admit: Admit = always) -> Completion:
        """Ask once. Raises ProviderError; see ``domain.calls.ChatModel``."""
        answer = await super().complete(request, notify, admit)
        if request.reply_schema is not None and answer.finish == "stop":
            for what in self._body.unheeded(answer.text):
                self._learn(what, _UNHEEDED)
        return answer

    def body_of(self, profile: ModelProfile) -> AnthropicBody:
        self._body = AnthropicBody(profile, self._effort)
        return self._body

    def headers(self, key: str | None) -> dict[str, str]:
        return own_headers(key)


def versioned(base_url: str) -> str:
    """The base address with its ``/v1``, without a slash at its end."""
    base = base_url.rstrip("/")
    return base if base.endswith("/v1") else f"{base}/v1"


def own_headers(key: str | None) -> dict[str, str]:
    """The interface's own headers, with the key where there is one."""
    return {"anthropic-version": VERSION} | ({"x-api-key": key} if key else {})
