"""What can be said of a share, and of the difference of two shares over the same items, and how surely.

Pure and standard library only. Resampling draws from a seeded generator, so the same figures give the same
intervals. What is held against what is ``bench_summary.py``.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

RESAMPLES = 2000
LEVEL = 0.95
FEWEST_TO_RESAMPLE = 20
"""Below it resampling is too sure of itself, and the exact formulas speak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimate, and the bounds between which it lies at the level asked for."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Two ways over the same items: right by both, by the first only, by the second only, by neither."""

    both: int
    first: int
    second: int
    neither: int

    @classmethod
    def of(cls, first: Sequence[bool], second: Sequence[bool]) -> Pairs:
        """Count; the sequences are over the same items."""
        joined = list(zip(first, second, strict=True))
        return cls(
            both=joined.count((True, True)),
            first=joined.count((True, False)),
            second=joined.count((False, True)),
            neither=joined.count((False, False)),
        )

    @property
    def items(self) -> int:
        """How many there are."""
        return self.both + self.first + self.second + self.neither

    @property
    def difference(self) -> float:
        """The share the first is right in, less the second's."""
        return (self.first - self.second) / self.items if self.items else 0.0


def mcnemar(pairs: Pairs) -> float:
    """The exact two-sided p of McNemar 1947 (Psychometrika 12:153): how often a difference this large comes
    about when both are equally often right. 1 where they never differ.
    """
    differing = pairs.first + pairs.second
    tail = sum(math.comb(differing, k) for k in range(min(pairs.first, pairs.second) + 1))
    return min(1.0, float(2 * tail / 2**differing))


def wilson(right: int, items: int, level: float = LEVEL) -> Interval:
    """The score interval of Wilson 1927 (JASA 22:209) for a share; it holds at 0 and 100 % too."""
    if not items:
        return Interval(value=0.0, low=0.0, high=1.0)
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = right / items
    middle = share + z * z / (2 * items)
    half = z * math.sqrt(share * (1 - share) / items + z * z / (4 * items * items))
    below = 1 + z * z / items
    low = 0.0 if not right else (middle - half) / below
    high = 1.0 if right == items else (middle + half) / below
    return Interval(value=share, low=low, high=high)


def paired_difference(pairs: Pairs, level: float = LEVEL) -> Interval:
    """The interval of Newcombe 1998 (Stat. Med. 17:2635, method 10) for a difference of paired shares.

    Made of two score intervals, so it holds for few items, and where the two never differ.
    """
    n = pairs.items
    if not n:
        return Interval(value=0.0, low=-1.0, high=1.0)
    one = wilson(pairs.both + pairs.first, n, level)
    two = wilson(pairs.both + pairs.second, n, level)
    phi = _phi(pairs)
    down, up = one.value - one.low, two.high - two.value
    low = math.sqrt(max(0.0, down * down - 2 * phi * down * up + up * up))
    up, down = one.high - one.value, two.value - two.low
    high = math.sqrt(max(0.0, up * up - 2 * phi * up * down + down * down))
    value = pairs.difference
    return Interval(value=value, low=max(-1.0, value - low), high=min(1.0, value + high))


def _phi(pairs: Pairs) -> float:
    """The correlation of the two, corrected for few items as Newcombe has it."""
    a, b, c, d = pairs.both, pairs.first, pairs.second, pairs.neither
    product = (a + b) * (c + d) * (a + c) * (b + d)
    if not product:
        return 0.0
    gap = float(a * d - b * c)
    return (max(0.0, gap - pairs.items / 2) if gap > 0 else gap) / math.sqrt(product)


class Resamples:
    """Draws of items with replacement, within each of ``strata`` (how many items each task has), shared by
    all figures, so that what is paired stays so (Efron 1979, Ann. Stat. 7:1).
    """

    def __init__(self, strata: Sequence[int], seed: int, draws: int = RESAMPLES) -> None:
        chance = random.Random(seed)
        self._draws = [list(self._draw(strata, chance)) for _ in range(draws)]

    @staticmethod
    def _draw(strata: Sequence[int], chance: random.Random) -> Iterator[int]:
        begin = 0
        for items in strata:
            yield from chance.choices(range(begin, begin + items), k=items) if items else ()
            begin += items

    def interval(
        self, figure: Callable[[Sequence[int]], float | None], level: float = LEVEL
    ) -> Interval | None:
        """The percentile interval of ``figure``, which is given the places of the items that it is over.

        None where the figure itself, or half of its resamples, has no value: then it says nothing.
        """
        value = figure(range(len(self._draws[0]))) if self._draws else None
        found = sorted(each for draw in self._draws if (each := figure(draw)) is not None)
        if value is None or 2 * len(found) < len(self._draws):
            return None
        tail = (1 - level) / 2
        return Interval(value=value, low=_quantile(found, tail), high=_quantile(found, 1 - tail))


def share(right: Sequence[bool], resamples: Resamples) -> Interval:
    """A share with its resampled interval; Wilson's for few items, and where all are alike, for resampling is
    blind there.
    """
    count = sum(right)
    if count in (0, len(right)) or len(right) < FEWEST_TO_RESAMPLE:
        return wilson(count, len(right))
    found = resamples.interval(lambda places: sum(map(right.__getitem__, places)) / len(places))
    return found or wilson(count, len(right))


def difference(first: Sequence[bool], second: Sequence[bool], resamples: Resamples) -> Interval:
    """The difference of two shares over the same items with its resampled interval; Newcombe's for few items,
    and where the two never differ.
    """
    pairs = Pairs.of(first, second)
    gaps = [a - b for a, b in zip(first, second, strict=True)]
    found = None
    if pairs.first + pairs.second and pairs.items >= FEWEST_TO_RESAMPLE:
        found = resamples.interval(lambda places: sum(map(gaps.__getitem__, places)) / len(places))
    return found or paired_difference(pairs)


def _quantile(ordered: Sequence[float], at: float) -> float:
    place = at * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
