"""What a round's verdicts add up to: the winner, a tie, how well the judges agree, how steady they are.

This module is the door to its neighbours too: the orders judges are shown (``orders.py``), the labels
(``labels.py``), what order does to them (``order_effects.py``), ratings over a whole run
(``bradley_terry.py``). What a reply says is ``replies.py``; when to ask whom is the strategies'.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import combinations

from cort_desktop.domain.events import Verdict
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.search import Method
from cort_desktop.engine.ballots import PAIR, Ballot, ballot_of, kendall_tau_b, mean
from cort_desktop.engine.bradley_terry import best_rated, bradley_terry
from cort_desktop.engine.chance import call_seed
from cort_desktop.engine.labels import labels_of
from cort_desktop.engine.order_effects import decide_head_to_head, order_mattered, swap_consistency
from cort_desktop.engine.orders import must_use_pairs, pair_schedule, panel_orders, planned_verdicts

__all__ = [
    "PAIR",
    "PanelResult",
    "aggregate",
    "best_rated",
    "bradley_terry",
    "call_seed",
    "decide_head_to_head",
    "labels_of",
    "must_use_pairs",
    "order_mattered",
    "pair_schedule",
    "panel_orders",
    "planned_verdicts",
    "swap_consistency",
]

CLEAR_GAP = 0.1
"""Two candidates nearer than this are tied."""
FEW_VERDICTS = 3
"""With fewer, there is no spread to judge a gap by: the tops are compared instead."""
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelResult:
    """What a panel's verdicts say.

    winner: who goes on; None only without contestants. tie: two that must meet head to head; until that is
    decided, the winner is the one with more points. kept: whether the winner is the incumbent; None without
    one. scores: 0 to 1, of those that were ranked. method: None when nothing was decided by judging.
    failed: fewer than half of the verdicts could be read, so the incumbent stays. valid: how many could.
    """

    winner: NodeName | None
    kept: bool | None = None
    scores: dict[NodeName, float] = field(default_factory=dict)
    method: Method | None = None
    agreement: float | None = None
    tie: tuple[NodeName, NodeName] | None = None
    failed: bool = False
    valid: int = 0


def aggregate(
    contestants: Sequence[NodeName],
    verdicts: Sequence[Verdict],
    *,
    incumbent: NodeName | None,
    expected: int,
    cut: AbstractSet[NodeName] = frozenset(),
) -> PanelResult:
    """The result of a round (ENGINE 4.2, 4.3).

    contestants: in sample order, the incumbent among them. expected: how many verdicts were asked for. cut:
    answers that ended at the token limit; they may not win unless all did. A panel is counted by normalised
    Borda with mid-ranks, a schedule of pairs by Bradley-Terry. One contestant needs no verdict.
    """
    if len(contestants) <= 1:
        only = contestants[0] if contestants else None
        return PanelResult(winner=only, kept=_kept(only, incumbent))
    open_to = [node for node in contestants if node not in cut] or list(contestants)
    votes = [
        (verdict, ballot)
        for verdict in verdicts
        if (ballot := ballot_of(verdict, set(contestants))) is not None
    ]
    if not votes or 2 * len(votes) < expected:
        stays = incumbent or open_to[0]
        return PanelResult(winner=stays, kept=_kept(stays, incumbent), failed=True, valid=len(votes))
    ballots = [ballot for _, ballot in votes]
    count = (
        _count_pairs([verdict for verdict, _ in votes])
        if len(contestants) > PAIR and _is_schedule(votes)
        else _count_panel(contestants, ballots, set(open_to))
    )
    ahead = _ahead(open_to, count.scores, incumbent)
    tie = (ahead[0], ahead[1]) if len(ahead) > 1 and count.is_tie(ahead[0], ahead[1]) else None
    winner = incumbent if tie is not None and incumbent in tie else ahead[0]
    return PanelResult(
        winner=winner,
        kept=_kept(winner, incumbent),
        scores=count.scores,
        method=count.method,
        agreement=_agreement(ballots),
        tie=None if tie is None or incumbent in tie else tie,
        valid=len(ballots),
    )


def _is_schedule(votes: Sequence[tuple[Verdict, Ballot]]) -> bool:
    """Whether these are verdicts on pairs; of a panel whose judges each left out their own answer, two may be
    all that is left for each, and still it is one.
    """
    return all(len(ballot.places) == PAIR and not verdict.excluded for verdict, ballot in votes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Count:
    scores: dict[NodeName, float]
    method: Method
    is_tie: Callable[[NodeName, NodeName], bool]


def _count_panel(
    contestants: Sequence[NodeName], ballots: Sequence[Ballot], open_to: AbstractSet[NodeName]
) -> _Count:
    """Borda: the mean over verdicts of (n-1-rank)/(n-1), weighted; n is how many that verdict ranks."""
    scores: dict[NodeName, float] = {}
    for node in contestants:
        points = [(ballot.points(node), ballot.weight) for ballot in ballots if node in ballot.places]
        if points:
            scores[node] = mean([point for point, _ in points], [weight for _, weight in points])

    def is_tie(first: NodeName, second: NodeName) -> bool:
        if len(ballots) < FEW_VERDICTS:
            tops = {ballot.top(open_to) for ballot in ballots}
            return tops != {frozenset((first,))}
        limit = max(CLEAR_GAP, _standard_error(first, second, ballots))
        return scores[first] - scores[second] < limit - ROUNDING

    return _Count(scores=scores, method="borda", is_tie=is_tie)


def _count_pairs(verdicts: Sequence[Verdict]) -> _Count:
    """Bradley-Terry; a score is the chance to beat the average, a tie a chance against each other near one
    half.
    """
    ratings = bradley_terry(verdicts)

    def is_tie(first: NodeName, second: NodeName) -> bool:
        p, q = ratings[first], ratings[second]
        return (p - q) / (p + q) < CLEAR_GAP - ROUNDING

    scores = {node: rating / (rating + 1) for node, rating in ratings.items()}
    return _Count(scores=scores, method="bradley_terry", is_tie=is_tie)


def _ahead(
    open_to: Sequence[NodeName], scores: Mapping[NodeName, float], incumbent: NodeName | None
) -> list[NodeName]:
    """Best first; among equals the incumbent, then sample order. Those no verdict ranked come last,
    unscored.
    """
    ranked = [node for node in open_to if node in scores]
    return sorted(ranked, key=lambda node: (-round(scores[node], 9), node != incumbent)) or list(open_to[:1])


def _standard_error(first: NodeName, second: NodeName, ballots: Sequence[Ballot]) -> float:
    """Of the weighted mean difference over the verdicts that rank both; with equal weights s/√K."""
    both = [ballot for ballot in ballots if first in ballot.places and second in ballot.places]
    if len(both) < PAIR:
        return 0.0
    gaps = [ballot.points(first) - ballot.points(second) for ballot in both]
    weights = [ballot.weight for ballot in both]
    middle = mean(gaps, weights)
    spread = math.fsum((weight * (gap - middle)) ** 2 for gap, weight in zip(gaps, weights, strict=True))
    return math.sqrt(spread * len(both) / (len(both) - 1)) / math.fsum(weights)


def _agreement(ballots: Sequence[Ballot]) -> float | None:
    """Mean Kendall tau-b between the rankings, scaled to 0..1; None with one. All-tied rankings have none."""
    taus = [
        tau for a, b in combinations(ballots, 2) if (tau := kendall_tau_b(a.places, b.places)) is not None
    ]
    return (mean(taus) + 1) / 2 if taus else None


def _kept(winner: NodeName | None, incumbent: NodeName | None) -> bool | None:
    return None if incumbent is None else winner == incumbent
