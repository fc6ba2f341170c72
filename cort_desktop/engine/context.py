"""What a call may see of a conversation: the view that is frozen with a run.

It holds the turns word for word, which of them a person pinned, which have to do with the question, and the
summary that was ready. What of it a model of some length is sent is chosen in ``fitting.py``, anew for each
length and always the same for the same one. Nothing here is ever dropped from the database.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.messages import Message

MESSAGE_OVERHEAD_TOKENS = 8
"""What a chat template adds around one message, rounded up."""

Turn = tuple[Message, ...]
"""A question and, where there is one, its answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryText:
    """What a model made of the first ``turns`` turns of a conversation; ``version`` counts from 1."""

    version: int
    turns: int
    text: str
    model: ModelRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextView:
    """The system text, earlier turns (oldest first), attachments as (name, text), and the question.

    Turns are numbered from 1. pinned: those a person wants seen always. relevant: those that have to do with
    the question, the nearest first. costs: the tokens of each turn, where they were counted.

    A view that was fitted to a model has in ``turns`` what is sent and in ``left_out`` how many messages are
    not; ``preface`` is what is said in front of the question then, when no turn is left to say it in.
    """

    system: str | None
    turns: tuple[Message, ...]
    question: str
    attachments: tuple[tuple[str, str], ...] = ()
    pinned: tuple[int, ...] = ()
    relevant: tuple[int, ...] = ()
    summary: SummaryText | None = None
    costs: tuple[int, ...] = ()
    left_out: int = 0
    preface: str = ""

    @property
    def question_text(self) -> str:
        """The question with its attachments in front."""
        files = [f'<attachment name="{name}">\n{text}\n</attachment>' for name, text in self.attachments]
        preface = [self.preface] if self.preface else []
        return "\n\n".join([*preface, *files, self.question])

    def exchanges(self) -> tuple[Turn, ...]:
        """The turns: each begins with a message of the person's."""
        found: list[list[Message]] = []
        for message in self.turns:
            if message.role == "user" or not found:
                found.append([])
            found[-1].append(message)
        return tuple(tuple(turn) for turn in found)

    def to_json(self) -> str:
        """The text that is frozen with the run."""
        data: dict[str, Any] = {
            "system": self.system,
            "turns": [{"role": m.role, "text": m.text} for m in self.turns],
            "attachments": [{"name": name, "text": text} for name, text in self.attachments],
        }
        for name in ("pinned", "relevant", "costs"):
            if getattr(self, name):
                data[name] = list(getattr(self, name))
        if self.summary is not None:
            one = self.summary
            data["summary"] = {
                "version": one.version,
                "turns": one.turns,
                "text": one.text,
                "model": one.model,
            }
        return json.dumps(data, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str, question: str) -> ContextView:
        """The view of a run that was started before, by this version or an earlier one."""
        data: dict[str, Any] = json.loads(text)
        summary = data.get("summary")
        return cls(
            system=data["system"],
            turns=tuple(Message(role=m["role"], text=m["text"]) for m in data["turns"]),
            attachments=tuple((f["name"], f["text"]) for f in data["attachments"]),
            question=question,
            pinned=tuple(data.get("pinned", ())),
            relevant=tuple(data.get("relevant", ())),
            costs=tuple(data.get("costs", ())),
            summary=None if summary is None else SummaryText(**summary),
        )


def count_messages(messages: tuple[Message, ...], count: Callable[[str], int]) -> int:
    """Tokens of a request's input, rounded up."""
    return sum(count(m.text) + MESSAGE_OVERHEAD_TOKENS for m in messages)


def turn_costs(view: ContextView, count: Callable[[str], int]) -> tuple[int, ...]:
    """The tokens of each turn, as they were counted before or counted now."""
    turns = view.exchanges()
    if len(view.costs) == len(turns):
        return view.costs
    return tuple(count_messages(turn, count) for turn in turns)
