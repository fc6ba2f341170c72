"""What theory says of selection and of votes, computed apart from the engine: sums and integrals, no chance.

Judges are Thurstone's (1927, Psychological Review 34:273): each answer is seen at its quality plus Gaussian
noise, and the ranking is the order of what is seen. The vote is Aggarwal et al. 2023 (arXiv:2305.11860), its
Beta posterior taken from sums of fractions here.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from statistics import NormalDist

NORMAL = NormalDist()
WAVE = 4
SURE = Fraction(95, 100)


def near(hits: int, runs: int, chance: float, *, deviations: float = 4.0) -> bool:
    """Whether so many hits are within so many standard deviations of what ``chance`` promises; half a hit is
    granted, so that chances of 0 and 1 are exact.
    """
    return abs(hits - runs * chance) <= deviations * math.sqrt(runs * chance * (1 - chance)) + 0.5


def mean_near(values: list[float], expected: float, *, deviations: float = 4.0) -> bool:
    """Whether a mean is within so many of its own standard errors of what is expected."""
    middle = math.fsum(values) / len(values)
    spread = math.fsum((value - middle) ** 2 for value in values) / max(1, len(values) - 1)
    return abs(middle - expected) <= deviations * math.sqrt(spread / len(values)) + 1e-9


def noise_for(pairs_right: float, gap: float = 1.0) -> float:
    """The noise with which two answers ``gap`` apart are put right so often: gap / (√2 · Φ⁻¹(p))."""
    return gap / (math.sqrt(2.0) * NORMAL.inv_cdf(pairs_right))


def noise_among_normals(pairs_right: float) -> float:
    """The noise with which pairs of answers of standard normal quality are put right so often, on average.

    True and seen differences are bivariate normal with correlation 1/√(1+σ²), and agree in sign with the
    chance ½ + arcsin(correlation)/π (Sheppard 1899); so σ = tan((1-p)·π).
    """
    return math.tan((1.0 - pairs_right) * math.pi)


def normals_right(noise: float, first: float) -> float:
    """How often pairs of answers of standard normal quality are put right by a judge to whom what is shown
    first, each as often, seems better by ``first``: an integral over their difference, which is √2 wide.
    """
    steps, widest = 2000, 8.0
    gaps = [widest * (step + 0.5) / steps for step in range(steps)]
    weights = [NormalDist(0.0, math.sqrt(2.0)).pdf(gap) for gap in gaps]
    seen = NormalDist(0.0, math.sqrt(2.0) * noise)
    right = ((seen.cdf(gap + first) + seen.cdf(gap - first)) / 2 for gap in gaps)
    return math.fsum(w * r for w, r in zip(weights, right, strict=True)) / math.fsum(weights)


def noise_under_place_bias(pairs_right: float, first: float) -> float:
    """The noise with which ``normals_right`` is so much; found by halving."""
    low, high = 1e-6, 4.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if normals_right(middle, first) > pairs_right else (low, middle)
    return low


def binomial(count: int, chance: float) -> list[float]:
    """The chances of 0 … count hits."""
    return [math.comb(count, k) * chance**k * (1 - chance) ** (count - k) for k in range(count + 1)]


def top_is_right(right: int, wrong: int, gap: float, noise: float, first: float = 0.0) -> float:
    """The chance that one judge's favourite of ``right`` good and ``wrong`` bad answers is a good one.

    Qualities are ``gap`` and 0; whoever is shown first, each as likely, seems better by ``first``. The
    favourite is a good one where the highest of the good is above all bad: an integral over its place.
    """
    if right == 0 or wrong == 0:
        return float(wrong == 0)
    everyone = right + wrong
    return (
        right * _top(right - 1, wrong, gap, noise, lifted=first, is_good=True)
        + wrong * _top(right, wrong - 1, gap, noise, lifted=first, is_good=False)
    ) / everyone


def _top(right: int, wrong: int, gap: float, noise: float, *, lifted: float, is_good: bool) -> float:
    """As ``top_is_right``, where one more answer, good or bad, is shown first and seems ``lifted``."""
    steps, low, high = 600, -8.0 * noise, gap + lifted + 8.0 * noise
    width = (high - low) / steps
    own = NormalDist((gap if is_good else 0.0) + lifted, noise)
    good, bad = NormalDist(gap, noise), NormalDist(0.0, noise)

    def good_below(x: float) -> float:
        return good.cdf(x) ** right * (own.cdf(x) if is_good else 1.0)

    def bad_below(x: float) -> float:
        return bad.cdf(x) ** wrong * (1.0 if is_good else own.cdf(x))

    points = [low + width * step for step in range(steps + 1)]
    return math.fsum(
        (good_below(b) - good_below(a)) * (bad_below(a) + bad_below(b)) / 2 for a, b in pairwise(points)
    )


def best_of(count: int, right: float, gap: float, noise: float, first: float = 0.0) -> float:
    """The chance that one judge's favourite of ``count`` samples is right."""
    chances = binomial(count, right)
    return math.fsum(
        chance * top_is_right(good, count - good, gap, noise, first) for good, chance in enumerate(chances)
    )


def pair_by_panel_of_three(p: float) -> float:
    """The chance that the better of two wins a panel of three that each put them right with chance p.

    3-0 is clear (a gap of 1, no spread); 2-1 is a tie (a gap of a third, below its standard error of two
    thirds), so both orders are asked, and both must agree; else the two of three stand.
    """
    for_it, against = 3 * p * p * (1 - p), 3 * p * (1 - p) ** 2
    return p**3 + for_it * (1 - (1 - p) ** 2) + against * p * p


def confidence(a: int, b: int) -> Fraction:
    """The chance that a Beta(a+1, b+1) variable is above one half, term by term."""
    trials = a + b + 1
    return sum((Fraction(math.comb(trials, k), 2**trials) for k in range(a + 1)), Fraction(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteRun:
    """How a vote of two values ends: the chance to be right, samples on average, the rules' chances."""

    right: float
    samples: float
    rules: dict[str, float]


@lru_cache(maxsize=32)
def vote_run(right: float, most: int) -> VoteRun:
    """A vote of right against one wrong value in waves of 4, at most ``most`` samples: every way it can go.

    Of equals the value that was said first leads; by symmetry that is the right one every other time.
    """
    open_: dict[tuple[int, int], float] = {(0, 0): 1.0}
    rules: defaultdict[str, float] = defaultdict(float)
    is_right = samples = 0.0
    drawn = 0
    while drawn < most:
        size = min(WAVE, most - drawn)
        drawn += size
        after: defaultdict[tuple[int, int], float] = defaultdict(float)
        for (good, bad), chance in open_.items():
            for more, share in enumerate(binomial(size, right)):
                after[good + more, bad + size - more] += chance * share
        open_ = {}
        for (good, bad), chance in after.items():
            rule = _rule(max(good, bad), min(good, bad), most - drawn)
            if rule is None:
                open_[good, bad] = chance
                continue
            rules[rule] += chance
            samples += chance * drawn
            is_right += chance * (1.0 if good > bad else 0.5 if good == bad else 0.0)
    return VoteRun(right=is_right, samples=samples, rules=dict(rules))


def _rule(a: int, b: int, left: int) -> str | None:
    if confidence(a, b) >= SURE:
        return "vote"
    if a - b > left:
        return "unassailable"
    return None if left else "samples"


def majority(count: int, right: float) -> float:
    """The chance that most of ``count`` answers are right; half of them count half: chance leads then."""
    chances = binomial(count, right)
    return math.fsum(
        chance * (1.0 if 2 * good > count else 0.5 if 2 * good == count else 0.0)
        for good, chance in enumerate(chances)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Refining:
    """One model that criticises and mends before one judge. first: the chance of a right draft. again, mends:
    of a right answer written in sight of a right one, of a wrong one. passes_right, passes_wrong: that the
    critic finds nothing in such an answer. judged: that the judge puts a right and a wrong one right; of two
    alike it takes either.
    """

    first: float
    again: float
    mends: float
    passes_right: float
    passes_wrong: float
    judged: float


def refined(how: Refining, rounds: int) -> tuple[float, float]:
    """The chance that the last winner is right, and how many rounds are played on average: every way that
    ``rounds`` of mending can go; nothing to mend ends it, and so does who stayed twice in a row.
    """
    open_: dict[tuple[bool, int], float] = {(True, 0): how.first, (False, 0): 1 - how.first}
    is_right = played = 0.0
    for _ in range(rounds):
        after: defaultdict[tuple[bool, int], float] = defaultdict(float)
        for (right, kept), chance in open_.items():
            played += chance
            passed = how.passes_right if right else how.passes_wrong
            is_right += chance * passed * right
            better = how.again if right else how.mends
            for mended, share in ((True, better), (False, 1 - better)):
                stays = 0.5 if mended == right else how.judged if right else 1 - how.judged
                part = chance * (1 - passed) * share
                after[right, kept + 1] += part * stays
                after[mended, 0] += part * (1 - stays)
        is_right += after.pop((True, 2), 0.0)
        after.pop((False, 2), 0.0)
        open_ = dict(after)
    return is_right + sum(chance for (right, _), chance in open_.items() if right), played


def population_after(
    steps: int, members: int, first: float, joins: tuple[float, ...], *, votes: bool
) -> list[float]:
    """The chances of 0 … ``members`` right ones in the last of ``steps``, where each member sees so many
    others as ``joins`` goes on for, drawn without replacement; where it ``votes``, it ends when all agree.
    """
    chances = binomial(members, first)
    ended = [0.0] * (members + 1)
    seen = len(joins) - 1
    for _ in range(steps - 1):
        after = [0.0] * (members + 1)
        for right, chance in enumerate(chances):
            if votes and right in (0, members):
                ended[right] += chance
                continue
            written = math.fsum(
                joins[k] * math.comb(right, k) * math.comb(members - right, seen - k)
                for k in range(seen + 1)
                if k <= right and seen - k <= members - right
            ) / math.comb(members, seen)
            for more, share in enumerate(binomial(members, written)):
                after[more] += chance * share
        chances = after
    return [done + still for done, still in zip(ended, chances, strict=True)]
