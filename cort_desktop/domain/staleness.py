"""What stops being true when another text takes a text's place: what was written with the old one in sight.

Nothing here is undone or asked again; it is what a person is told before the change, and shown after it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from cort_desktop.domain.ids import NodeName, RunId
from cort_desktop.domain.messages import Message
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import ANSWER_ROLES


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterRun:
    """A run of a later turn that has an answer, with the messages of the turns before it as it was told
    them.
    """

    run: RunId
    told: tuple[Message, ...]


def written_with(question: str, answer: str | None, later: Iterable[LaterRun]) -> tuple[RunId, ...]:
    """The runs that were told ``answer`` as the one to ``question`` (with or without files in front of
    it).
    """
    return tuple(run.run for run in later if answer and _was_told(run.told, question, answer))


def _was_told(told: tuple[Message, ...], question: str, answer: str) -> bool:
    return any(
        asked.role == "user"
        and asked.text.endswith(question)
        and replied.role == "assistant"
        and replied.text == answer
        for asked, replied in pairwise(told)
    )


def seen_by(state: RunState, node: NodeName) -> tuple[NodeName, ...]:
    """The nodes of a run whose text rests on that of ``node``: that saw it, or saw one that did; as
    started.
    """
    tainted = {node}
    found: list[NodeName] = []
    for other in sorted(state.nodes.values(), key=lambda each: each.started_at):
        if other.name != node and not tainted.isdisjoint(other.saw):
            tainted.add(other.name)
            found.append(other.name)
    return tuple(found)


def replaced_under(state: RunState, name: NodeName) -> NodeName | None:
    """The round's winner that the candidate ``name`` rests on although a person made another candidate of
    that round, or of one before it, the answer; None where nothing it rests on was replaced.

    Nothing of the chosen one's own round is stale, nor what rests on the chosen one.
    """
    chosen = state.override
    node = state.nodes.get(name)
    if chosen is None or chosen not in state.nodes or node is None or node.role not in ANSWER_ROLES:
        return None
    since = state.nodes[chosen].round
    if node.round <= since or name == chosen:
        return None
    rests_on = _rests_on(state, name)
    if chosen in rests_on:
        return None
    rounds = sorted(state.rounds.items())
    winners = (each.result.winner for number, each in rounds if number >= since and each.result is not None)
    return next((winner for winner in winners if winner in rests_on), None)


def _rests_on(state: RunState, name: NodeName) -> set[NodeName]:
    """The texts that a node saw, and those that they saw."""
    left, seen = [name], set[NodeName]()
    while left:
        for saw in state.nodes[left.pop()].saw:
            if saw in state.nodes and saw not in seen:
                seen.add(saw)
                left.append(saw)
    return seen
