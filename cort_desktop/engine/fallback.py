"""The answer where judges can't be listened to: by a vote where answers can be compared, else the most
consistent text.

Pure, and without a call: what the candidates say is all there is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.engine.extraction import answer_value, is_checkable
from cort_desktop.engine.similarity import grams, jaccard
from cort_desktop.engine.strategies.base import fallback_answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Unjudged:
    """The node that is chosen without judges, and why, in a sentence."""

    node: NodeName | None
    words: str


def without_judges(state: RunState) -> Unjudged:
    """The candidate most others agree with, of all that are in the contest."""
    return most_agreed(state, [node.name for node in state.candidates() if node.name not in state.out])


def most_agreed(state: RunState, names: Sequence[NodeName]) -> Unjudged:
    """The one of these candidates that most others agree with; those cut at the token limit only when there
    are no others.
    """
    nodes = [state.nodes[name] for name in names]
    candidates = [node for node in nodes if node.finish != "length"] or nodes
    if not candidates:
        return Unjudged(node=fallback_answer(state), words="No call brought an answer.")
    if len(candidates) == 1:
        return Unjudged(node=candidates[0].name, words=f"{candidates[0].name} is the only whole answer.")
    voted = _voted(candidates) if is_checkable(state.question) else None
    if voted is not None:
        return voted
    texts = {node.name: grams(node.text) for node in candidates}

    def alike(name: NodeName) -> float:
        others = [other for other in texts if other != name]
        return fmean(jaccard(texts[name], texts[other]) for other in others) if others else 1.0

    chosen = max(texts, key=alike)
    words = f"{chosen} is the answer that has most in common with the {len(texts) - 1} others."
    return Unjudged(node=chosen, words=words)


def _voted(candidates: list[Node]) -> Unjudged | None:
    values = {node.name: answer_value(node.text) for node in candidates}
    tally = Counter(value for value in values.values() if value is not None)
    if not tally:
        return None
    leading, votes = tally.most_common(1)[0]
    node = next(name for name, value in values.items() if value == leading)
    return Unjudged(
        node=node, words=f"{votes} of {len(values)} answers agree on “{leading}”, so {node} stands."
    )
