"""How different the candidates of a round are: the mean over its pairs of what their wording does not share.

One minus Jaccard's index over 5-grams of characters (``similarity.py``): 0 where all say the same in the same
words, 1 where no two share a thing. It tells whether the moves and the models of a round brought variety, not
how good it is. Measured once, when the round is decided, and part of that event.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from statistics import fmean

from cort_desktop.domain.events import RoundFinished
from cort_desktop.domain.run import RunState
from cort_desktop.engine.decisions import Decision, Record
from cort_desktop.engine.similarity import grams, jaccard

DIGITS = 3


def diversity(state: RunState, number: int) -> float | None:
    """That of a round's candidates; None with fewer than two."""
    names = state.rounds[number].candidates if number in state.rounds else []
    texts = [grams(node.text) for name in names if (node := state.nodes[name]).is_candidate]
    pairs = [1.0 - jaccard(one, other) for one, other in combinations(texts, 2)]
    return round(fmean(pairs), DIGITS) if pairs else None


def measured(state: RunState, decisions: list[Decision]) -> list[Decision]:
    """The decisions, each result of a round with the diversity of its candidates."""
    return [_measured(state, decision) for decision in decisions]


def _measured(state: RunState, decision: Decision) -> Decision:
    if not isinstance(decision, Record) or not isinstance(decision.body, RoundFinished):
        return decision
    return Record(body=replace(decision.body, diversity=diversity(state, decision.body.round)))
