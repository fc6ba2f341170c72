"""A verdict as a vote: the places it gives, its points, and how far two of them agree.

What votes add up to is ``judging.py``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import combinations

from cort_desktop.domain.events import Verdict
from cort_desktop.domain.ids import NodeName

PAIR = 2


@dataclass(frozen=True, slots=True)
class Ballot:
    """A valid verdict, cut down to the contestants: the place of each from 0, ties at their middle."""

    places: Mapping[NodeName, float]
    weight: float

    def points(self, node: NodeName) -> float:
        """Borda's points, from 0 for the last to 1 for the first."""
        last = len(self.places) - 1
        return (last - self.places[node]) / last

    def top(self, among: AbstractSet[NodeName]) -> frozenset[NodeName]:
        """Whom of ``among`` it puts first."""
        seen = [node for node in self.places if node in among]
        first = min((self.places[node] for node in seen), default=0.0)
        return frozenset(node for node in seen if self.places[node] == first)


def is_valid(verdict: Verdict) -> bool:
    """Whether it is a vote: it could be read and ranks somebody."""
    return verdict.parsed_by != "abstained" and bool(verdict.ranking) and verdict.weight > 0


def ballot_of(verdict: Verdict, contestants: AbstractSet[NodeName]) -> Ballot | None:
    """The verdict among ``contestants``; None when it is no vote or ranks fewer than two of them."""
    if not is_valid(verdict):
        return None
    places: dict[NodeName, float] = {}
    for group in verdict.ranking:
        tied = [node for node in group if node in contestants]
        middle = len(places) + (len(tied) - 1) / 2
        places |= dict.fromkeys(tied, middle)
    return Ballot(places, verdict.weight) if len(places) >= PAIR else None


def kendall_tau_b(a: Mapping[NodeName, float], b: Mapping[NodeName, float]) -> float | None:
    """Kendall 1945 (Biometrika 33:239), over what both rank; None where one of them tells nothing apart."""
    common = [node for node in a if node in b]
    score = a_apart = b_apart = 0
    for i, j in combinations(common, 2):
        a_sign = (a[i] > a[j]) - (a[i] < a[j])
        b_sign = (b[i] > b[j]) - (b[i] < b[j])
        score += a_sign * b_sign
        a_apart += a_sign != 0
        b_apart += b_sign != 0
    return score / math.sqrt(a_apart * b_apart) if a_apart and b_apart else None


def mean(values: Sequence[float], weights: Sequence[float] | None = None) -> float:
    """The mean, weighted where weights are given; there must be a value."""
    weights = weights or [1.0] * len(values)
    total = math.fsum(weight * value for value, weight in zip(values, weights, strict=True))
    return total / math.fsum(weights)
