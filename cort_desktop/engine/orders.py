"""Who is judged when and in which place: orders for a panel, pairs for the many, how many verdicts that
takes.

Judges favour places, so every candidate stands in every place as evenly as the number of judges allows.
What the verdicts add up to is ``judging.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from cort_desktop.domain.ids import NodeName
from cort_desktop.engine.chance import shuffled

MOST_ON_A_PANEL = 6
MOST_TOKENS_ON_A_PANEL = 6000


def must_use_pairs(contestants: int, tokens: int) -> bool:
    """Whether one prompt with all contestants (``tokens`` together) would be too much for a judge.

    Two contestants are a pair already: nothing is gained by splitting them.
    """
    return contestants > MOST_ON_A_PANEL or (contestants > 2 and tokens > MOST_TOKENS_ON_A_PANEL)  # noqa: PLR2004


def planned_verdicts(contestants: int, judges: int, tokens: int = 0) -> int:
    """How many verdicts a round of so many contestants (``tokens`` together) asks for, no head-to-head
    counted.
    """
    if contestants <= 1:
        return 0
    return 2 * _pairs(contestants) if must_use_pairs(contestants, tokens) else judges


def panel_orders(contestants: Sequence[NodeName], judges: int, seed: str) -> list[tuple[NodeName, ...]]:
    """One order for each of ``judges``: rows of Latin squares over the contestants, drawn with ``seed``.

    No contestant stands in a place twice before it has stood in all; each further ``len(contestants)`` judges
    get a new square. The mean places are equal in whole squares, and where contestants and judges are even in
    number; up to 6 contestants they differ as little as a Latin square allows (found by exhaustive search).
    """
    orders: list[tuple[NodeName, ...]] = []
    size = len(contestants)
    for first in range(0, judges, max(1, size)):
        names = shuffled(contestants, f"contestants:{seed}:{first}")
        rows = [
            tuple(names[i] for i in sorted(range(size), key=places.__getitem__))
            for places in _places(size, min(size, judges - first))
        ]
        orders.extend(shuffled(rows, f"rows:{seed}:{first}"))
    return orders


def pair_schedule(contestants: Sequence[NodeName], seed: str) -> list[tuple[NodeName, NodeName]]:
    """⌈1.5·n⌉ random pairs, each in both orders; all pairs where there are no more.

    The pairs form a random ring with chords, so that everybody meets two others at least and all are
    connected.
    """
    ring = shuffled(contestants, f"ring:{seed}")
    around = {frozenset(pair): pair for pair in zip(ring, [*ring[1:], *ring[:1]], strict=True)}
    rest = [pair for pair in combinations(ring, 2) if frozenset(pair) not in around]
    met = [pair for pair in around.values() if pair[0] != pair[1]]
    chords = shuffled(rest, f"chords:{seed}")[: max(0, _pairs(len(ring)) - len(met))]
    return [order for a, b in (*met, *chords) for order in ((a, b), (b, a))]


def _pairs(contestants: int) -> int:
    """⌈1.5·n⌉, or all there are."""
    return min((3 * contestants + 1) // 2, contestants * (contestants - 1) // 2)


# Rows of a Latin square whose columns' sums differ least, as the place of each contestant; by exhaustive
# search.
_BEST_PLACES = {
    (5, 2): ((0, 1, 2, 3, 4), (4, 2, 3, 1, 0)),
    (5, 3): ((0, 1, 2, 3, 4), (1, 2, 3, 4, 0), (4, 3, 1, 0, 2)),
    (6, 3): ((0, 1, 2, 3, 4, 5), (2, 3, 4, 5, 0, 1), (5, 4, 1, 0, 3, 2)),
}


def _places(size: int, rows: int) -> list[tuple[int, ...]]:
    """``rows`` rows of a Latin square; a row holds the place of each contestant."""
    if (size, rows) in _BEST_PLACES:
        return list(_BEST_PLACES[size, rows])
    if size % 2:
        shifts = (row * size // rows for row in range(rows))
        return [tuple((i + shift) % size for i in range(size)) for shift in shifts]
    # Even shifts and their mirror images clash nowhere, and each such couple adds up to the same for
    # everybody.
    square: list[tuple[int, ...]] = []
    for shift in range(0, size, 2):
        forward = tuple((i + shift) % size for i in range(size))
        square += [forward, tuple(size - 1 - place for place in forward)]
    return square[:rows]
