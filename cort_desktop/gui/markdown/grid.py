"""A table too large to be laid out as text: a model over its lines, split and read when a cell is looked
at.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QTableView, QWidget

from cort_desktop.domain.texts import clean
from cort_desktop.gui.markdown import safe_text
from cort_desktop.gui.markdown.blocks import spans_of
from cort_desktop.gui.markdown.limits import TABLE_ROWS
from cort_desktop.gui.markdown.look import Look
from cort_desktop.gui.markdown.part import Found, Part
from cort_desktop.gui.markdown.tables import cells_of
from cort_desktop.gui.markdown.values import Block, Frame, Table
from cort_desktop.gui.widgets import PlainLabel, button

_ROOT = QModelIndex()
_CELL_CHARACTERS = 300
_ROWS_SEEN = 14
_EDGE, _RADIUS = 2, 6
_WIDEST_EM, _NARROWEST_EM, _MEASURED_ROWS = 22, 4, 30
_ALIGN = {
    "": Qt.AlignmentFlag.AlignLeft,
    "left": Qt.AlignmentFlag.AlignLeft,
    "center": Qt.AlignmentFlag.AlignHCenter,
    "right": Qt.AlignmentFlag.AlignRight,
}
_Index = QModelIndex | QPersistentModelIndex


class GridModel(QAbstractTableModel):
    """The cells of a table; at most ``limit`` rows of it until all are asked for."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._table = Table(frame=Frame(), head=(), aligns=(), rows=())
        self._count = 0
        self._limit = TABLE_ROWS
        self._cells: dict[int, tuple[str, ...]] = {}

    @property
    def hidden(self) -> int:
        """How many rows aren't shown."""
        return len(self._table.rows) - self._count

    def show_table(self, table: Table) -> None:
        """Show it; rows that were only added are inserted."""
        old, self._table = self._table, table
        goes_on = (
            old.head == table.head
            and old.aligns == table.aligns
            and table.rows[: self._count] == old.rows[: self._count]
        )
        if not goes_on:
            self.beginResetModel()
            self._cells.clear()
            self._count = min(len(table.rows), self._limit)
            self.endResetModel()
        self._insert()

    def show_all(self) -> None:
        """No limit."""
        self._limit = len(self._table.rows)
        self._insert()

    def _insert(self) -> None:
        count = min(len(self._table.rows), self._limit)
        if count > self._count:
            self.beginInsertRows(QModelIndex(), self._count, count - 1)
            self._count = count
            self.endInsertRows()

    def row_cells(self, row: int) -> tuple[str, ...]:
        """The cells of a row, as they are written."""
        if row not in self._cells:
            if len(self._cells) > TABLE_ROWS:
                self._cells.clear()
            self._cells[row] = cells_of(self._table.rows[row], len(self._table.head))
        return self._cells[row]

    @property
    def head(self) -> tuple[str, ...]:
        """The cells of the head, as they are written."""
        return self._table.head

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else self._count

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._table.head)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return shown_cell(self.row_cells(index.row())[index.column()])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _ALIGN[self._table.aligns[index.column()]] | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole and orientation == Qt.Orientation.Horizontal:
            return _ALIGN[self._table.aligns[section]] | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return (
            shown_cell(self._table.head[section])
            if orientation == Qt.Orientation.Horizontal
            else str(section + 1)
        )


def shown_cell(cell: str) -> str:
    """A cell's words on one line, cut when they are very long."""
    text = "".join(span.text for span in spans_of(cell[:_CELL_CHARACTERS]))
    return safe_text.shown_line(text.replace("\n", " ")) + ("…" if len(cell) > _CELL_CHARACTERS else "")


class _Grid(QTableView):
    """Copies what is selected with tabs between."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.selected())
            return
        super().keyPressEvent(event)

    def selected(self) -> str:
        """The selected cells, as they are written."""
        model = self.model()
        if not isinstance(model, GridModel):
            return ""
        rows: dict[int, dict[int, str]] = {}
        for index in self.selectionModel().selectedIndexes():
            rows.setdefault(index.row(), {})[index.column()] = model.row_cells(index.row())[index.column()]
        return clean(
            "\n".join("\t".join(cells[at] for at in sorted(cells)) for _, cells in sorted(rows.items()))
        )


class GridBlock(Part):
    """One large table, scrolled in itself."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(look, parent)
        self._is_selected = False
        self._model = GridModel(self)
        self._grid = _Grid(self)
        self._grid.setModel(self._model)
        self._grid.setAccessibleName(self.tr("Table"))
        self._grid.setFrameShape(QFrame.Shape.NoFrame)
        self._grid.verticalHeader().hide()
        self._grid.setWordWrap(False)
        self._grid.setTabKeyNavigation(False)
        self._grid.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._grid.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._grid.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._size = PlainLabel(role="small", parent=self)
        self._all = button("", "link-small", self)
        self._all.clicked.connect(self._show_all)
        self._copy = button(self.tr("Copy"), "link-muted", self)
        self._copy.setAccessibleName(self.tr("Copy table"))
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(clean(self.truth())))
        self._measured: tuple[tuple[str, ...], int] = ((), 0)
        self.restyle(look)

    def show_blocks(self, blocks: tuple[Block, ...]) -> None:
        (table,) = blocks
        if not isinstance(table, Table):
            raise TypeError(table)
        self.blocks = blocks
        self._model.show_table(table)
        self._size.setText(
            self.tr("{rows} rows, {columns} columns").format(rows=len(table.rows), columns=len(table.head))
        )
        self._count_hidden()
        self._measure(table)

    def _show_all(self) -> None:
        self._model.show_all()
        self._count_hidden()

    def _count_hidden(self) -> None:
        self._all.setVisible(self._model.hidden > 0)
        self._all.setText(self.tr("Show all %n rows", "", self._model.hidden + self._model.rowCount()))
        self._place()

    def _measure(self, table: Table) -> None:
        rows = table.rows[:_MEASURED_ROWS]
        if self._measured == (table.head, len(rows)):
            return
        self._measured = (table.head, len(rows))
        metrics = QFontMetrics(self.look.body)
        em = self.look.em
        lines = [table.head, *(cells_of(row, len(table.head)) for row in rows)]
        for column in range(len(table.head)):
            widest = max((line[column] for line in lines), key=len)
            width = metrics.horizontalAdvance(widest[:_CELL_CHARACTERS]) + 1.6 * em
            self._grid.setColumnWidth(column, round(min(_WIDEST_EM * em, max(_NARROWEST_EM * em, width))))

    def height_at(self, width: int) -> int:
        header = self._grid.horizontalHeader()
        rows = min(self._model.rowCount(), _ROWS_SEEN) * self._grid.verticalHeader().defaultSectionSize()
        bar = (
            self._grid.horizontalScrollBar().sizeHint().height() if header.length() > width - 2 * _EDGE else 0
        )
        return header.sizeHint().height() + rows + bar + 2 * _EDGE + self._foot()

    def _foot(self) -> int:
        return self._copy.sizeHint().height() + 4

    def resizeEvent(self, _event: object) -> None:
        self._place()

    def _place(self) -> None:
        foot = self._foot()
        self._grid.setGeometry(_EDGE, _EDGE, self.width() - 2 * _EDGE, self.height() - foot - 2 * _EDGE)
        left, top = 2, self.height() - foot + 2
        for each in (self._size, self._all):
            width = each.sizeHint().width()
            each.setGeometry(left, top, width, foot - 2)
            left += width + 8
        copy = self._copy.sizeHint()
        self._copy.setGeometry(self.width() - copy.width(), top, copy.width(), copy.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.look.colour("line_strong"), 1))
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5 - self._foot())
        painter.drawRoundedRect(frame, _RADIUS, _RADIUS)

    def restyle(self, look: Look) -> None:
        self.look = look
        font = QFont(look.body)
        self._grid.setFont(font)
        self._grid.verticalHeader().setDefaultSectionSize(round(look.em * 1.9))
        self._grid.horizontalHeader().setFont(look.body)
        self._measured = ((), 0)
        if self.blocks and isinstance(self.blocks[0], Table):
            self._measure(self.blocks[0])

    def place(self, at: int, *, is_end: bool = False) -> int:
        return at + is_end * 0

    def stops(self) -> list[QWidget]:
        return [self._grid, self._all, self._copy]

    def reveal(self, at: int) -> None:
        row = self.words()[:at].count("\n") - 1
        if row >= self._model.rowCount():
            self._show_all()
        column = self.words()[:at].rpartition("\n")[2].count("\t")
        if row >= 0:
            self._grid.setCurrentIndex(self._model.index(row, column))

    def highlight(self, found: list[Found], current: Found | None) -> None:
        if current is not None:
            self.reveal(current[0])
        elif not found:
            self._grid.clearSelection()

    def select_all(self) -> None:
        self._is_selected = True

    def clear_selection(self) -> None:
        self._is_selected = False

    def selected(self) -> str:
        return self.truth() if self._is_selected else ""
