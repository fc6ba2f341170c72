"""Paints what a search found: the conversation's title, and below it where and in which words."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, QSize
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QTextLayout
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem

from cort_desktop.gui.library.excerpts import Look, Marked, laid_out
from cort_desktop.gui.library.hits import HitHeading, HitRow
from cort_desktop.gui.library.models import ROW_ROLE
from cort_desktop.gui.library.painting import EDGE, GAP, Brush
from cort_desktop.gui.theme import Theme

_LINES = 2
_Index = QModelIndex | QPersistentModelIndex


class HitDelegate(QStyledItemDelegate):
    """A heading is one line high; a hit has its place and up to two lines of its excerpt."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        row = index.data(ROW_ROLE)
        view = option.widget
        if isinstance(row, HitRow) and isinstance(view, QAbstractItemView):
            words = self._excerpt(row.excerpt, view.viewport().width() - 4 * EDGE)
            return QSize(0, self._place_height() + round(words.boundingRect().height()) + 3 * GAP)
        return QSize(0, QFontMetrics(self._theme.font("strong")).height() + 4 * GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row = index.data(ROW_ROLE)
        painter.save()
        brush = Brush(painter=painter, option=option, theme=self._theme)
        if isinstance(row, HitRow):
            self._paint_hit(brush, row)
        elif isinstance(row, HitHeading):
            self._paint_heading(brush, row)
        painter.restore()

    def _paint_heading(self, brush: Brush, row: HitHeading) -> None:
        room = brush.inner.adjusted(0, 2 * GAP, 0, 0)
        font = self._theme.font("small")
        width = QFontMetrics(font).horizontalAdvance(row.date) + 1
        brush.words(
            QRect(room.right() - width + 1, room.top(), width, room.height()), row.date, font, "faint"
        )
        room.setRight(room.right() - width - 2 * GAP)
        brush.words(room, row.title, self._theme.font("strong"), "text")

    def _paint_hit(self, brush: Brush, row: HitRow) -> None:
        brush.ground()
        room = brush.inner
        top = room.top() + GAP
        place = QRect(room.left(), top, room.width(), self._place_height())
        brush.words(place, row.place, self._theme.font("small"), "faint")
        excerpt = self._excerpt(row.excerpt, room.width())
        brush.painter.setPen(self._theme.colour("muted"))
        brush.painter.setLayoutDirection(brush.option.direction)
        excerpt.draw(brush.painter, QPointF(room.left(), place.bottom() + 1 + GAP / 2))

    def _excerpt(self, excerpt: Marked, width: int) -> QTextLayout:
        font = self._theme.font("small")
        strong = QFont(font)
        strong.setWeight(QFont.Weight.DemiBold)
        look = Look(
            font=font, strong=strong, text=self._theme.colour("text"), found=self._theme.colour("found")
        )
        return laid_out(excerpt, max(1, width), _LINES, look)

    def _place_height(self) -> int:
        return QFontMetrics(self._theme.font("small")).height()
