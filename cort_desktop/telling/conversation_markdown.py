"""A conversation as Markdown to read or to hand on: the questions and answers of its active path, and under
each answer who won and what it cost.

Answers stand as they were written, what the program says of them is escaped. What is left out (losing
candidates, verdicts) is in a ``.cort`` file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from cort_desktop.domain.library import TurnView
from cort_desktop.domain.run import RunState
from cort_desktop.domain.whole_conversation import WholeConversation
from cort_desktop.telling import figures
from cort_desktop.telling.safe import one_line
from cort_desktop.telling.summary import cost_parts, notes, why_no_answer, winner_words

_MARKUP = re.compile(r"([\\`*_\[\]<>#|~$&])")
_RULE = "\n---\n\n"


def exported_markdown(wholes: Sequence[WholeConversation]) -> str:
    """Conversations, one after the other."""
    return _RULE.join(_conversation(whole) for whole in wholes)


def _conversation(whole: WholeConversation) -> str:
    conversation = whole.view.conversation
    begun, last = _day(conversation.created), _day(conversation.updated)
    facts = [
        figures.count(len(whole.view.turns), "question"),
        begun if begun == last else f"{begun} to {last}",
    ]
    if conversation.branched_from is not None:
        facts.append(f"branched from “{_escaped(conversation.branched_from.title)}”")
    blocks = [f"# {_escaped(conversation.title) or 'Untitled'}", f"*{' · '.join(facts)}*"]
    if conversation.system:
        blocks += ["**System prompt**", _quoted(conversation.system)]
    for number, turn in enumerate(whole.view.turns, 1):
        blocks += _turn(number, turn, whole)
    return "\n\n".join(blocks) + "\n"


def _turn(number: int, turn: TurnView, whole: WholeConversation) -> list[str]:
    versions = len(turn.siblings)
    version = f", version {turn.place + 1} of {versions}" if versions > 1 else ""
    blocks = [f"## Question {number}{version}", _quoted(turn.turn.question)]
    run = turn.active
    events = () if run is None else whole.logs.get(run.id, ())
    if run is None or not events:
        return [*blocks, "*It was not answered.*"]
    state = RunState(run.id).fold(events)
    if state.started is not None and state.started.attachments:
        names = ", ".join(f"“{_escaped(file.name)}”" for file in state.started.attachments)
        blocks.append(f"*With {names}.*")
    place = [each.id for each in turn.runs].index(run.id) + 1
    which = f" {place} of {len(turn.runs)}" if len(turn.runs) > 1 else ""
    answer = run.answer if run.answer is not None else state.answer
    blocks.append(f"### Answer{which}")
    blocks.append(f"*{_escaped(why_no_answer(state))}*" if answer is None else answer.strip("\n"))
    return [*blocks, *_told_of(state, is_answered=answer is not None)]


def _told_of(state: RunState, *, is_answered: bool) -> list[str]:
    """Who won and by how much, what it took; what is to be said of it besides."""
    parts = [state.strategy, winner_words(state), *cost_parts(state)]
    if state.started_at is not None:
        parts.append(f"{_day(state.started_at)} {state.started_at.astimezone(UTC):%H:%M} UTC")
    lines = [f"*{_escaped(' · '.join(part for part in parts if part))}*"]
    if is_answered and state.finished is None:
        lines.append("*The run was interrupted: this is the best it had so far.*")
    said = notes(state) if is_answered else []
    return [*lines, *(f"*{_escaped(line)}*" for line in said)]


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.strip("\n").splitlines()) or ">"


def _escaped(text: str) -> str:
    """Words of people and models on one line, so that nothing in them is taken for markup."""
    return _MARKUP.sub(r"\\\1", one_line(text))


def _day(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d}"
