"""A list model of rows with keys: what it shows is changed by inserting, moving and removing rows.

Nothing is ever reset, so a view keeps its place, its selection and its editor while the list behind it is
read anew. What a row is and how it looks is for the models that inherit from this one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from typing import Generic, Protocol, TypeVar

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex

Index = QModelIndex | QPersistentModelIndex


class Keyed(Protocol):
    """A value whose ``key`` stays while it changes. Keys of one list differ from each other."""

    @property
    def key(self) -> Hashable: ...


R = TypeVar("R", bound=Keyed)


class KeyedListModel(QAbstractListModel, Generic[R]):
    """Shows ``rows``; ``show`` makes them others in as few steps as it takes."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[R] = []
        self._keys: list[Hashable] = []

    @property
    def rows(self) -> Sequence[R]:
        """What is shown, in its order."""
        return self._rows

    def row_at(self, index: Index) -> R | None:
        """The row an index stands for."""
        return self._rows[index.row()] if 0 <= index.row() < len(self._rows) else None

    def index_of(self, key: Hashable) -> QModelIndex:
        """The index of a key; invalid when it isn't shown."""
        return self.index(self._keys.index(key), 0) if key in self._keys else QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._rows)

    def show(self, rows: Sequence[R]) -> None:
        """Show ``rows`` from now on."""
        wanted = [row.key for row in rows]
        self._remove_all_but(set(wanted))
        self._put_in_order(rows, wanted)
        self._change(rows)

    def replace(self, row: R) -> None:
        """Show a row that is there already as ``row``."""
        at = self._keys.index(row.key)
        if self._rows[at] != row:
            self._rows[at] = row
            self.dataChanged.emit(self.index(at, 0), self.index(at, 0))

    def _remove_all_but(self, kept: set[Hashable]) -> None:
        last = len(self._keys) - 1
        while last >= 0:
            if self._keys[last] in kept:
                last -= 1
                continue
            first = last
            while first > 0 and self._keys[first - 1] not in kept:
                first -= 1
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._keys[first : last + 1]
            del self._rows[first : last + 1]
            self.endRemoveRows()
            last = first - 1

    def _put_in_order(self, rows: Sequence[R], wanted: Sequence[Hashable]) -> None:
        """Put what is new or stands wrong right behind its neighbour, which stands right by then."""
        present = {key: at for at, key in enumerate(self._keys)}
        staying = _longest_run(wanted, present)
        at = 0
        while at < len(wanted):
            key = wanted[at]
            place = 0 if at == 0 else self._keys.index(wanted[at - 1], max(0, at - 1)) + 1
            if key in present:
                if key not in staying:
                    self._move(self._keys.index(key), place)
                at += 1
                continue
            end = at + 1
            while end < len(wanted) and wanted[end] not in present:
                end += 1
            self.beginInsertRows(QModelIndex(), place, place + end - at - 1)
            self._keys[place:place] = wanted[at:end]
            self._rows[place:place] = rows[at:end]
            self.endInsertRows()
            at = end

    def _move(self, source: int, target: int) -> None:
        if target in (source, source + 1):
            return
        self.beginMoveRows(QModelIndex(), source, source, QModelIndex(), target)
        place = target if target < source else target - 1
        self._keys.insert(place, self._keys.pop(source))
        self._rows.insert(place, self._rows.pop(source))
        self.endMoveRows()

    def _change(self, rows: Sequence[R]) -> None:
        changed = [at for at, row in enumerate(rows) if self._rows[at] != row]
        self._rows[:] = rows
        first = 0
        for place, at in enumerate(changed):
            if place + 1 == len(changed) or changed[place + 1] != at + 1:
                self.dataChanged.emit(self.index(changed[first], 0), self.index(at, 0))
                first = place + 1


def _longest_run(wanted: Sequence[Hashable], present: dict[Hashable, int]) -> set[Hashable]:
    """The most keys of ``wanted`` that already stand in this order: the longest increasing subsequence of
    their places, by patience sorting.
    """
    tails: list[int] = []
    ends: list[Hashable] = []
    before: dict[Hashable, Hashable | None] = {}
    for key in wanted:
        if key not in present:
            continue
        pile = bisect_left(tails, present[key])
        before[key] = ends[pile - 1] if pile else None
        tails[pile : pile + 1] = [present[key]]
        ends[pile : pile + 1] = [key]
    staying: set[Hashable] = set()
    last: Hashable | None = ends[-1] if ends else None
    while last is not None:
        staying.add(last)
        last = before[last]
    return staying
