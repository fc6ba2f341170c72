"""Ratings from comparisons: who would win against whom, over all verdicts of a run.

Bradley and Terry 1952 (Biometrika 39:324); the fixed point is that of Hunter 2004 (Annals of Statistics
32:384). What a single round's verdicts add up to is ``judging.py``.
"""

from __future__ import annotations

import math
import operator
from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from itertools import combinations

from cort_desktop.domain.events import Verdict
from cort_desktop.domain.ids import NodeName

STANDS_STILL = 1e-9
MOST_STEPS = 100
LONGEST_STEP = 2.0
GOOD_ENOUGH = 1e-8
"""By how much a step's own error must have shrunk; the next step takes care of the rest."""
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
    return _solved(wins, games)


def _solved(
    wins: Mapping[NodeName, float], games: Mapping[NodeName, Mapping[NodeName, float]]
) -> dict[NodeName, float]:
    """The fixed point, by Newton's method on the logarithms of the strengths.

    Hunter's step gets there too, but on a long chain of rounds, each knowing only its neighbours, it takes
    thousands of sweeps where this takes a few steps.
    """
    number = {node: place for place, node in enumerate(games)}
    met = [[(number[other], count) for other, count in games[node].items()] for node in games]
    won = [wins[node] + VIRTUAL_WINS for node in games]
    logs = [0.0] * len(won)
    for _ in range(MOST_STEPS):
        step = _newton_step(won, met, [math.exp(log) for log in logs])
        longest = max(map(abs, step), default=0.0)
        shorten = min(1.0, LONGEST_STEP / longest) if longest else 1.0
        logs = [log + shorten * move for log, move in zip(logs, step, strict=True)]
        if longest < STANDS_STILL:
            break
    return {node: math.exp(logs[place]) for node, place in number.items()}


def _newton_step(won: list[float], met: list[list[tuple[int, float]]], strength: list[float]) -> list[float]:
    """The move that would close the gap between wins and expected wins, were it linear."""
    gap, slope = [], []
    coupling: list[list[tuple[int, float]]] = []
    for own, wins, opponents in zip(strength, won, met, strict=True):
        virtual = own / (own + 1)
        expected, steepness, row = virtual, virtual * (1 - virtual), []
        for other, count in opponents:
            chance = own / (own + strength[other])
            pull = count * chance * (1 - chance)
            expected += count * chance
            steepness += pull
            row.append((other, pull))
        gap.append(wins - expected)
        slope.append(steepness)
        coupling.append(row)
    return _conjugate_gradients(gap, slope, coupling)


def _conjugate_gradients(
    right: list[float], diagonal: list[float], coupling: list[list[tuple[int, float]]]
) -> list[float]:
    """X with diagonal·x - coupling·x = right; Hestenes and Stiefel 1952, preconditioned by the diagonal."""
    x = [0.0] * len(right)
    rest = right
    near = [r / d for r, d in zip(rest, diagonal, strict=True)]
    way = near
    size = first = _dot(rest, near)
    for _ in range(len(right)):
        if size <= first * GOOD_ENOUGH:
            break
        ahead = [
            d * w - sum(pull * way[other] for other, pull in row)
            for d, w, row in zip(diagonal, way, coupling, strict=True)
        ]
        length = size / _dot(way, ahead)
        x = [a + length * b for a, b in zip(x, way, strict=True)]
        rest = [a - length * b for a, b in zip(rest, ahead, strict=True)]
        near = [r / d for r, d in zip(rest, diagonal, strict=True)]
        before, size = size, _dot(rest, near)
        way = [a + size / before * b for a, b in zip(near, way, strict=True)]
    return x


def _dot(a: list[float], b: list[float]) -> float:
    return math.fsum(map(operator.mul, a, b))


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
