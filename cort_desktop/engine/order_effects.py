"""What the order of candidates does to judges: head-to-heads in both orders, and how steady verdicts are.

Which orders are shown is ``orders.py``; counting a round is ``judging.py``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations, product

from cort_desktop.domain.events import Verdict
from cort_desktop.domain.ids import ModelRef, NodeName
from cort_desktop.engine.ballots import PAIR, ballot_of, mean


def decide_head_to_head(
    pair: tuple[NodeName, NodeName], verdicts: Sequence[Verdict]
) -> tuple[NodeName | None, bool | None]:
    """(who wins, whether the order changed the outcome) of verdicts on two candidates in both orders.

    There is a winner only if every order was judged and all say the same. The second is None unless both
    orders were judged.
    """
    said: defaultdict[NodeName, set[frozenset[NodeName]]] = defaultdict(set)
    for verdict in verdicts:
        ballot = ballot_of(verdict, set(pair))
        if ballot is not None:
            shown_first = next(node for node in verdict.order if node in pair)
            said[shown_first].add(ballot.top(set(pair)))
    if len(said) < PAIR:
        return None, None
    outcomes = set.union(*said.values())
    if len(outcomes) > 1:
        return None, True
    (top,) = outcomes
    return (next(iter(top)) if len(top) == 1 else None), False


def order_mattered(
    pair: tuple[NodeName, NodeName], duel: Sequence[Verdict], before: Sequence[Verdict]
) -> bool | None:
    """Whether a judge of a head-to-head said another thing of the two when they were turned round: in its
    other verdict there, else in those it gave ``before``. None where none of them was shown both orders.

    What two models say differs by more than the order, so each is compared with itself only.
    """
    changed: list[bool] = []
    for verdict in duel:
        turned = [
            [other for other in verdicts if other.model == verdict.model and _turned(pair, other, verdict)]
            for verdicts in (duel, before)
        ]
        there, earlier = ([_said(pair, other) for other in each] for each in turned)
        said = _said(pair, verdict)
        if said is not None:
            changed += [other != said for other in there or earlier if other is not None]
    return any(changed) if changed else None


def _said(pair: tuple[NodeName, NodeName], verdict: Verdict) -> frozenset[NodeName] | None:
    """Whom of the two a verdict prefers, both where it ties them; None where it is no vote on them."""
    ballot = ballot_of(verdict, set(pair))
    return None if ballot is None else ballot.top(set(pair))


def _turned(pair: tuple[NodeName, NodeName], one: Verdict, other: Verdict) -> bool:
    """Whether two verdicts show the two in opposite orders."""
    shown = [next((node for node in verdict.order if node in pair), None) for verdict in (one, other)]
    return set(shown) == set(pair)


def swap_consistency(verdicts: Sequence[Verdict]) -> float | None:
    """How often a judge says the same of two candidates whichever comes first, 0 to 1; None when never seen.

    Over all pairs that the same model saw in both orders; a pair judged several times counts once, by the
    share of its crossings that agree. A tie agrees with a tie only.
    """
    shares = [both.share() for both in _in_both_orders(verdicts)]
    return mean(shares) if shares else None


def pairs_in_both_orders(verdicts: Sequence[Verdict]) -> int:
    """How many pairs the same model saw in both orders: what ``swap_consistency`` rests on."""
    return len(_in_both_orders(verdicts))


def _in_both_orders(verdicts: Sequence[Verdict]) -> list[_BothOrders]:
    seen: defaultdict[tuple[ModelRef | None, frozenset[NodeName]], _BothOrders] = defaultdict(_BothOrders)
    for verdict in verdicts:
        ballot = ballot_of(verdict, set(verdict.order))
        if ballot is None:
            continue
        shown = [node for node in verdict.order if node in ballot.places]
        for first, second in combinations(shown, 2):
            outcome = ballot.top({first, second})
            both = seen[verdict.model, frozenset((first, second))]
            (both.forward if first < second else both.backward).append(outcome)
    return [both for both in seen.values() if both.forward and both.backward]


@dataclass(frozen=True, slots=True)
class _BothOrders:
    """What was said of a pair when its first by name was shown first, and when it was shown second."""

    forward: list[frozenset[NodeName]] = field(default_factory=list)
    backward: list[frozenset[NodeName]] = field(default_factory=list)

    def share(self) -> float:
        return mean([float(a == b) for a, b in product(self.forward, self.backward)])
