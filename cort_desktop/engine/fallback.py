"""The answer where judges can't be listened to: by a vote where answers can be compared, else the most
consistent text.

Pure, and without a call: what the candidates say is all there is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

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
    chosen = most_in_common(candidates)
    others = "other" if len(candidates) == 2 else "others"  # noqa: PLR2004  two are one and its other
    words = f"{chosen} is the answer that has most in common with the {len(candidates) - 1} {others}."
    return Unjudged(node=chosen, words=words if len(candidates) > 1 else f"{chosen} is the only answer.")


def most_in_common(candidates: Sequence[Node]) -> NodeName:
    """The one of them whose text is on average most alike to the others'; the first among equals. There must
    be one.
    """
    return by_common(candidates)[0].name


def by_common(candidates: Sequence[Node]) -> list[Node]:
    """Those whose texts are on average most alike to the others' first; equals in their order.

    As medoids are found, by Jaccard's index; each pair is compared once.
    """
    texts = [grams(node.text) for node in candidates]
    alike = [0.0] * len(texts)
    for (i, one), (j, other) in combinations(enumerate(texts), 2):
        shared = jaccard(one, other)
        alike[i] += shared
        alike[j] += shared
    places = sorted(range(len(texts)), key=lambda place: -round(alike[place], 9))
    return [candidates[place] for place in places]


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
