"""Which node of a search tree to grow next: adaptive branching by Thompson sampling (AB-MCTS-A).

Inoue et al. 2025 (arXiv:2503.04412, with node aggregation). At every node a sample of what a new child would
score (go wider) is held against one of what its children's descendants score (go deeper); deeper, the child
whose own sample is best is gone into. Which of several models writes is drawn in the same way. Pure: the tree
comes in, chance is passed in; what a node is and who scores it are the strategy's.

Beliefs: normal with unknown mean and variance (normal-inverse-gamma; Murphy 2023, *Probabilistic Machine
Learning: Advanced Topics*, 3.4.3.3), whose mean is distributed like Student's t, drawn by Bailey's polar
method (1994, Mathematics of Computation 62:779); or a beta distribution over scores as shares of success,
from two gamma variables (Marsaglia and Tsang 2000, ACM TOMS 26:363).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Belief = Literal["gaussian", "beta"]
Draw = Callable[[], float]
"""The next number from 0 to 1."""

PRIOR_MEAN, PRIOR_WEIGHT, PRIOR_FREEDOM, PRIOR_SCALE = 0.0, 1.0, 1.0, 0.1
"""The authors': a mean of 0 that counts as one score, so that what was never tried is not overrated."""
PRIOR_SUCCESS = PRIOR_FAILURE = 0.5
"""Jeffreys's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A node that was scored: whose child it is (its place in the list; None: the root's), its score from 0
    to 1, and who wrote it.
    """

    parent: int | None
    score: float
    author: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """Where the next node grows (None: at the root) and who writes it."""

    parent: int | None
    author: str


def grow(
    tree: Sequence[Branch],
    authors: Sequence[str],
    draw: Draw,
    *,
    belief: Belief = "gaussian",
    closed: Collection[int] = (),
) -> Growth:
    """The next node of ``tree``, whose branches come after their parents. ``closed`` are not gone into."""
    seen = _seen(tree)
    believed = _gaussian if belief == "gaussian" else _beta
    at: int | None = None
    while children := [child for child in seen.children[at] if child not in closed]:
        if believed(seen.wider[at], draw) >= believed(seen.deeper[at], draw):
            break
        at = _best({child: believed(seen.through[child], draw) for child in children})
    if len(authors) == 1:
        return Growth(parent=at, author=authors[0])
    written = {author: [b.score for b in tree if b.author == author] for author in authors}
    samples = {author: believed(scores, draw) for author, scores in written.items()}
    return Growth(parent=at, author=max(samples, key=samples.__getitem__))


@dataclass(frozen=True, slots=True)
class _Seen:
    """The scores that count for each choice, by the node where it is made (None: the root).

    wider: of its own children. deeper: of what grew below these. through: of a child and all below it.
    """

    children: defaultdict[int | None, list[int]] = field(default_factory=lambda: defaultdict(list))
    wider: defaultdict[int | None, list[float]] = field(default_factory=lambda: defaultdict(list))
    deeper: defaultdict[int | None, list[float]] = field(default_factory=lambda: defaultdict(list))
    through: defaultdict[int, list[float]] = field(default_factory=lambda: defaultdict(list))


def _seen(tree: Sequence[Branch]) -> _Seen:
    seen = _Seen()
    for place, branch in enumerate(tree):
        seen.children[branch.parent].append(place)
        seen.wider[branch.parent].append(branch.score)
        seen.through[place].append(branch.score)
        above = branch.parent
        while above is not None:
            seen.through[above].append(branch.score)
            seen.deeper[tree[above].parent].append(branch.score)
            above = tree[above].parent
    return seen


def _best(samples: Mapping[int, float]) -> int:
    return max(samples, key=samples.__getitem__)


def _gaussian(scores: Sequence[float], draw: Draw) -> float:
    """A sample of the mean that scores come from."""
    count = len(scores)
    mean = math.fsum(scores) / count if count else 0.0
    spread = math.fsum((score - mean) ** 2 for score in scores)
    weight, freedom = PRIOR_WEIGHT + count, PRIOR_FREEDOM + count
    middle = (PRIOR_WEIGHT * PRIOR_MEAN + count * mean) / weight
    apart = count * PRIOR_WEIGHT * (PRIOR_MEAN - mean) ** 2 / weight
    scale = (PRIOR_FREEDOM * PRIOR_SCALE + spread + apart) / freedom
    return middle + math.sqrt(scale / weight) * _student_t(freedom, draw)


def _beta(scores: Sequence[float], draw: Draw) -> float:
    """A sample of the share of success that scores come from."""
    success = math.fsum(scores)
    one = _gamma(PRIOR_SUCCESS + success, draw)
    other = _gamma(PRIOR_FAILURE + len(scores) - success, draw)
    return one / (one + other)


def _student_t(freedom: float, draw: Draw) -> float:
    while True:
        x, y = 2.0 * draw() - 1.0, 2.0 * draw() - 1.0
        square = x * x + y * y
        if 0.0 < square <= 1.0:
            return x * math.sqrt(freedom * (square ** (-2.0 / freedom) - 1.0) / square)


def _normal(draw: Draw) -> float:
    """Marsaglia's polar method."""
    while True:
        x, y = 2.0 * draw() - 1.0, 2.0 * draw() - 1.0
        square = x * x + y * y
        if 0.0 < square < 1.0:
            return x * math.sqrt(-2.0 * math.log(square) / square)


def _gamma(shape: float, draw: Draw) -> float:
    """Of scale 1; a shape below 1 by one above it, raised to a power of chance."""
    if shape < 1.0:
        return _gamma(shape + 1.0, draw) * math.pow(1.0 - draw(), 1.0 / shape)
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        x = _normal(draw)
        v = (1.0 + c * x) ** 3
        if v > 0.0 and math.log(1.0 - draw()) < 0.5 * x * x + d - d * v + d * math.log(v):
            return d * v
