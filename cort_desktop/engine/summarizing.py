"""The rolling summary of a conversation: when it is due, what is asked for it, and whether what came back may
be used.

Each summary takes in the one before it and the turns that were said since, so its price doesn't grow with the
conversation. Pure: asking and keeping is ``services/summaries.py``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cort_desktop.domain.calls import ChatRequest, Completion, TokenCounter
from cort_desktop.domain.messages import Message, user
from cort_desktop.domain.messages import system as system_message
from cort_desktop.domain.models import ModelProfile
from cort_desktop.engine import fences
from cort_desktop.engine import prompt_texts as words
from cort_desktop.engine.context import MESSAGE_OVERHEAD_TOKENS, SummaryText, Turn, count_messages
from cort_desktop.engine.fitting import ROUGH_MARGIN

DUE_SHARE = 0.6
"""A summary is due when the turns that are in none take more than this of the room there is for turns: a
while before the first of them has to be left out.
"""
KEPT_SHARE = 0.35
"""How much of the room the newest turns, which are in no summary, take afterwards."""
ASSUMED_CONTEXT_TOKENS = 32_768
"""Of a model that doesn't tell how much it takes."""
MOST_INPUT_TOKENS = 12_000
"""Of one call. What is longer is summed up in several."""
LONGEST_SUMMARY_TOKENS = 600
LEAST_SUMMARY_TOKENS = 64
LENGTH_SHARE = 0.5
"""A summary may be this much of what it sums up, and no longer than the longest."""
TOKENS_A_WORD = 1.6
SUMMARIZER_TEMPERATURE = 0.0
_SPEAKER = {"system": "System", "user": "User", "assistant": "Assistant"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Summing:
    """A call that sums up the first ``turns`` turns; ``tokens`` is what it takes in, summed_tokens what of
    that are the turns and notes it sums up.
    """

    request: ChatRequest
    turns: int
    tokens: int
    summed_tokens: int

    @property
    def record(self) -> str:
        """Exactly what is sent."""
        messages = [{"role": m.role, "content": m.text} for m in self.request.messages]
        sent = {"model": self.request.model, "messages": messages, "max_tokens": self.request.max_tokens}
        return json.dumps(sent | {"temperature": self.request.temperature}, ensure_ascii=False)


def due(costs: Sequence[int], *, room: int, summed: int) -> int | None:
    """How many of the first turns should be in a summary that has ``summed`` of them now; None: leave it.

    costs: the tokens of each turn. The last turn is never in it: it is what a person goes on from.
    """
    if sum(costs[summed:]) <= room * DUE_SHARE:
        return None
    until, kept = len(costs) - 1, costs[-1]
    while until > summed and kept + costs[until - 1] <= room * KEPT_SHARE:
        until -= 1
        kept += costs[until]
    return until if until > summed else None


def summing(
    previous: SummaryText | None,
    turns: Sequence[Turn],
    until: int,
    *,
    profile: ModelProfile,
    tokens: TokenCounter,
) -> Summing | None:
    """The call that takes in as many turns after ``previous`` as it can, up to the ``until``-th.

    A turn that is too long for any call is shown by its beginning and its end, and that is said in the call.
    None when the model is too short for that even.
    """
    first = 0 if previous is None else previous.turns
    context = profile.context_tokens or ASSUMED_CONTEXT_TOKENS
    longest = min(LONGEST_SUMMARY_TOKENS, max(LEAST_SUMMARY_TOKENS, context // 8))
    bare = count_messages(_messages(previous, (), first, longest), tokens.count) + 3 * MESSAGE_OVERHEAD_TOKENS
    room = int(min(context - longest - profile.thinking_tokens, MOST_INPUT_TOKENS) / ROUGH_MARGIN) - bare
    if room < LEAST_SUMMARY_TOKENS:
        return None
    taken: list[str] = []
    used = 0
    for turn in turns[first:until]:
        text = _said(turn)
        cost = tokens.count(text)
        if used + cost > room and taken:
            break
        if cost > room:
            text = _shortened(text, room, tokens)
            cost = tokens.count(text)
        taken.append(text)
        used += cost
    if not taken:
        return None
    summed = used + (0 if previous is None else tokens.count(previous.text))
    length = max(LEAST_SUMMARY_TOKENS, min(longest, math.ceil(summed * LENGTH_SHARE)))
    messages = _messages(previous, taken, first + len(taken), length)
    return Summing(
        request=ChatRequest(
            model=profile.ref,
            messages=messages,
            max_tokens=length * 2 + profile.thinking_tokens,
            temperature=SUMMARIZER_TEMPERATURE,
        ),
        turns=first + len(taken),
        tokens=count_messages(messages, tokens.count),
        summed_tokens=summed,
    )


def why_useless(asked: Summing, done: Completion, tokens: TokenCounter) -> str:
    """Why a reply may not stand for what it sums up; empty when it may."""
    text = done.text.strip()
    if not text:
        return "the reply is empty"
    if done.finish != "stop":
        return "the reply was cut off" if done.finish == "length" else "the service held the reply back"
    length = tokens.count(text)
    if length >= asked.summed_tokens:
        return f"the reply has {length:,} tokens, and what it sums up only {asked.summed_tokens:,}"
    if _repeats(text.splitlines()) or _repeats(_SENTENCE_END.split(text)):
        return "the reply says the same again and again"
    return ""


def _repeats(parts: Sequence[str]) -> bool:
    """Whether more than half of many lines or sentences were said before."""
    said = [part.strip() for part in parts if part.strip()]
    return len(said) >= MANY and len(set(said)) * 2 < len(said)


MANY = 6
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")


def _messages(
    previous: SummaryText | None, taken: Sequence[str], last: int, length: int
) -> tuple[Message, ...]:
    first = 1 if previous is None else previous.turns + 1
    parts = []
    if previous is not None:
        notes = words.SUMMARIZE_BEFORE.format(last=previous.turns)
        parts += [notes, fences.conversation(previous.text)]
    parts.append(words.SUMMARIZE_TURNS.format(first=first, last=last))
    parts.append(fences.conversation("\n\n".join(taken)))
    parts.append(words.SUMMARIZE.format(last=last, words=int(length / TOKENS_A_WORD)))
    return (system_message(words.SUMMARIZE_SYSTEM), user("\n\n".join(parts)))


def _said(turn: Turn) -> str:
    return "\n\n".join(f"{_SPEAKER[message.role]}: {message.text}" for message in turn)


def _shortened(text: str, room: int, tokens: TokenCounter) -> str:
    """Beginning and end of a text, with a word on what is missing, in ``room`` tokens."""
    kept = len(text)
    short = text
    while kept > 1 and tokens.count(short) > room:
        kept = min(kept - 1, int(kept * room / max(1, tokens.count(short)) * 0.9))
        half = max(1, kept // 2)
        gap = words.SHORTENED.format(count=f"{len(text) - 2 * half:,}")
        short = text[:half] + gap + text[-half:]
    return short
