"""The text of one answer as it grows: in whole characters, by channel, within its limits.

What every protocol shares. Not here: the chunks a service sends (``chat_stream``, ``anthropic_stream``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

from cort_desktop.domain.budget import Usage
from cort_desktop.domain.calls import Channel, Finish
from cort_desktop.providers.limits import Limits
from cort_desktop.providers.payload import CharacterJoiner
from cort_desktop.providers.thinking import ThinkSplitter


class ErrorInAnswerError(Exception):
    """The service reported an error inside its answer; ``payload`` is what it said."""

    def __init__(self, payload: Any) -> None:
        super().__init__("an error inside the answer")
        self.payload = payload


class LoopingError(Exception):
    """The same chunk over and over."""


class AnswerTooLargeError(Exception):
    """The text went over its limit."""


def error_in(body: Any) -> Any:
    """The error a JSON body reports instead of an answer or beside it: a dict or a text; None without one.

    OpenAI and OpenRouter: ``{"error": …}``; vLLM: ``{"object": "error", …}``; Anthropic:
    ``{"type": "error", "error": …}``.
    """
    if isinstance(body, list) and body:
        return error_in(body[0])
    if not isinstance(body, dict):
        return None
    if body.get("error"):
        return body["error"]
    return body if any(str(body.get(name)).lower() == "error" for name in ("object", "type")) else None


class AnswerText(ABC):
    """The state of one answer. ``show`` gets each piece of text in whole characters.

    finish: None until the service gave a reason to end. ended: whether it said that nothing more comes.
    usage and cost_microusd: None when it told none, or nonsense. thought: whether the model was seen to think
    before it answered. generation: the service's own name for the answer; empty until it is told.
    replaced: whether something that is no character became U+FFFD.
    """

    in_lines: ClassVar[bool] = False
    """Whether each chunk is a line of JSON, and not a server-sent event."""

    def __init__(self, show: Callable[[Channel, str], None], limits: Limits) -> None:
        self._show = show
        self._limits = limits
        self._splitter = ThinkSplitter()
        self._joiners: dict[Channel, CharacterJoiner] = {
            "answer": CharacterJoiner(),
            "reasoning": CharacterJoiner(),
        }
        self._pieces: dict[Channel, list[str]] = {"answer": [], "reasoning": []}
        self._bytes = 0
        self._last: tuple[Channel, str] | None = None
        self._equal = 0
        self.finish: Finish | None = None
        self.ended = False
        self.usage: Usage | None = None
        self.cost_microusd: int | None = None
        self.generation = ""

    @abstractmethod
    def take(self, chunk: Any) -> None:
        """Fold one chunk. Raises ErrorInAnswerError, LoopingError or AnswerTooLargeError."""

    @abstractmethod
    def is_answer(self, body: Any) -> bool:
        """Whether a JSON body that was not streamed has the shape of an answer."""

    @property
    def answer(self) -> str:
        """The text of the answer so far."""
        return "".join(self._pieces["answer"])

    @property
    def reasoning(self) -> str:
        """The thoughts so far."""
        return "".join(self._pieces["reasoning"])

    @property
    def thought(self) -> bool:
        """Whether there were thoughts, shown or not."""
        return bool(self._pieces["reasoning"])

    @property
    def started(self) -> bool:
        """Whether any text came."""
        return self._bytes > 0

    @property
    def answering(self) -> bool:
        """Whether the thoughts, if any, are over."""
        return bool(self._pieces["answer"])

    @property
    def replaced(self) -> bool:
        """Whether something in the text was no character."""
        return any(joiner.replaced for joiner in self._joiners.values())

    def put(self, channel: Channel, text: str) -> None:
        """Add a piece as the service sent it. Raises LoopingError or AnswerTooLargeError."""
        self._check_loop(channel, text)
        self._route(channel, self._joiners[channel].feed(text))

    def close(self) -> None:
        """The answer ended well: give out what was held back."""
        self._route("reasoning", self._joiners["reasoning"].close())
        self._route("answer", self._joiners["answer"].close())
        self.cut()

    def cut(self) -> None:
        """The answer broke off: give out what was held back as a possible tag, but no half character."""
        for channel, text in self._splitter.close():
            self._emit(channel, text)

    def _route(self, channel: Channel, text: str) -> None:
        if not text:
            return
        pieces = self._splitter.feed(text) if channel == "answer" else [(channel, text)]
        for to, piece in pieces:
            self._emit(to, piece)

    def _emit(self, channel: Channel, text: str) -> None:
        data = text.encode()
        room = self._limits.answer_bytes - self._bytes
        if len(data) > room:
            text = data[:room].decode(errors="ignore")
        if text:
            self._bytes += len(data)
            self._pieces[channel].append(text)
            self._show(channel, text)
        if len(data) > room:
            raise AnswerTooLargeError(f"more than {self._limits.answer_bytes} bytes of text")

    def _check_loop(self, channel: Channel, text: str) -> None:
        self._equal = self._equal + 1 if (channel, text) == self._last else 1
        self._last = (channel, text)
        if self._equal >= self._limits.equal_chunks:
            raise LoopingError(f"{self._equal} equal chunks")
