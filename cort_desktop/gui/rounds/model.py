"""The rounds as Qt sees them: one tree over one run, for the outline and everything else that lists nodes.

What there is and what it says comes from ``telling/run_tree.py``; here it is kept, compared with what has
changed since the last pulse, and told to the views: rows are put in where they belong and never thrown away
while a run works, and only what may differ is painted again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal
from shiboken6 import isValid

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.gui.rounds.items import Item, Turns, number_rows, with_those_above
from cort_desktop.gui.rounds.moments import moment_of
from cort_desktop.gui.rounds.row_columns import COLUMNS, TIME, WHAT, head_of, head_tip_of, text_of, tip_of
from cort_desktop.gui.run_feed import Changes, RunFeed
from cort_desktop.gui.widgets import tooltip_text
from cort_desktop.telling import run_tree
from cort_desktop.telling.run_tree import RUN, Moment, Place
from cort_desktop.telling.strategies import Declared, plan_words
from cort_desktop.telling.told import Told, told

TICK_MS = 100

TOLD = Qt.ItemDataRole.UserRole + 1
"""The whole ``Told`` of a row."""
NODE = Qt.ItemDataRole.UserRole + 2
"""The node's name, or None for a row that is about several."""
BADGE = Qt.ItemDataRole.UserRole + 3
IS_ANSWER = Qt.ItemDataRole.UserRole + 4
IS_BEST = Qt.ItemDataRole.UserRole + 5

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_WIDE = (
    ev.RunPlanned,
    ev.RunResumed,
    ev.RunReopened,
    ev.NodeFailed,
    ev.RoundFinished,
    ev.UserEvent,
    ev.RunFinished,
)
"""Events after which a row may differ that they don't name: what is best, what failed alike."""


class RunTreeModel(QAbstractItemModel):
    """One run as a tree. ``replaced`` follows another run, ``told_anew`` follows every change to this one."""

    replaced = Signal()
    told_anew = Signal()

    def __init__(self, parent: QObject | None = None, declared: Callable[[], Declared] = Declared) -> None:
        """``declared``: asked for each run that is shown."""
        super().__init__(parent)
        self._declared = declared
        self._known = Declared()
        self.feed: RunFeed | None = None
        self._items: list[Item] = []
        self._by_place: dict[Place, Item] = {}
        self._last_at: datetime | None = None
        self._was_worked_on = True
        self._turns = Turns()
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._ticked)

    # What is shown

    def show(self, feed: RunFeed | None) -> None:
        """Show another run, or none."""
        if feed is self.feed:
            return
        if self.feed is not None and isValid(self.feed):
            self.feed.changed.disconnect(self._changed)
        self.beginResetModel()
        self.feed = feed
        self._known = self._declared()
        self._items, self._by_place, self._turns = [], {}, Turns()
        if feed is not None:
            feed.changed.connect(self._changed)
            self._last_at = _last_at(feed.state)
            self._build()
        self.endResetModel()
        self._keep_ticking()
        self.replaced.emit()

    def moment(self) -> Moment:
        """The run as it stands now. Only while there is one."""
        if self.feed is None:
            raise LookupError("there is no run to look at")
        return moment_of(self.feed, self._last_at)

    def told(self, index: _Index) -> Told | None:
        """What a row shows."""
        item = self._item(index)
        return None if item is None else self._told(item)

    def texts(self, column: int, most: int) -> set[str]:
        """What stands in a column, of the first ``most`` rows."""
        return {
            text_of(self._told(item), column) for item in self._items[:most] if item.place in self._by_place
        }

    def told_of(self, name: NodeName) -> Told | None:
        """What the row of a node shows; None when it has none, as one begun since the last pulse."""
        item = self._item_of(name)
        return None if item is None else self._told(item)

    def place(self, index: _Index) -> Place | None:
        """What a row is about."""
        item = self._item(index)
        return None if item is None else item.place

    def node(self, index: _Index) -> NodeName | None:
        """The node a row is about, if it is about one."""
        item = self._item(index)
        if item is None or self.feed is None:
            return None
        return run_tree.node_of(self.feed.state, item.place)

    def index_of(self, node: NodeName | None) -> QModelIndex:
        """The row of a node; an invalid index when it has none."""
        place = None if node is None or self.feed is None else run_tree.place_of(self.feed.state, node)
        return self.index_at(place)

    def index_at(self, place: Place | None) -> QModelIndex:
        """The row of a place; an invalid index when there is none."""
        item = None if place is None else self._by_place.get(place)
        return QModelIndex() if item is None else self._index(item)

    # Qt's side

    def columnCount(self, _parent: _Index = _ROOT) -> int:
        return COLUMNS

    def rowCount(self, parent: _Index = _ROOT) -> int:
        if parent.isValid():
            return len(self._items[parent.internalId()].children) if parent.column() == 0 else 0
        return 1 if self._items else 0

    def index(self, row: int, column: int, parent: _Index = _ROOT) -> QModelIndex:
        if row < 0 or not 0 <= column < COLUMNS or row >= self.rowCount(parent):
            return QModelIndex()
        item = self._items[parent.internalId()].children[row] if parent.isValid() else self._items[0]
        return self.createIndex(row, column, item.number)

    def parent(self, index: _Index = _ROOT) -> QModelIndex:  # type: ignore[override]
        item = self._item(index)
        return QModelIndex() if item is None or item.parent is None else self._index(item.parent)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: PLR0911
        item = self._item(index)
        if item is None:
            return None
        told = self._told(item)
        column = index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return text_of(told, column)
            case Qt.ItemDataRole.AccessibleTextRole:
                return told.spoken if column == WHAT else text_of(told, column)
            case Qt.ItemDataRole.ToolTipRole:
                return tip_of(told, column)
            case Qt.ItemDataRole.TextAlignmentRole if column != WHAT:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            case _ if role == TOLD:
                return told
            case _ if role == NODE:
                return self.node(index)
            case _ if role in (BADGE, IS_ANSWER, IS_BEST):
                return {BADGE: told.badge, IS_ANSWER: told.is_answer, IS_BEST: told.is_best}[role]
            case _:
                return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if section == WHAT else Qt.AlignmentFlag.AlignRight
            return side | Qt.AlignmentFlag.AlignVCenter
        if section == WHAT and role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            words = "" if self.feed is None else plan_words(self.feed.state, self._known)
            return words if role == Qt.ItemDataRole.DisplayRole else tooltip_text(words)
        if role == Qt.ItemDataRole.ToolTipRole:
            return head_tip_of(section)
        return head_of(section) if role == Qt.ItemDataRole.DisplayRole else None

    # Keeping up

    def _changed(self, changes: Changes) -> None:
        if self.feed is None:
            return
        if changes.events:
            self._last_at = changes.events[-1].at
        moment = self.moment()
        state = moment.state
        if not self._items:
            self._appear()
        rounds = {state.nodes[name].round for name in changes.nodes if name in state.nodes}
        bodies = [event.body for event in changes.events]
        rounds |= {body.round for body in bodies if isinstance(body, ev.Vote | ev.RoundFinished)}
        self._match(RUN, moment)
        for number in sorted(rounds):
            for place in (Place("round", number), Place("judges", number)):
                self._match(place, moment)
        is_wide = any(isinstance(body, _WIDE) for body in bodies)
        if is_wide or moment.is_worked_on != self._was_worked_on:
            self._was_worked_on = moment.is_worked_on
            self._refresh_all()
        else:
            self._refresh([item for item in map(self._item_of, changes.nodes) if item is not None])
        grown = self._turns.of_growing(changes.streamed)
        item = None if grown is None else self._item_of(grown)
        if item is not None:
            self._forget(item)
        self._keep_ticking()
        if changes.events:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, WHAT, WHAT)
        self.told_anew.emit()

    def _appear(self) -> None:
        """The first event came to a run that was shown before it began."""
        if self.feed is None or self.feed.state.started is None:
            return
        self.beginInsertRows(QModelIndex(), 0, 0)
        self._new(RUN, None)
        self.endInsertRows()

    def _build(self) -> None:
        """Everything at once, within a reset."""
        if self.feed is None or self.feed.state.started is None:
            return
        moment = self.moment()
        self._was_worked_on = moment.is_worked_on
        waiting = [self._new(RUN, None)]
        while waiting:
            item = waiting.pop()
            item.children = [self._new(place, item) for place in run_tree.children(moment, item.place)]
            number_rows(item)
            waiting += item.children

    def _match(self, place: Place, moment: Moment) -> None:
        """Make the rows under a place what they should be, telling the views of each step."""
        item = self._by_place.get(place)
        if item is None or (place.kind != "run" and place.number not in moment.state.rounds):
            return
        wanted = run_tree.children(moment, place)
        keep = set(wanted)
        for at in reversed(range(len(item.children))):
            if item.children[at].place not in keep:
                self._remove(item, at)
        if len(item.children) == len(wanted):
            return
        present = {child.place for child in item.children}
        numbered = [(at, each) for at, each in enumerate(wanted) if each not in present]
        for _, run in groupby(enumerate(numbered), key=lambda pair: pair[1][0] - pair[0]):
            group = [pair[1] for pair in run]
            self._insert(item, group[0][0], [each for _, each in group], moment)

    def _insert(self, item: Item, at: int, places: Sequence[Place], moment: Moment) -> None:
        self.beginInsertRows(self._index(item), at, at + len(places) - 1)
        made = [self._new(place, item) for place in places]
        item.children[at:at] = made
        number_rows(item)
        self.endInsertRows()
        for child in made:
            self._match(child.place, moment)

    def _remove(self, item: Item, at: int) -> None:
        self.beginRemoveRows(self._index(item), at, at)
        gone = item.children.pop(at)
        self._by_place.pop(gone.place)
        number_rows(item)
        self.endRemoveRows()

    def _new(self, place: Place, parent: Item | None) -> Item:
        item = Item(len(self._items), place, parent)
        self._items.append(item)
        self._by_place[place] = item
        return item

    # Painting again

    def _ticked(self) -> None:
        """Seconds passed for the rows that are under way, and for those they add up to."""
        if self.feed is not None:
            running = [self._item_of(name) for name in self.feed.state.running]
            rows = with_those_above(item for item in running if item is not None)
            for item in self._turns.of_seconds(rows):
                self._forget(item)

    def _keep_ticking(self) -> None:
        """Seconds pass only while a run works."""
        is_needed = self.feed is not None and self.feed.is_working and self.feed.state.finished is None
        if is_needed != self._tick.isActive():
            self._tick.start() if is_needed else self._tick.stop()

    def _refresh(self, items: Iterable[Item]) -> None:
        """Forget what these rows and all above them show, and have them painted again."""
        for item in with_those_above(items):
            self._forget(item)

    def _forget(self, item: Item) -> None:
        item.told = None
        self.dataChanged.emit(self._index(item), self._index(item, TIME))

    def _refresh_all(self) -> None:
        for item in self._by_place.values():
            item.told = None
        if self._items:
            self.dataChanged.emit(self._index(self._items[0]), self._index(self._items[0], TIME))
        for item in self._by_place.values():
            if item.children:
                self.dataChanged.emit(self._index(item.children[0]), self._index(item.children[-1], TIME))

    def _told(self, item: Item) -> Told:
        if item.told is None:
            item.told = told(self.moment(), item.place)
        return item.told

    def _item(self, index: _Index) -> Item | None:
        return self._items[index.internalId()] if index.isValid() else None

    def _item_of(self, name: NodeName) -> Item | None:
        place = None if self.feed is None else run_tree.place_of(self.feed.state, name)
        return None if place is None else self._by_place.get(place)

    def _index(self, item: Item, column: int = WHAT) -> QModelIndex:
        return self.createIndex(item.row, column, item.number)


def _last_at(state: RunState) -> datetime | None:
    times = [node.ended_at or node.started_at for node in state.nodes.values()]
    return max(times, default=state.started_at)
