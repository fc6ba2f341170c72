"""The rows of a run's tree: what each is about, where it stands, and when it has its turn to be told anew.

A row that is told anew is painted again. Text that grows and seconds that pass would have all rows of a round
painted at every beat, which is felt elsewhere; so each has its turn, a few times a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cort_desktop.domain.ids import NodeName
from cort_desktop.telling.run_tree import Place
from cort_desktop.telling.told import Told

TICKS = 5
"""In so many ticks each row whose seconds pass has one turn."""


class Item:
    """A row in its place. ``told`` is empty until somebody looks, and again when it may differ."""

    __slots__ = ("children", "number", "parent", "place", "row", "told")

    def __init__(self, number: int, place: Place, parent: Item | None) -> None:
        self.number = number
        self.place = place
        self.parent = parent
        self.row = 0
        self.children: list[Item] = []
        self.told: Told | None = None


class Turns:
    """Whose turn it is."""

    def __init__(self) -> None:
        self._growing: dict[NodeName, None] = {}
        self._tick = 0

    def of_growing(self, streamed: Iterable[NodeName]) -> NodeName | None:
        """The one of the nodes whose text grew that waits longest; call it once a beat."""
        self._growing |= dict.fromkeys(streamed)
        name = next(iter(self._growing), None)
        if name is not None:
            del self._growing[name]
        return name

    def of_seconds(self, rows: Sequence[Item]) -> Sequence[Item]:
        """Those of the rows whose turn comes with this tick."""
        self._tick = (self._tick + 1) % TICKS
        return rows[self._tick :: TICKS]


def with_those_above(items: Iterable[Item]) -> list[Item]:
    """Each of them once, and all rows they are in."""
    found: dict[int, Item] = {}
    for item in items:
        each: Item | None = item
        while each is not None and each.number not in found:
            found[each.number] = each
            each = each.parent
    return list(found.values())


def number_rows(item: Item) -> None:
    """Tell the rows of a parent where they stand."""
    for row, child in enumerate(item.children):
        child.row = row
