"""Any OpenAI-compatible service: ``/chat/completions`` below its base address.

OpenAI, OpenRouter, Google, DeepSeek, Mistral, Groq, xAI, vLLM, LM Studio, llama-server and whoever else
speaks it: where they differ is a ``Dialect``, known by the address. Not here: the exchange
(``streamed_chat``), the body (``parameters``), reading chunks (``chat_stream``).
"""

from __future__ import annotations

from typing import Any, ClassVar

from cort_desktop.domain.models import ModelProfile
from cort_desktop.providers.answer_text import AnswerText
from cort_desktop.providers.chat_stream import ChatStream
from cort_desktop.providers.dialects import TITLE, Dialect, Wishes, dialect_of
from cort_desktop.providers.parameters import Parameters
from cort_desktop.providers.streamed_chat import StreamedChat


class OpenAIChat(StreamedChat):
    """One model of one OpenAI-compatible service; the other parts are those of ``StreamedChat``.

    dialect: how the service wants to be asked; by its address, unless it is known better.
    """

    parameters_of: ClassVar[type[Parameters]] = Parameters
    """How a request becomes a body; a service that wants it other than most has a class of its own."""
    stream_of: ClassVar[type[AnswerText]] = ChatStream

    def __init__(
        self, *, base_url: str, dialect: Dialect | None = None, wishes: Wishes | None = None, **parts: Any
    ) -> None:
        self._dialect = dialect or dialect_of(base_url)
        self._wishes = wishes or Wishes()
        super().__init__(base_url=base_url, **parts)

    @staticmethod
    def address(base_url: str) -> str:
        return base_url.rstrip("/") + "/chat/completions"

    def body_of(self, profile: ModelProfile) -> Parameters:
        return self.parameters_of(profile, self._dialect, self._wishes)

    def headers(self, key: str | None) -> dict[str, str]:
        titles = self._dialect.title_headers if self._wishes.attribution else ()
        return super().headers(key) | dict.fromkeys(titles, TITLE)
