"""Who is in the contest: a person may take a candidate out, and then another one stands in its place.

Pure, over the fold. That one who is out can't win is kept here for all strategies; a round whose judges were
asked already keeps its contestants, or their verdicts would no longer fit together.
"""

from __future__ import annotations

from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.engine import judging


def is_in(state: RunState, name: NodeName) -> bool:
    """Whether ``name`` is a finished candidate that nobody took out."""
    return name in state.nodes and state.nodes[name].is_candidate and name not in state.out


def instead_of(state: RunState, name: NodeName | None, *, before: int | None = None) -> NodeName | None:
    """``name`` if it is in the contest, else the best of those that are: by the ratings of all verdicts, or
    by the votes, whole ones first. None when nobody is left.

    before: only candidates of rounds before this one.
    """
    if name is None or is_in(state, name):
        return name
    nodes = [node for node in state.candidates() if node.name not in state.out]
    nodes = [node for node in nodes if before is None or node.round < before]
    ratings = judging.bradley_terry(state.verdicts.values())
    shares = _vote_shares(state)

    def worth(node: Node) -> tuple[bool, float, float, int]:
        rating = ratings.get(node.name, 0.0)
        return (node.finish != "length", rating, shares.get(node.name, 0.0), -node.ordinal)

    return max(nodes, key=worth).name if nodes else None


def _vote_shares(state: RunState) -> dict[NodeName, float]:
    if not state.votes:
        return {}
    vote = state.votes[-1]
    return {
        name: float(vote.tally.get(value, 0)) for name, value in vote.answers.items() if value is not None
    }
