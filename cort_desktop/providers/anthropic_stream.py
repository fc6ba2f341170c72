"""One answer of the Anthropic Messages interface, folded from its events (or from one whole JSON body).

What is used is told twice: at the start what was read, at the end what was written. What a text that breaks
off has used stays unknown therefore; of an answer that breaks off before its text, what was read is all.
Not here: bytes, time, what a fault means to a person.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from cort_desktop.domain.budget import Usage
from cort_desktop.domain.calls import Channel, Finish
from cort_desktop.providers.answer_text import AnswerText, ErrorInAnswerError, error_in
from cort_desktop.providers.limits import Limits
from cort_desktop.providers.payload import count

_FINISH: dict[str, Finish] = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "filter",
}
_LONGEST_NAME = 200
_THOUGHTS = ("thinking", "redacted_thinking")


class AnthropicStream(AnswerText):
    """The state of one answer. A reply held to a schema may come as a tool's input: that is its text then."""

    def __init__(self, show: Callable[[Channel, str], None], limits: Limits) -> None:
        super().__init__(show, limits)
        self._told: dict[str, Any] = {}
        self._unseen_thoughts = False

    @property
    def thought(self) -> bool:
        return self._unseen_thoughts or super().thought

    def take(self, chunk: Any) -> None:
        if (error := error_in(chunk)) is not None:
            raise ErrorInAnswerError(error)
        match chunk:
            case {"type": "message_start", "message": dict(message)}:
                self._name(message)
                self._told |= message["usage"] if isinstance(message.get("usage"), dict) else {}
                self.usage = read_usage(self._told)
            case {"type": "content_block_start", "content_block": dict(block)}:
                self._begin(block)
            case {"type": "content_block_delta", "delta": dict(delta)}:
                self.usage = None
                self._add(delta)
            case {"type": "message_delta"}:
                self._end(chunk.get("delta"), chunk.get("usage"))
            case {"type": "message_stop"}:
                self.finish = self.finish or "stop"
                self.ended = True
            case {"type": "message", "content": list(blocks)}:
                self._name(chunk)
                for block in blocks:
                    self._begin(block)
                self._end(chunk, chunk.get("usage"))
            case _:
                pass  # pings, ends of blocks, and what this protocol may yet learn to say

    def is_answer(self, body: Any) -> bool:
        return isinstance(body, dict) and body.get("type") == "message"

    def _name(self, message: dict[str, Any]) -> None:
        told = message.get("id")
        if isinstance(told, str) and told.isprintable() and len(told) <= _LONGEST_NAME:
            self.generation = told

    def _begin(self, block: Any) -> None:
        """A block, with what it already holds: nothing in a stream, all of it in a whole body."""
        if not isinstance(block, dict):
            return
        self.usage = None
        if block.get("type") in _THOUGHTS:
            self._unseen_thoughts = True
        if block.get("type") == "tool_use" and self.answering:
            self.put("answer", "\n\n")
        self._add(block)
        if isinstance(block.get("input"), dict) and block["input"]:
            self.put("answer", json.dumps(block["input"], ensure_ascii=False))

    def _add(self, part: dict[str, Any]) -> None:
        for channel, text in _texts(part):
            self.put(channel, text)

    def _end(self, delta: Any, used: Any) -> None:
        if isinstance(used, dict):
            self._told |= {name: value for name, value in used.items() if value is not None}
            self.usage = read_usage(self._told) if "output_tokens" in used else None
        reason = delta.get("stop_reason") if isinstance(delta, dict) else None
        if isinstance(reason, str) and reason:
            self.finish = _FINISH.get(reason, "stop")


def read_usage(told: dict[str, Any]) -> Usage | None:
    """What the service counted; None when a number is missing, negative or no number at all.

    ``input_tokens`` is only what was neither read from the cache nor written to it.
    """
    new, made = count(told.get("input_tokens")), count(told.get("output_tokens"))
    read, written = (
        count(told.get(name) or 0) for name in ("cache_read_input_tokens", "cache_creation_input_tokens")
    )
    if new is None or made is None or read is None or written is None or not new + read + written:
        return None
    details = told.get("output_tokens_details")
    thinking = count(details.get("thinking_tokens")) if isinstance(details, dict) else None
    return Usage(
        input=new + read + written,
        cached_input=read,
        cache_write=written,
        output=made,
        reasoning=min(made, thinking or 0),
    )


def _texts(part: dict[str, Any]) -> Iterator[tuple[Channel, str]]:
    named: tuple[tuple[str, Channel], ...] = (
        ("thinking", "reasoning"),
        ("text", "answer"),
        ("partial_json", "answer"),
    )
    for name, channel in named:
        text = part.get(name)
        if isinstance(text, str) and text:
            yield channel, text
