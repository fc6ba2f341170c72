"""A view fitted to a model: what of a conversation a call is sent, and the record of what it is not.

What is left out is chosen by the model's length and by what is kept free for every call of the run alike, not
by the call: so all calls to a model begin with the same bytes, and its prompt cache holds. Only a call whose
own texts are longer than what was kept free sees less. The question is never cut. Which turns go first is
``choosing.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cort_desktop.domain.calls import TokenCounter
from cort_desktop.domain.messages import Message
from cort_desktop.engine import prompt_texts as words
from cort_desktop.engine.choosing import Chosen, choose
from cort_desktop.engine.context import MESSAGE_OVERHEAD_TOKENS, ContextView, count_messages, turn_costs

OTHER_VOCABULARY = 1.25
"""How many more tokens a model's own vocabulary may make of a text than the one that is counted with."""
ROUGH_MARGIN = 1.15
"""The same for a rough count, which is mostly above the exact one."""
NOTE_TOKENS = 64
"""What the word on what is missing takes at most, rounded up."""

Make = Callable[[ContextView], tuple[Message, ...]]
"""The messages of a call that sees such a view."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A request's messages that fit, the tokens counted in them, the view they were made from, and its parts
    as they are sent: what a person is shown of it.
    """

    messages: tuple[Message, ...]
    tokens: int
    max_tokens: int
    view: ContextView
    record: dict[str, Any]


def fit(
    view: ContextView,
    make: Make,
    *,
    tokens: TokenCounter,
    max_tokens: int,
    context_tokens: int | None,
    extra_tokens: int = 0,
    aside_tokens: int | None = None,
) -> Fitted:
    """Leave out of a conversation what does not fit beside prompt and answer.

    extra_tokens are sent beside the messages (a reply's schema). aside_tokens: what is kept free of system,
    turns and question in every call of the run, the answer included; None: what this call needs. When even
    the bare question leaves too little room, the answer's room shrinks down to a quarter; whether what
    remains is enough is the caller's to say: ``tokens + max_tokens`` may still be over ``context_tokens``.
    """
    costs = turn_costs(view, tokens.count)
    room = None
    if context_tokens is not None and costs:
        aside = max_tokens + extra_tokens if aside_tokens is None else aside_tokens
        room = history_room(context_tokens, aside, fixed_tokens(view, tokens.count))
    chosen = _choose(view, costs, room, tokens)
    seen = _seen(view, chosen)
    messages = make(seen)
    taken = count_messages(messages, tokens.count) + extra_tokens
    while context_tokens is not None and seen.turns and taken + max_tokens > context_tokens:
        over = math.ceil((taken + max_tokens - context_tokens) * ROUGH_MARGIN)
        chosen = _choose(view, costs, chosen.used - over, tokens)
        seen = _seen(view, chosen)
        messages = make(seen)
        taken = count_messages(messages, tokens.count) + extra_tokens
    if context_tokens is not None and taken + max_tokens > context_tokens:
        taken = count_messages(messages, lambda text: math.ceil(tokens.exact(text) * OTHER_VOCABULARY))
        taken += extra_tokens
        max_tokens = min(max_tokens, max(context_tokens - taken, max_tokens // 4))
    return Fitted(
        messages=messages,
        tokens=taken,
        max_tokens=max_tokens,
        view=seen,
        record=_record(view, seen, chosen, costs),
    )


def fixed_tokens(view: ContextView, count: Callable[[str], int]) -> int:
    """What system text and question take, whatever is left out."""
    return sum(
        count(text) + MESSAGE_OVERHEAD_TOKENS for text in (view.system or words.SYSTEM, view.question_text)
    )


def history_room(context_tokens: int, aside: int, fixed: int) -> int:
    """The tokens there are for earlier turns, as they are counted roughly."""
    return int((context_tokens - aside - fixed) / ROUGH_MARGIN)


def shorten_words(view: ContextView, room: int, tokens: TokenCounter) -> str:
    """What a person can do about a question that is too long, of which ``room`` tokens are taken: a clause.

    A file that is most of it can be attached in parts (``services/file_parts.py``); nothing is cut unasked.
    """
    sizes = {name: tokens.count(text) for name, text in view.attachments}
    longest = max(sizes, key=sizes.__getitem__, default=None)
    if longest is None:
        return "shorten the question, or choose a model with a longer context"
    free = (room - tokens.count(view.question) - sum(sizes.values()) + sizes[longest]) / ROUGH_MARGIN
    if free < sizes[longest] / MOST_PARTS:
        return "shorten the question or its files, or choose a model with a longer context"
    parts = max(2, math.ceil(sizes[longest] / (free * _PART_SHARE)))
    return (
        f"shorten the question or its files, attach “{longest}” in parts (“{longest}#1/{parts}” is the first "
        f"of {parts}), or choose a model with a longer context"
    )


MOST_PARTS = 999
_PART_SHARE = 0.8
"""A part may be a fifth longer than the even length, to end at the end of a paragraph."""


def _choose(view: ContextView, costs: Sequence[int], room: int | None, tokens: TokenCounter) -> Chosen:
    summary = view.summary
    return choose(
        costs,
        room=sum(costs) if room is None else room,
        pinned=view.pinned,
        relevant=view.relevant,
        summary_cost=None if summary is None else tokens.count(summary.text) + NOTE_TOKENS,
        note_cost=NOTE_TOKENS,
    )


def _seen(view: ContextView, chosen: Chosen) -> ContextView:
    """The view that is sent: the chosen turns, and before them in words what they are a part of."""
    if chosen.is_whole:
        return view
    turns = view.exchanges()
    numbers = chosen.numbers
    sent = [message for number in numbers for message in turns[number - 1]]
    preface = _preface(view, chosen) if numbers or chosen.has_summary else ""
    if sent and preface:
        sent[0] = replace(sent[0], text=f"{preface}\n\n{sent[0].text}")
        preface = ""
    return replace(view, turns=tuple(sent), left_out=len(view.turns) - len(sent), preface=preface)


def _preface(view: ContextView, chosen: Chosen) -> str:
    """What stands before the first turn that is shown: at the same place in every call."""
    parts = [words.LONGER]
    if chosen.has_summary and view.summary is not None:
        parts.append(words.IN_SHORT.format(last=view.summary.turns, text=view.summary.text))
    if chosen.numbers:
        parts.append(words.WORD_FOR_WORD.format(turns=spans_words(spans(chosen.numbers))))
    return "\n\n".join(parts)


def spans(numbers: Iterable[int]) -> list[list[int]]:
    """Ascending numbers as [first, last] of each run without a gap."""
    found: list[list[int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found


def spans_words(found: Sequence[Sequence[int]]) -> str:
    """“3, 9, 20–24”; of very many only the last ones are named."""
    shown = [str(a) if a == b else f"{a}–{b}" for a, b in found]
    return ", ".join(shown if len(shown) <= MOST_SPANS else ["…", *shown[-MOST_SPANS:]])


MOST_SPANS = 12


def _record(view: ContextView, seen: ContextView, chosen: Chosen, costs: Sequence[int]) -> dict[str, Any]:
    """What the request says of itself: its parts as they are sent, and what is not in it and why."""
    summary = view.summary if chosen.has_summary else None
    parts: list[dict[str, Any]] = [{"part": "system"}]
    if summary is not None:
        said = {"version": summary.version, "model": summary.model, "turns": [[1, summary.turns]]}
        parts.append({"part": "summary", **said})
    for part in ("pinned", "retrieved", "recent"):
        numbers = getattr(chosen, part)
        if numbers:
            cost = sum(costs[number - 1] for number in numbers)
            parts.append({"part": part, "turns": spans(numbers), "tokens": cost})
    parts += [{"part": "file", "name": name} for name, _ in view.attachments]
    parts.append({"part": "question"})
    return {
        "messages_sent": len(seen.turns),
        "messages_left_out": len(view.turns) - len(seen.turns),
        "parts": parts,
        "left_out": _left_out(view, chosen, len(costs)),
    }


def _left_out(view: ContextView, chosen: Chosen, count: int) -> list[dict[str, Any]]:
    """Turns that are not sent word for word, by why: in the summary, pinned but too long, no room."""
    summed = view.summary.turns if chosen.has_summary and view.summary is not None else 0
    sent = set(chosen.numbers)
    gone: dict[str, list[int]] = {}
    for number in range(1, count + 1):
        if number not in sent:
            pinned = "pinned_too_long" if number in view.pinned else None
            why = pinned or ("summed_up" if number <= summed else "no_room")
            gone.setdefault(why, []).append(number)
    return [{"why": why, "turns": spans(numbers)} for why, numbers in gone.items()]
