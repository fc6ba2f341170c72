"""The table of a round, shaded by score or by rank.

A real QTableView over a real model (``heat_model.py``), so that arrow keys walk it and a screen reader reads
each cell.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QResizeEvent, QTextOption
from PySide6.QtWidgets import (
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from cort_desktop.domain.ids import NodeName
from cort_desktop.gui.rounds.heat_model import HEAT, SHORT, TableModel
from cort_desktop.gui.rounds.why_values import Table
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import set_role

_Index = QModelIndex | QPersistentModelIndex
_ROW_PX = 26
_GAP_PX = 1.5
_RADIUS_PX = 4
_NAME_SPARE_PX, _HEAD_SPARE_PX = 13, 14
_YIELD_PX = 8
"""So much narrower may a head be before the table is scrolled."""


class HeatTable(QTableView):
    """As high as its rows. ``node_chosen`` follows a click or Enter on a row."""

    node_chosen = Signal(object)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.cells = TableModel(self)
        self.setModel(self.cells)
        self.setItemDelegate(HeatDelegate(theme, self))
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectItems)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        set_role(self.horizontalHeader(), "tight")
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionsClickable(False)
        self.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideRight)
        self.horizontalHeader().setMinimumSectionSize(28)
        self.clicked.connect(self._chosen)
        self.activated.connect(self._chosen)

    def show_table(self, table: Table | None, *, by_judge: bool) -> None:
        """Show a table, or nothing."""
        self.cells.show(table, by_judge=by_judge)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(max(_ROW_PX, self.fontMetrics().height() + 8))
        self.setFixedHeight(self.sizeHint().height())
        self._share_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_room()

    def _share_room(self) -> None:
        """The heads are read in any case; where there is little room, the names say less (``SHORT``)."""
        last = self.cells.columnCount() - 1
        if last < 1:
            return
        header = self.horizontalHeader()
        *heads, rank = (self._head_px(column) for column in range(1, last + 1))
        room = self.viewport().width() - rank
        names = max(self._short_names_px(), min(self.sizeHintForColumn(0), room - sum(heads)))
        even = (room - names) // max(1, len(heads))
        spare = max(-_YIELD_PX, (room - names - sum(heads)) // max(1, len(heads)))
        header.resizeSection(0, names)
        header.resizeSection(last, rank)
        for column, head in enumerate(heads, 1):
            header.resizeSection(column, even if even >= max(heads) else head + spare)

    def _head_px(self, column: int) -> int:
        """What a head takes; Qt's own hint has room for signs that no head has here."""
        words = self.cells.headerData(column, Qt.Orientation.Horizontal)
        metrics = QFontMetrics(self._theme.font("tiny"))
        return metrics.horizontalAdvance(str(words)) + _HEAD_SPARE_PX

    def _short_names_px(self) -> int:
        metrics = QFontMetrics(self._theme.font("small"))
        names = [str(self.cells.index(row, 0).data(SHORT)) for row in range(self.cells.rowCount())]
        return max(map(metrics.horizontalAdvance, names), default=0) + _NAME_SPARE_PX

    def sizeHint(self) -> QSize:
        rows = self.cells.rowCount() * self.verticalHeader().defaultSectionSize()
        return QSize(200, rows + self.horizontalHeader().sizeHint().height() + 2)

    def _chosen(self, index: QModelIndex) -> None:
        if self.cells.table is not None and index.isValid():
            self.node_chosen.emit(NodeName(self.cells.table.rows[index.row()].node))


class HeatDelegate(QStyledItemDelegate):
    """A cell with a ground by its heat; the number is always there, the shade only helps."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        heat = index.data(HEAT)
        rect = QRectF(option.rect).adjusted(_GAP_PX, _GAP_PX, -_GAP_PX, -_GAP_PX)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = self._theme.colour("text" if index.column() else "muted")
        if heat is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(_between(self._theme.colour("heat_low"), self._theme.colour("heat_high"), heat))
            painter.drawRoundedRect(rect, _RADIUS_PX, _RADIUS_PX)
            ink = self._theme.colour("on_heat")
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_HasFocus and state & QStyle.StateFlag.State_Active:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(self._theme.colour("accent"))
            painter.drawRoundedRect(rect, _RADIUS_PX, _RADIUS_PX)
        painter.setPen(ink)
        words = str(index.data())
        room = rect.adjusted(4, 0, -4, 0) if index.column() == 0 else rect
        alignment = index.data(Qt.ItemDataRole.TextAlignmentRole)
        painter.setFont(self._theme.font("body" if index.column() else "small"))
        metrics = painter.fontMetrics()
        if index.column() == 0 and metrics.horizontalAdvance(words) > room.width():
            words = str(index.data(SHORT))
        line = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(room.width()))
        how = QTextOption(alignment)
        how.setWrapMode(QTextOption.WrapMode.NoWrap)
        painter.drawText(room, line, how)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        size = super().sizeHint(option, index)
        if index.column() == 0:
            metrics = QFontMetrics(self._theme.font("small"))
            return QSize(metrics.horizontalAdvance(str(index.data())) + _NAME_SPARE_PX, size.height())
        return QSize(size.width() + 8, size.height())


def _between(low: QColor, high: QColor, share: float) -> QColor:
    share = min(1.0, max(0.0, share))
    parts: list[Callable[[QColor], int]] = [QColor.red, QColor.green, QColor.blue]
    return QColor(*(round(part(low) + (part(high) - part(low)) * share) for part in parts))
