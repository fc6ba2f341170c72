"""A table of ordinary size as real text: cells wrap, can be selected, and hold links and formulas."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import (
    QFont,
    QPainter,
    QPaintEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
    QTextTableFormat,
)
from PySide6.QtWidgets import QWidget

from cort_desktop.gui.markdown import safe_text
from cort_desktop.gui.markdown.blocks import spans_of
from cort_desktop.gui.markdown.formula_objects import DRAWN, FormulaObjects
from cort_desktop.gui.markdown.look import Look
from cort_desktop.gui.markdown.part import Part
from cort_desktop.gui.markdown.prose import ReadingText
from cort_desktop.gui.markdown.span_writer import SpanWriter
from cort_desktop.gui.markdown.spots import Spots
from cort_desktop.gui.markdown.tables import cells_of
from cort_desktop.gui.markdown.typesetter import Typesetter
from cort_desktop.gui.markdown.values import Block, Frame, Table

_ALIGN = {
    "": Qt.AlignmentFlag.AlignLeading,
    "left": Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute,
    "center": Qt.AlignmentFlag.AlignHCenter,
    "right": Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute,
}


class _TableText(ReadingText):
    """Paints the lines under the rows and a ground under the head: one quiet line each, no box around
    cells.
    """

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(look, parent)
        self._known: tuple[int, float] = (-1, -1.0)
        self._tops: list[float] = []

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.translate(-self.horizontalScrollBar().value(), 0)
        frames = self.document().rootFrame().childFrames()
        if frames and isinstance(frames[0], QTextTable):
            self._paint_rows(painter, frames[0])
        painter.end()
        super().paintEvent(event)

    def _row_tops(self, table: QTextTable) -> list[float]:
        state = (self.document().revision(), self.document().textWidth())
        if self._known != state:
            layout = self.document().documentLayout()
            pad = table.format().toTableFormat().cellPadding()
            self._known, self._tops = state, []
            for row in range(table.rows()):
                blocks = [
                    table.cellAt(row, column).firstCursorPosition().block()
                    for column in range(table.columns())
                ]
                self._tops.append(min(layout.blockBoundingRect(block).top() for block in blocks) - pad)
        return self._tops

    def _paint_rows(self, painter: QPainter, table: QTextTable) -> None:
        whole = self.document().documentLayout().frameBoundingRect(table)
        pad = table.format().toTableFormat().cellPadding()
        tops = self._row_tops(table)
        left, width = whole.left() - pad, whole.width() + pad  # Qt leaves the padding out on this side
        bottom = round(whole.bottom())
        head = QRectF(left, 0, width, (tops[1] if len(tops) > 1 else bottom))
        painter.fillRect(head, self._look.colour("code"))
        for row, top in enumerate(tops[1:]):
            colour = self._look.colour("line_strong" if row == 0 else "line")
            painter.fillRect(QRectF(left, round(top), width, 1), colour)


class TableBlock(Part):
    """One table in a QTextTable; new rows are added below."""

    def __init__(self, look: Look, typesetter: Typesetter, parent: QWidget) -> None:
        super().__init__(look, parent)
        self._typesetter = typesetter
        self._table = Table(frame=Frame(), head=(), aligns=(), rows=())
        self._spots = Spots()
        self._is_waiting = False
        self._letter = 0
        self.text = _TableText(look, self)
        self.text.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.text.setAccessibleName(self.tr("Table"))
        self.text.followed.connect(self.asked)
        self.edit = self.text
        self._objects = FormulaObjects(typesetter, self)
        self.text.document().documentLayout().registerHandler(DRAWN, self._objects)
        typesetter.ready.connect(self._formulas_ready)

    def show_blocks(self, blocks: tuple[Block, ...]) -> None:
        (table,) = blocks
        if not isinstance(table, Table):
            raise TypeError(table)
        before, self._table, self.blocks = self._table, table, blocks
        count = len(before.rows)
        is_longer = (before.head, before.aligns) == (table.head, table.aligns) and table.rows[
            :count
        ] == before.rows
        last_is_whole = is_longer and count > 0
        if last_is_whole and self._qt_table() is not None:
            self._add_rows(table.rows[count:])
        else:
            self._write()

    def _write(self) -> None:
        document = self.text.document()
        cursor = QTextCursor(document)
        cursor.beginEditBlock()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.removeSelectedText()
        self._spots, self._is_waiting = Spots(), False
        self._letter = 0
        table = cursor.insertTable(1, len(self._table.head), self._form())
        table.setFormat(self._form())
        self._row(table, 0, self._table.head)
        for block in (document.firstBlock(), document.lastBlock()):
            _flatten(QTextCursor(block))
        cursor.endEditBlock()
        self._add_rows(self._table.rows)

    def _form(self) -> QTextTableFormat:
        form = QTextTableFormat()
        form.setBorder(0)
        form.setCellSpacing(0)
        form.setCellPadding(round(self.look.em * 0.42))
        form.setHeaderRowCount(1)
        form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_None)
        if self._is_right_to_left:
            form.setAlignment(Qt.AlignmentFlag.AlignRight)
        form.setWidth(QTextLength(QTextLength.Type.VariableLength, 0))
        return form

    def _qt_table(self) -> QTextTable | None:
        frames = self.text.document().rootFrame().childFrames()
        return frames[0] if frames and isinstance(frames[0], QTextTable) else None

    def _add_rows(self, rows: tuple[str, ...]) -> None:
        table = self._qt_table()
        if table is None or not rows:
            return
        cursor = QTextCursor(self.text.document())
        cursor.beginEditBlock()
        first = table.rows()
        table.appendRows(len(rows))
        for at, row in enumerate(rows):
            self._row(table, first + at, cells_of(row, len(self._table.head)))
        cursor.endEditBlock()

    def _row(self, table: QTextTable, at: int, cells: tuple[str, ...]) -> None:
        writer = SpanWriter(self.look, self._typesetter)
        letters = QTextCharFormat()
        letters.setFont(self.look.body)
        letters.setForeground(self.look.colour("text"))
        if at == 0:
            letters.setFontWeight(QFont.Weight.DemiBold)
        for column, cell in enumerate(cells):
            cursor = table.cellAt(at, column).firstCursorPosition()
            form = QTextBlockFormat()
            form.setAlignment(self._alignment(column))
            form.setLineHeight(
                self.look.line_percent * 0.94, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value
            )
            cursor.setBlockFormat(form)
            cursor.setBlockCharFormat(letters)
            spans = spans_of(cell)
            self._is_waiting |= writer.write(cursor, spans, letters, self._spots, self._letter)
            self._letter += sum(len(span.text) for span in spans) + 1

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        """Where the writer left it open, a column stands on one line: where its reader begins."""
        asked = self._table.aligns[column]
        return _ALIGN["right" if not asked and self._is_right_to_left else asked]

    @property
    def _is_right_to_left(self) -> bool:
        return safe_text.begins_right_to_left(" ".join(self._table.head))

    def height_at(self, width: int) -> int:
        document = self.text.document()
        if document.textWidth() != width:
            document.setTextWidth(width)
        size = document.size()
        bar = self.text.horizontalScrollBar().sizeHint().height() if size.width() > width + 1 else 0
        return round(size.height() + 0.499) + bar

    def resizeEvent(self, _event: object) -> None:
        self.text.setGeometry(self.rect())

    def restyle(self, look: Look) -> None:
        self.look = look
        self.text.restyle(look)
        self._rewrite()

    def place(self, at: int, *, is_end: bool = False) -> int:
        return self._spots.place(at, is_end=is_end)

    def selected(self) -> str:
        """Cells of the selection with tabs between, so that they land in the cells of a spreadsheet."""
        cursor, table = self.text.textCursor(), self._qt_table()
        if table is None or not cursor.hasSelection():
            return ""
        row, rows, column, columns = _selected_cells(cursor, table)
        if rows <= 0 or rows * columns <= 1:
            return super().selected()
        lines = [self._table.head, *(cells_of(each, len(self._table.head)) for each in self._table.rows)]
        return "\n".join("\t".join(line[column : column + columns]) for line in lines[row : row + rows])

    def _formulas_ready(self) -> None:
        if self._is_waiting:
            self._rewrite()
            self.resized.emit()

    def _rewrite(self) -> None:
        cursor = self.text.textCursor()
        start, end = cursor.anchor(), cursor.position()
        self._write()
        last = self.text.document().characterCount() - 1
        self.select(min(start, last), min(end, last))


def _flatten(cursor: QTextCursor) -> None:
    """Qt keeps a line before and after a table: as low as can be."""
    letters = QTextCharFormat()
    letters.setFontPointSize(1)
    cursor.setBlockCharFormat(letters)
    form = QTextBlockFormat()
    form.setLineHeight(1, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
    cursor.setBlockFormat(form)


def _selected_cells(cursor: QTextCursor, table: QTextTable) -> tuple[int, int, int, int]:
    """First row, rows, first column, columns; a selection over the whole table begins and ends outside it."""
    if cursor.selectionStart() < table.firstPosition() or cursor.selectionEnd() > table.lastPosition():
        return 0, table.rows(), 0, table.columns()
    first, last = table.cellAt(cursor.selectionStart()), table.cellAt(cursor.selectionEnd())
    low, high = min(first.column(), last.column()), max(first.column(), last.column())
    return first.row(), last.row() - first.row() + 1, low, high - low + 1
