"""What thinking harder took in a run, against its first answer alone, and what comparing the two came to.

Facts of a run at rest; nothing here asks a model or says how good an answer is. The blind comparison is
``engine/worth.py``, sums over many runs are ``worth_shares.py``, the words ``telling/worth.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.nodes import Node, Spent
from cort_desktop.domain.run import RunState
from cort_desktop.domain.wishes import Wish

WorthOutcome = Literal["final", "first", "unclear"]
"""Which of the two the judges preferred; ``unclear``: no preference that holds in both orders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """What something took. cost_microusd: None where any part of it is unknown."""

    calls: int
    tokens: int
    cost_microusd: int | None
    seconds: float

    def __sub__(self, other: Took) -> Took:
        cost, less = self.cost_microusd, other.cost_microusd
        return Took(
            calls=max(0, self.calls - other.calls),
            tokens=max(0, self.tokens - other.tokens),
            cost_microusd=None if cost is None or less is None else max(0, cost - less),
            seconds=max(0.0, self.seconds - other.seconds),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """The first answer of a run, its answer, and what the run took: ``alone`` for the first one, ``more`` for
    all that came on top, without what was spent on looking at it again. ``look`` is the last comparison of
    these two.
    """

    first: NodeName
    final: NodeName
    alone: Took
    more: Took
    look: Wish | None = None

    @property
    def is_same(self) -> bool:
        """Whether the first answer is the answer."""
        return self.first == self.final

    @property
    def outcome(self) -> WorthOutcome | None:
        """What the comparison came to; None while there is none that could be read."""
        result = None if self.look is None else self.look.result
        if result is None or result.method is None:
            return None
        if result.winner is None:
            return "unclear"
        return "final" if result.winner == self.final else "first"


def first_answer(state: RunState) -> Node | None:
    """The draft, or where there is none the first sample; of those that failed none. None without any."""
    own = [node for node in state.candidates() if node.role == "proposer" and node.wish is None]
    return min(own, key=lambda node: (node.round, node.ordinal), default=None)


def worth_of(state: RunState) -> Worth | None:
    """What is known of a run at rest; None while it works, or where it has no answer."""
    first, final = first_answer(state), state.answer_node
    if state.finished is None or first is None or final is None:
        return None
    alone = _took(first.booked, _seconds(first))
    pair = (first.name, final)
    looks = [wish for wish in state.wishes if wish.kind == "worth" and wish.nodes == pair]
    return Worth(
        first=first.name,
        final=final,
        alone=alone,
        more=_without_looks(state) - alone,
        look=looks[-1] if looks else None,
    )


def _seconds(node: Node) -> float:
    if node.seconds is not None:
        return node.seconds
    return 0.0 if node.ended_at is None else (node.ended_at - node.started_at).total_seconds()


def _took(spent: Spent, seconds: float) -> Took:
    cost = None if spent.unknown else spent.known_microusd
    return Took(calls=spent.calls, tokens=spent.usage.total, cost_microusd=cost, seconds=seconds)


def _without_looks(state: RunState) -> Took:
    """The whole run but for the judges of further looks, and the repairs of what they said."""
    judges = [node for node in state.nodes.values() if node.role == "judge" and node.wish is not None]
    spent = state.spent
    looks = Spent()
    for judge in judges:
        looks.add(judge.booked)
    rest = Spent(
        calls=spent.calls - looks.calls,
        known_microusd=spent.known_microusd - looks.known_microusd,
        unknown=spent.unknown - looks.unknown,
    )
    took = _took(rest, state.active_seconds - state.looking_seconds)
    return replace(took, tokens=max(0, spent.usage.total - looks.usage.total))
