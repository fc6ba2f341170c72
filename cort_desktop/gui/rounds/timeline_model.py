"""The rows of the timeline as Qt sees them, and the times behind them.

Follows a run's log: events are folded into a ``Trace`` once each; rows are put in where they belong, and only
packing or another run resets them.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from cort_desktop.domain.ids import NodeName
from cort_desktop.gui.rounds import timeline_layout
from cort_desktop.gui.rounds.moments import moment_of
from cort_desktop.gui.rounds.timeline_layout import Row
from cort_desktop.gui.rounds.timeline_words import call_words, row_words
from cort_desktop.gui.rounds.trace import Trace
from cort_desktop.gui.run_feed import RunFeed

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class TimelineModel(QAbstractListModel):
    """The calls of one run in rows."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.feed: RunFeed | None = None
        self.trace = Trace()
        self.rows: list[Row] = []
        self._seen = 0
        self._starts = 0

    def show(self, feed: RunFeed | None) -> None:
        """Show another run, or none; of the same one what is new."""
        if feed is self.feed:
            self._catch_up()
            return
        self.beginResetModel()
        self.feed = feed
        self.trace, self.rows, self._seen, self._starts = Trace(), [], 0, 0
        self._fold()
        self.rows = timeline_layout.rows(self.trace)
        self._starts = self.trace.starts
        self.endResetModel()

    def now(self) -> float:
        """The second of the run that is now; its length when it is at rest."""
        moment = None if self.feed is None else self.feed.now()
        return self.trace.seconds if moment is None else self.trace.second_of(moment)

    def row_of(self, node: NodeName | None) -> int | None:
        """The row a node is in."""
        return next((at for at, row in enumerate(self.rows) if node in row.nodes), None)

    def call_text(self, node: NodeName) -> list[str]:
        """All there is to say of a call, a sentence each."""
        if self.feed is None:
            return []
        return call_words(moment_of(self.feed), self.trace.calls[node])

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or self.feed is None:
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.label
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row_words(moment_of(self.feed), self.trace, row, self.now())
        return None

    def _fold(self) -> bool:
        """Take in what is new of the log; whether there was anything."""
        log = self.feed.log if self.feed is not None else []
        is_new = self._seen < len(log)
        for event in log[self._seen :]:
            self.trace.apply(event)
        self._seen = len(log)
        return is_new

    def _catch_up(self) -> None:
        if not self._fold():
            return
        if self.trace.starts != self._starts:
            self._starts = self.trace.starts
            self._match(timeline_layout.rows(self.trace))
        if self.rows:
            self.dataChanged.emit(self.index(0), self.index(len(self.rows) - 1))

    def _match(self, wanted: list[Row]) -> None:
        """Put new rows in between those that stay; anything else begins anew."""
        before = [row.nodes[0] for row in self.rows]
        there = set(before)
        if [row.nodes[0] for row in wanted if row.nodes[0] in there] != before:
            self.beginResetModel()
            self.rows = wanted
            self.endResetModel()
            return
        for at, row in enumerate(wanted):
            if row.nodes[0] in there:
                self.rows[at] = row
            else:
                self.beginInsertRows(QModelIndex(), at, at)
                self.rows.insert(at, row)
                self.endInsertRows()
