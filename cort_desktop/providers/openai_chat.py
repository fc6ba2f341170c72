"""Any OpenAI-compatible service: ``/chat/completions`` below its base address.

Not here: the exchange (``streamed_chat``), the body (``parameters``), reading chunks (``chat_stream``).
"""

from __future__ import annotations

from typing import ClassVar

from cort_desktop.domain.models import ModelProfile
from cort_desktop.providers.answer_text import AnswerText
from cort_desktop.providers.chat_stream import ChatStream
from cort_desktop.providers.parameters import Parameters
from cort_desktop.providers.streamed_chat import StreamedChat


class OpenAIChat(StreamedChat):
    """One model of one OpenAI-compatible service."""

    parameters_of: ClassVar[type[Parameters]] = Parameters
    """How a request becomes a body; a service that wants it other than most has a class of its own."""
    stream_of: ClassVar[type[AnswerText]] = ChatStream

    @staticmethod
    def address(base_url: str) -> str:
        return base_url.rstrip("/") + "/chat/completions"

    def body_of(self, profile: ModelProfile) -> Parameters:
        return self.parameters_of(profile)
