"""Ratings from comparisons: who would win against whom, over all verdicts of a run.

Bradley and Terry 1952 (Biometrika 39:324), solved by the minorisation-maximisation step of Hunter 2004
(Annals of Statistics 32:384). What a single round's verdicts add up to is ``judging.py``.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from itertools import combinations

from cort_desktop.domain.events import Verdict
from cort_desktop.domain.ids import NodeName

STANDS_STILL = 1e-9
MOST_STEPS = 10_000
VIRTUAL_WINS = 0.5


def bradley_terry(verdicts: Iterable[Verdict]) -> dict[NodeName, float]:
    """Strength of each candidate that was ever compared; empty without comparisons.

    Each verdict implies a comparison of every two candidates in it, as heavy as the verdict; a tie is half
    a win for both. Everybody also drew once against a virtual opponent of strength 1, which keeps the
    unbeaten finite, joins what was never compared and fixes the scale: 1 is average, p/(p+1) the chance to
    beat the average, and p/(p+q) the chance to beat a candidate of strength q. No further normalisation.
    The fixed point of p_i ← (w_i+½) / (Σ_j n_ij/(p_i+p_j) + 1/(p_i+1)) is unique, so the order of the
    verdicts doesn't matter.
    """
    wins: defaultdict[NodeName, float] = defaultdict(float)
    games: defaultdict[NodeName, defaultdict[NodeName, float]] = defaultdict(lambda: defaultdict(float))
    for verdict in verdicts:
        _count(verdict, wins, games)
    strength = dict.fromkeys(games, 1.0)
    for _ in range(MOST_STEPS):
        moved = 0.0
        for node, before in strength.items():
            met = sum(count / (before + strength[other]) for other, count in games[node].items())
            after = (wins[node] + VIRTUAL_WINS) / (met + 1 / (before + 1))
            strength[node] = after
            moved = max(moved, abs(math.log(after / before)))
        if moved < STANDS_STILL:
            break
    return strength


def best_rated(
    ratings: dict[NodeName, float], *, standing: NodeName, cut: AbstractSet[NodeName] = frozenset()
) -> NodeName:
    """The best of all candidates ever judged; ``standing`` unless another is really rated higher.

    ``cut`` are answers that ended at the token limit: they don't win unless ``standing`` is one of them too.
    """
    open_to = [node for node in ratings if standing in cut or node not in cut]
    best = max(open_to, key=ratings.__getitem__, default=standing)
    better = ratings.get(best, 0.0) > ratings.get(standing, 0.0) * (1 + 1e-6)
    return best if better else standing


def _count(
    verdict: Verdict,
    wins: defaultdict[NodeName, float],
    games: defaultdict[NodeName, defaultdict[NodeName, float]],
) -> None:
    if verdict.parsed_by == "abstained" or verdict.weight <= 0:
        return
    places = [(node, place) for place, group in enumerate(verdict.ranking) for node in group]
    for (node, place), (other, other_place) in combinations(places, 2):
        games[node][other] += verdict.weight
        games[other][node] += verdict.weight
        won = 0.5 if place == other_place else 1.0
        wins[node] += verdict.weight * won
        wins[other] += verdict.weight * (1.0 - won)
