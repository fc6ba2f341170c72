"""Ways through a run's tree: parent, children, siblings. Pure; which of them a key means is the views'."""

from __future__ import annotations

from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.run import RunState


def parent(state: RunState, name: NodeName) -> NodeName | None:
    """What a node came from: the winner it challenged, or what a judge measured the others by."""
    node = state.nodes.get(name)
    above = [] if node is None else [each for each in node.parents if each in state.nodes and each != name]
    return above[0] if above else None


def children(state: RunState, name: NodeName) -> list[NodeName]:
    """What came from a node: candidates first, judges after them, in the order they were started."""
    found = [node for node in state.nodes.values() if name in node.parents and node.name != name]
    return [node.name for node in sorted(found, key=lambda node: (node.role == "judge", node.ordinal))]


def siblings(state: RunState, name: NodeName) -> list[NodeName]:
    """The candidates, or the judges, of a node's round with itself among them."""
    node = state.nodes.get(name)
    round_ = None if node is None else state.rounds.get(node.round)
    if node is None or round_ is None:
        return [] if node is None else [name]
    if name in round_.candidates:
        return list(round_.candidates)
    return [each for each in round_.judges if not each.startswith("X")] if name in round_.judges else [name]


def beside(state: RunState, name: NodeName, step: int) -> NodeName | None:
    """The sibling ``step`` places further on; None at either end."""
    row = siblings(state, name)
    at = row.index(name) + step if name in row else -1
    return row[at] if 0 <= at < len(row) else None


def likely_child(state: RunState, name: NodeName, visited: NodeName | None) -> NodeName | None:
    """The child to go to: the one that was visited last, else a winner, else the first."""
    below = children(state, name)
    if visited in below:
        return visited
    winners = {round_.result.winner for round_ in state.rounds.values() if round_.result is not None}
    return next((each for each in below if each in winners), below[0] if below else None)


def path_to(state: RunState, name: NodeName | None) -> list[NodeName]:
    """A node and all it came from, the oldest first."""
    path: list[NodeName] = []
    while name is not None and name not in path:
        path.append(name)
        name = parent(state, name)
    return path[::-1]
