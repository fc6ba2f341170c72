"""The list of the timeline's rows: arrow keys, clicks and tooltips find the very call."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QToolTip, QWidget

from cort_desktop.domain.ids import NodeName
from cort_desktop.gui.rounds.timeline_model import TimelineModel
from cort_desktop.gui.rounds.timeline_paint import TimelineDelegate
from cort_desktop.gui.theme import Theme

_Index = QModelIndex | QPersistentModelIndex


class TimelineView(QListView):
    """``node_chosen`` follows a click or an arrow key."""

    node_chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.calls = TimelineModel(self)
        self.bars = TimelineDelegate(theme, self.calls, self)
        self.node: NodeName | None = None
        self.setModel(self.calls)
        self.setItemDelegate(self.bars)
        self.setAccessibleName(self.tr("Calls over time"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        theme.changed.connect(self.scheduleDelayedItemsLayout)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_node(self, node: NodeName | None) -> None:
        """Put the cursor on a node's row, without choosing it."""
        self.node = node
        row = self.calls.row_of(node)
        if row is None:
            self.setCurrentIndex(QModelIndex())
        elif row != self.currentIndex().row():
            self.setCurrentIndex(self.calls.index(row))

    def call_at(self, x: float, y: float) -> NodeName | None:
        """The call at a place of the viewport."""
        index = self.indexAt(QPoint(round(x), round(y)))
        if not index.isValid():
            return None
        return self.bars.call_at(self.calls.rows[index.row()], self.visualRect(index), x, y)

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        super().currentChanged(current, previous)
        if not current.isValid():
            return
        nodes = self.calls.rows[current.row()].nodes
        if self.node not in nodes and self.hasFocus():
            self._choose(nodes[0])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or not self.currentIndex().isValid() or event.modifiers():
            super().keyPressEvent(event)
            return
        nodes = self.calls.rows[self.currentIndex().row()].nodes
        at = nodes.index(self.node) + step if self.node in nodes else 0
        if 0 <= at < len(nodes):
            self._choose(nodes[at])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        node = self.call_at(event.position().x(), event.position().y())
        if node is not None and event.button() == Qt.MouseButton.LeftButton:
            self._choose(node)
        super().mousePressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            node = self.call_at(event.pos().x(), event.pos().y())
            words = [] if node is None else self.calls.call_text(node)
            # A tooltip takes what looks like HTML for it: all of it is escaped, line ends alone are ours.
            QToolTip.showText(event.globalPos(), "<br>".join(escape(each) for each in words), self)
            return True
        return super().viewportEvent(event)

    def _choose(self, node: NodeName) -> None:
        self.node = node
        self.setAccessibleDescription(". ".join(self.calls.call_text(node)))
        self.node_chosen.emit(node)
