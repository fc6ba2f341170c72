"""One answer of Ollama's own interface, folded from the lines of its stream.

Each line holds a piece of the message; the last one says ``done``, why, and what was counted (Ollama's
docs/api.md). Not here: bytes and lines (``lines``), what a fault means to a person (``faults``).
"""

from __future__ import annotations

from typing import Any, ClassVar

from cort_desktop.domain.budget import MICRO, Usage
from cort_desktop.providers.answer_text import AnswerText, ErrorInAnswerError


class OllamaAnswer(AnswerText):
    """The state of one answer. A kept prompt is not counted at times: then usage is unknown."""

    in_lines: ClassVar[bool] = True

    def take(self, chunk: Any) -> None:
        if not isinstance(chunk, dict):
            return
        if chunk.get("error"):
            raise ErrorInAnswerError(chunk["error"])
        said = chunk.get("message")
        said = said if isinstance(said, dict) else {}
        thought, text = said.get("thinking"), said.get("content")
        if isinstance(thought, str) and thought:
            self.put("reasoning", thought)
        if isinstance(text, str) and text:
            self.put("answer", text)
        if chunk.get("done") is True:
            self.finish = "length" if chunk.get("done_reason") == "length" else "stop"
            self.usage = _usage(chunk)
            self.ended = True

    def is_answer(self, body: Any) -> bool:
        return isinstance(body, dict) and "message" in body


def _usage(told: dict[str, Any]) -> Usage | None:
    sent, made = _count(told.get("prompt_eval_count")), _count(told.get("eval_count"))
    return None if not sent or made is None else Usage(input=sent, output=made)


def _count(value: Any) -> int | None:
    valid = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MICRO * MICRO
    return value if valid else None
