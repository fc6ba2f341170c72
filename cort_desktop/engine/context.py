"""What a call sees of a conversation: a view, never the whole by force, and never cut in silence.

The minimal view: the system text, the attachments, as many recent turns as fit, and the question, which is
never cut. What was left out is said in the request's record. Summaries and retrieval of earlier turns are
not here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from cort_desktop.domain.calls import TokenCounter
from cort_desktop.domain.messages import Message

MESSAGE_OVERHEAD_TOKENS = 8
"""What a chat template adds around one message, rounded up."""
OTHER_VOCABULARY = 1.25
"""How many more tokens a model's own vocabulary may make of a text than the one that is counted with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextView:
    """The system text, earlier turns (oldest first), attachments as (name, text), and the question."""

    system: str | None
    turns: tuple[Message, ...]
    question: str
    attachments: tuple[tuple[str, str], ...] = ()
    left_out: int = 0

    @property
    def question_text(self) -> str:
        """The question with its attachments in front."""
        files = [f'<attachment name="{name}">\n{text}\n</attachment>' for name, text in self.attachments]
        return "\n\n".join([*files, self.question])

    def without_oldest(self) -> ContextView:
        """The view with its oldest exchange left out."""
        cut = 1
        while cut < len(self.turns) and self.turns[cut].role == "assistant":
            cut += 1
        return replace(self, turns=self.turns[cut:], left_out=self.left_out + cut)

    def to_json(self) -> str:
        """The text that is frozen with the run."""
        turns = [{"role": m.role, "text": m.text} for m in self.turns]
        files = [{"name": name, "text": text} for name, text in self.attachments]
        return json.dumps({"system": self.system, "turns": turns, "attachments": files}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str, question: str) -> ContextView:
        """The view of a run that was started before."""
        data: dict[str, Any] = json.loads(text)
        return cls(
            system=data["system"],
            turns=tuple(Message(role=m["role"], text=m["text"]) for m in data["turns"]),
            attachments=tuple((f["name"], f["text"]) for f in data["attachments"]),
            question=question,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A request's messages that fit, the tokens counted in them, and the view they were made from."""

    messages: tuple[Message, ...]
    tokens: int
    max_tokens: int
    view: ContextView


def count_messages(messages: tuple[Message, ...], count: Callable[[str], int]) -> int:
    """Tokens of a request's input, rounded up."""
    return sum(count(m.text) + MESSAGE_OVERHEAD_TOKENS for m in messages)


def fit(
    view: ContextView,
    make: Callable[[ContextView], tuple[Message, ...]],
    *,
    tokens: TokenCounter,
    max_tokens: int,
    context_tokens: int | None,
    extra_tokens: int = 0,
) -> Fitted:
    """Leave out the oldest turns until prompt and answer fit the model's context.

    extra_tokens are sent beside the messages (a reply's schema). When even the bare question leaves too
    little room, the answer's room shrinks down to a quarter; whether what remains is enough is the caller's
    to say: ``tokens + max_tokens`` may still be over ``context_tokens``.
    """
    messages = make(view)
    taken = count_messages(messages, tokens.count) + extra_tokens
    if context_tokens is None or taken + max_tokens <= context_tokens:
        return Fitted(messages=messages, tokens=taken, max_tokens=max_tokens, view=view)

    def count(text: str) -> int:
        return math.ceil(tokens.exact(text) * OTHER_VOCABULARY)

    taken = count_messages(messages, count) + extra_tokens
    if taken + max_tokens > context_tokens and view.turns:
        view = _lighter(view, taken + max_tokens - context_tokens, count)
        messages = make(view)
        taken = count_messages(messages, count) + extra_tokens
    room = max(context_tokens - taken, max_tokens // 4)
    return Fitted(messages=messages, tokens=taken, max_tokens=min(max_tokens, room), view=view)


def _lighter(view: ContextView, over: int, count: Callable[[str], int]) -> ContextView:
    """The view without its oldest exchanges, until at least ``over`` tokens are gone or no turn is left."""
    while over > 0 and view.turns:
        before = view.turns
        view = view.without_oldest()
        over -= count_messages(before[: len(before) - len(view.turns)], count)
    return view
