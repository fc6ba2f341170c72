"""One chat answer, folded from the JSON chunks of an OpenAI-compatible stream (or from one whole JSON body).

Takes what servers really send: reasoning under several names or as a ``<think>`` block, text as a string or
as a list of parts, an end under a dozen names. Not here: bytes, time, what a fault means to a person, and
the counting (``chat_usage``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cort_desktop.domain.calls import Channel
from cort_desktop.providers.answer_text import AnswerText, ErrorInAnswerError, error_in
from cort_desktop.providers.chat_usage import read_cost, read_timings, read_usage
from cort_desktop.providers.limits import Limits
from cort_desktop.providers.thinking import OPENINGS

_LENGTH = frozenset({"length", "max_tokens", "max_output_tokens", "model_length"})
_FILTER = frozenset({
    "content_filter", "safety", "prohibited_content", "blocklist", "spii", "recitation", "refusal",
    "guardrail_intervened",
})  # fmt: skip
_BROKEN_OFF = frozenset({"error", "abort", "insufficient_system_resource"})
"""Reasons that are no end: OpenRouter's and Mistral's, vLLM's, DeepSeek's."""
_LONGEST_NAME = 200


class ChatStream(AnswerText):
    """The state of one answer of an OpenAI-compatible service."""

    def __init__(self, show: Callable[[Channel, str], None], limits: Limits) -> None:
        super().__init__(show, limits)
        self._refused = False
        self._thoughts_have_tags = False

    def take(self, chunk: Any) -> None:
        if isinstance(chunk, dict):  # an error may come with the bill
            self._name(chunk.get("id"))
            self._count(chunk)
        if (error := error_in(chunk)) is not None:
            raise ErrorInAnswerError(error)
        if not isinstance(chunk, dict):
            return
        choice = _first_choice(chunk.get("choices"))
        said = choice.get("delta") or choice.get("message")
        if isinstance(said, dict):
            self._refused = self._refused or bool(said.get("refusal"))
            self._take_texts(said)
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason:
            self._end(reason.lower(), choice)

    def is_answer(self, body: Any) -> bool:
        return isinstance(body, dict) and "choices" in body

    def _name(self, told: Any) -> None:
        if (
            not self.generation
            and isinstance(told, str)
            and len(told) <= _LONGEST_NAME
            and told.isprintable()
        ):
            self.generation = told

    def _count(self, chunk: dict[str, Any]) -> None:
        """Usage where it stands: beside the choices, in Groq's own part, in llama.cpp's timings."""
        groq = chunk.get("x_groq")
        told = chunk.get("usage") or (groq.get("usage") if isinstance(groq, dict) else None)
        if isinstance(told, dict):
            self.usage = read_usage(told) or self.usage
            cost = read_cost(told)
            self.cost_microusd = self.cost_microusd if cost is None else cost
        if self.usage is None and isinstance(chunk.get("timings"), dict):
            self.usage = read_timings(chunk["timings"])
        if isinstance(groq, dict) and groq.get("error"):
            raise ErrorInAnswerError(groq["error"])

    def _take_texts(self, said: dict[str, Any]) -> None:
        marked = _is_thought(said)
        for channel, text in _texts(said):
            self._thoughts_have_tags = self._thoughts_have_tags or (marked and text.startswith(OPENINGS))
            # With tags, a marked piece may hold the end of the thoughts and the answer too.
            is_thought = marked and not self._thoughts_have_tags
            self.put("reasoning" if is_thought else channel, text)

    def _end(self, reason: str, choice: dict[str, Any]) -> None:
        if reason in _BROKEN_OFF:
            told = error_in(choice) or {"message": f"the service ended the answer with “{reason}”"}
            raise ErrorInAnswerError(told)
        if self._refused or reason.partition(":")[0] in _FILTER:  # Google: "content_filter: SAFETY"
            self.finish = "filter"
        else:
            self.finish = "length" if reason in _LENGTH else "stop"


def _first_choice(choices: Any) -> dict[str, Any]:
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, dict) and not choice.get("index"):
            return choice
    return {}


def _texts(said: dict[str, Any]) -> Iterator[tuple[Channel, str]]:
    thought = said.get("reasoning_content") or said.get("reasoning") or _detailed(said)
    if isinstance(thought, str) and thought:
        yield "reasoning", thought
    content = said.get("content") or said.get("refusal")
    if isinstance(content, str) and content:
        yield "answer", content
    for part in content if isinstance(content, list) else ():
        yield from _part(part)


def _detailed(said: dict[str, Any]) -> str:
    """OpenRouter's ``reasoning_details``, without those that are encrypted."""
    details = said.get("reasoning_details")
    found = [
        detail.get("text") or detail.get("summary")
        for detail in (details if isinstance(details, list) else ())
        if isinstance(detail, dict)
    ]
    return "".join(text for text in found if isinstance(text, str))


def _is_thought(said: dict[str, Any]) -> bool:
    """Google's mark on a piece of content that is a thought."""
    extra = said.get("extra_content")
    google = extra.get("google") if isinstance(extra, dict) else None
    return isinstance(google, dict) and google.get("thought") is True


def _part(part: Any) -> Iterator[tuple[Channel, str]]:
    """Text in parts, as some services send it; Mistral's thoughts are parts with parts inside."""
    if not isinstance(part, dict):
        return
    thoughts = part.get("thinking")
    for thought in thoughts if isinstance(thoughts, list) else ():
        yield from (("reasoning", text) for _, text in _part(thought))
    if isinstance(part.get("text"), str) and part["text"]:
        yield "answer", part["text"]
