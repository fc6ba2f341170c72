"""What is odd about a verdict that could be read: facts of its numbers and words, never a guess at quality.

A small model fills in a form because it has to: every answer gets the same scores, the scores count the
answers as they were shown, or the form's own word stands where a flaw belongs. Such a verdict counts as the
engine counted it (``Verdict.weight``); here it is only marked, wherever it is seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from cort_desktop.domain.events import Verdict
from cort_desktop.domain.ids import NodeName
from cort_desktop.telling.safe import one_line

_PAIR = 2
_HALF = 0.5
_PLACEHOLDERS = frozenset(
    {
        "",
        "fatal flaw",
        "null",
        "nil",
        "none",
        "n a",
        "na",
        "no",
        "no flaw",
        "no fatal flaw",
        "nothing",
        "string",
    }
)
"""A text in the place of a flaw that names none, its signs folded to blanks."""
_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing that is odd: ``short`` for a badge, ``words`` for a sentence."""

    short: str
    words: str


def doubts(verdict: Verdict) -> tuple[Doubt, ...]:
    """What is odd about a verdict, the weightiest first; nothing about one that abstained."""
    if not verdict.ranking:
        return ()
    found = []
    if verdict.weight < 1:
        counts = "counts half" if verdict.weight == _HALF else f"counts {verdict.weight:g}"
        found.append(Doubt(counts, f"{counts}: its scores contradict its ranking"))
    if _told_none_apart(verdict):
        found.append(Doubt("all alike", "told the candidates not apart: it gave all of them the same scores"))
    elif _only_numbered(verdict):
        found.append(Doubt("only numbered", "its scores only number the candidates in the order shown"))
    if any(is_placeholder(flaw) for flaw in verdict.flaws.values()):
        found.append(Doubt("no real flaw", "wrote a placeholder where a fatal flaw belongs"))
    return tuple(found)


def doubt_words(verdict: Verdict) -> str:
    """All that is odd, in one line; empty when nothing is."""
    return "; ".join(doubt.words for doubt in doubts(verdict))


def doubt_count(verdicts: Iterable[Verdict]) -> int:
    """How many of some verdicts are odd."""
    return sum(bool(doubts(verdict)) for verdict in verdicts)


def flaws_named(verdict: Verdict) -> dict[NodeName, str]:
    """The flaws that a judge really named."""
    return {node: flaw for node, flaw in verdict.flaws.items() if not is_placeholder(flaw)}


def is_placeholder(flaw: str) -> bool:
    """Whether a text in the place of a flaw names none: the form's own word, ``null``, or just a number."""
    bare = _SIGNS.sub(" ", one_line(flaw)).strip().lower()
    return bare in _PLACEHOLDERS or bare.isdecimal()


def _told_none_apart(verdict: Verdict) -> bool:
    """Two candidates or more, the same score for each of them in every criterion."""
    scores = list(verdict.scores.values())
    return len(scores) >= _PAIR and bool(scores[0]) and all(each == scores[0] for each in scores)


def _only_numbered(verdict: Verdict) -> bool:
    """The first that was shown has 1 in every criterion, the second 2, and so on."""
    if len(verdict.order) < _PAIR:
        return False
    return all(
        bool(verdict.scores.get(node)) and set(verdict.scores[node].values()) == {place}
        for place, node in enumerate(verdict.order, 1)
    )
