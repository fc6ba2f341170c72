"""Where each card of the map stands: a tidy left-to-right tree, its levels fixed columns.

After Reingold and Tilford, "Tidier Drawings of Trees" (IEEE Transactions on Software Engineering, 1981):
subtrees are laid out alone, pushed together until their outlines nearly touch, and a parent stands in the
middle of its children. Outlines are merged along the shorter one only, so the whole is linear in the number
of cards, however deep. Pure arithmetic: no Qt and no run; what a card shows is ``map_cards.py``.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot(Generic[K]):
    """A card to be placed: ``column`` counts from 0, ``height`` is in units of the scene.

    A parent that isn't there, or stands in no earlier column, makes it the head of a tree of its own.
    """

    key: K
    parent: K | None
    column: int
    height: float


@dataclass(slots=True)
class _Outline:
    """The upper and lower edges of a subtree from column ``first`` on, the last column first in the lists.

    ``shift`` is added to every value, so that a whole subtree moves in one step.
    """

    first: int
    upper: list[float]
    lower: list[float]
    shift: float = 0.0

    def reach(self, column: int) -> None:
        """Begin in ``column``: keep the way free for the line to a parent that stands further left."""
        for _ in range(self.first - column):
            self.upper.append(self.upper[-1])
            self.lower.append(self.lower[-1])
        self.first = column

    def distance(self, below: _Outline, gap: float) -> float:
        """How far ``below`` must go down so that no column is tighter than ``gap``."""
        move = self.shift - below.shift + gap
        return move + max(
            low - up for low, up in zip(reversed(self.lower), reversed(below.upper), strict=False)
        )

    def joined(self, below: _Outline) -> _Outline:
        """One outline of both, made in the lists of the longer one."""
        common = min(len(self.upper), len(below.upper))
        move = below.shift - self.shift
        if len(self.upper) >= len(below.upper):
            for at in range(1, common + 1):
                self.lower[-at] = below.lower[-at] + move
            return self
        for at in range(1, common + 1):
            below.upper[-at] = self.upper[-at] - move
        return below


@dataclass(slots=True)
class _Tree(Generic[K]):
    """A card with what hangs on it: ``centre`` is where it stands in its own frame, ``moved`` is where that
    frame begins in its parent's.
    """

    spot: Spot[K]
    outline: _Outline
    children: list[_Tree[K]] = field(default_factory=list)
    centre: float = 0.0
    moved: float = 0.0


def tidy(spots: Sequence[Spot[K]], gap: float) -> dict[K, float]:
    """The vertical centre of every card, the first head's being 0; cards of a column are ``gap`` apart.

    Siblings keep the order of ``spots``, top down.
    """
    heads, by_column = _grown(spots)
    for tree in reversed(by_column):
        _settle(tree, gap)
    if heads:
        _stack(heads, min(tree.spot.column for tree in heads), gap)
    centres: dict[K, float] = {}
    frames = [(tree, -heads[0].centre) for tree in heads]
    while frames:
        tree, frame = frames.pop()
        frame += tree.moved
        centres[tree.spot.key] = frame + tree.centre
        frames += [(child, frame) for child in tree.children]
    return centres


def _grown(spots: Sequence[Spot[K]]) -> tuple[list[_Tree[K]], list[_Tree[K]]]:
    """The heads, and all trees with every parent before its children."""
    trees = {spot.key: _Tree(spot, _alone(spot)) for spot in spots}
    heads: list[_Tree[K]] = []
    for tree in trees.values():
        above = None if tree.spot.parent is None else trees.get(tree.spot.parent)
        if above is None or above.spot.column >= tree.spot.column:
            heads.append(tree)
        else:
            above.children.append(tree)
    return heads, sorted(trees.values(), key=lambda tree: tree.spot.column)


def _alone(spot: Spot[K]) -> _Outline:
    return _Outline(first=spot.column, upper=[-spot.height / 2], lower=[spot.height / 2])


def _settle(tree: _Tree[K], gap: float) -> None:
    """Lay out a subtree whose children are laid out: they side by side, it in their middle."""
    if not tree.children:
        return
    outline = _stack(tree.children, tree.spot.column + 1, gap)
    first, last = tree.children[0], tree.children[-1]
    tree.centre = (first.moved + first.centre + last.moved + last.centre) / 2
    half = tree.spot.height / 2
    outline.upper.append(tree.centre - half - outline.shift)
    outline.lower.append(tree.centre + half - outline.shift)
    outline.first = tree.spot.column
    tree.outline = outline


def _stack(trees: Sequence[_Tree[K]], first: int, gap: float) -> _Outline:
    """Push subtrees together, top down; sets ``moved`` and returns the outline of all from ``first`` on."""
    merged = trees[0].outline
    merged.reach(first)
    for tree in trees[1:]:
        tree.outline.reach(first)
        tree.moved = merged.distance(tree.outline, gap)
        tree.outline.shift += tree.moved
        merged = merged.joined(tree.outline)
    return merged
