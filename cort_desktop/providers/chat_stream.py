"""One chat answer, folded from the JSON chunks of an OpenAI-compatible stream (or from one whole JSON body).

Takes what servers really send: reasoning under several names or as a ``<think>`` block, text as a string or
as a list of parts, usage in any state of disrepair. Not here: bytes, time, what a fault means to a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from cort_desktop.domain.budget import MICRO, Usage
from cort_desktop.domain.calls import Channel, Finish
from cort_desktop.providers.limits import Limits
from cort_desktop.providers.payload import CharacterJoiner
from cort_desktop.providers.thinking import ThinkSplitter

_FINISH: dict[str, Finish] = {"length": "length", "max_tokens": "length", "content_filter": "filter"}


class ErrorInAnswerError(Exception):
    """The service reported an error inside its answer; ``payload`` is what it said."""

    def __init__(self, payload: Any) -> None:
        super().__init__("an error inside the answer")
        self.payload = payload


class LoopingError(Exception):
    """The same chunk over and over."""


class AnswerTooLargeError(Exception):
    """The text went over its limit."""


class ChatStream:
    """The state of one answer. ``show`` gets each piece of text in whole characters.

    finish: None until the service gave a reason to end. usage and cost_microusd: None when it told none, or
    nonsense. replaced: whether something that is no character became U+FFFD.
    """

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
        self._refused = False
        self.usage: Usage | None = None
        self.cost_microusd: int | None = None

    @property
    def answer(self) -> str:
        """The text of the answer so far."""
        return "".join(self._pieces["answer"])

    @property
    def reasoning(self) -> str:
        """The thoughts so far."""
        return "".join(self._pieces["reasoning"])

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

    def take(self, chunk: Any) -> None:
        """Fold one chunk. Raises ErrorInAnswerError, LoopingError or AnswerTooLargeError."""
        if (error := error_in(chunk)) is not None:
            raise ErrorInAnswerError(error)
        if not isinstance(chunk, dict):
            return
        if isinstance(chunk.get("usage"), dict):
            self.usage = read_usage(chunk["usage"]) or self.usage
            self.cost_microusd = _read_cost(chunk["usage"].get("cost"))
        choice = _first_choice(chunk.get("choices"))
        said = choice.get("delta") or choice.get("message")
        self._refused = self._refused or bool(isinstance(said, dict) and said.get("refusal"))
        for channel, text in _texts(said):
            self._check_loop(channel, text)
            self._put(channel, text)
        reason = choice.get("finish_reason")
        if reason == "error":
            raise ErrorInAnswerError({"message": "the service ended the answer with an error"})
        if isinstance(reason, str) and reason:
            self.finish = "filter" if self._refused else _FINISH.get(reason, "stop")

    def close(self) -> None:
        """The answer ended well: give out what was held back."""
        self._route("reasoning", self._joiners["reasoning"].close())
        self._route("answer", self._joiners["answer"].close())
        self.cut()

    def cut(self) -> None:
        """The answer broke off: give out what was held back as a possible tag, but no half character."""
        for channel, text in self._splitter.close():
            self._emit(channel, text)

    def _put(self, channel: Channel, text: str) -> None:
        self._route(channel, self._joiners[channel].feed(text))

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
    return body if "error" in (body.get("object"), body.get("type")) else None


def read_usage(told: dict[str, Any]) -> Usage | None:
    """What the service counted; None when a number is missing, negative or no number at all."""
    sent, made = _count(told.get("prompt_tokens")), _count(told.get("completion_tokens"))
    if not sent or made is None:  # no request has zero tokens
        return None
    return Usage(
        input=sent,
        cached_input=min(sent, _detail(told, "prompt_tokens_details", "cached_tokens")),
        output=made,
        reasoning=min(made, _detail(told, "completion_tokens_details", "reasoning_tokens")),
    )


def _detail(told: dict[str, Any], group: str, name: str) -> int:
    details = told.get(group)
    return (_count(details.get(name)) or 0) if isinstance(details, dict) else 0


def _count(value: Any) -> int | None:
    valid = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MICRO * MICRO
    return value if valid else None


def _read_cost(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < MICRO:
        return None
    return int((Decimal(str(value)) * MICRO).to_integral_value(rounding=ROUND_HALF_EVEN))


def _first_choice(choices: Any) -> dict[str, Any]:
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, dict) and not choice.get("index"):
            return choice
    return {}


def _texts(said: Any) -> Iterator[tuple[Channel, str]]:
    if not isinstance(said, dict):
        return
    thought = said.get("reasoning_content") or said.get("reasoning")
    if isinstance(thought, str) and thought:
        yield "reasoning", thought
    content = said.get("content") or said.get("refusal")
    if isinstance(content, str) and content:
        yield "answer", content
    for part in content if isinstance(content, list) else ():
        yield from _part(part)


def _part(part: Any) -> Iterator[tuple[Channel, str]]:
    """Text in parts, as some services send it; Mistral's thoughts are parts with parts inside."""
    if not isinstance(part, dict):
        return
    thoughts = part.get("thinking")
    for thought in thoughts if isinstance(thoughts, list) else ():
        yield from (("reasoning", text) for _, text in _part(thought))
    if isinstance(part.get("text"), str) and part["text"]:
        yield "answer", part["text"]
