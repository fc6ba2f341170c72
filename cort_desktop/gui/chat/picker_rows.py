"""How a picker's list is painted: a heading over each group, and of each entry its name, a line of words, and
a tick where it is the one chosen now.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from cort_desktop.gui.theme import Colour, Theme

WORDS_ROLE = Qt.ItemDataRole.UserRole + 1
HEADING_ROLE = Qt.ItemDataRole.UserRole + 2
CHOSEN_ROLE = Qt.ItemDataRole.UserRole + 3
_EDGE_PX, _TICK_PX, _PAD_PX = 8, 16, 5
_RADIUS_PX = 6
_WIDEST_PX = 640
_Index = QModelIndex | QPersistentModelIndex


class PickerRows(QStyledItemDelegate):
    """Paints the rows of one list."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, _option: QStyleOptionViewItem, index: _Index) -> QSize:
        name, words = self._metrics()
        said = index.data(WORDS_ROLE) or ""
        if index.data(HEADING_ROLE):
            return QSize(
                words.horizontalAdvance(index.data()) + 2 * _EDGE_PX, words.height() + 2 * _PAD_PX + 2
            )
        height = name.height() + (words.height() if said else 0) + 2 * _PAD_PX
        wide = max(name.horizontalAdvance(index.data() or ""), words.horizontalAdvance(said))
        return QSize(min(_WIDEST_PX, wide + 3 * _EDGE_PX + _TICK_PX), height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        painter.save()
        if index.data(HEADING_ROLE):
            room = option.rect.adjusted(_EDGE_PX, 4, -_EDGE_PX, 0)
            self._words(painter, option, room, index.data(), "section")
        else:
            self._paint_entry(painter, option, index)
        painter.restore()

    def _paint_entry(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        if option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(self._theme.colour("accent_soft"))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawRoundedRect(option.rect, _RADIUS_PX, _RADIUS_PX)
        name, words = self._metrics()
        room = option.rect.adjusted(2 * _EDGE_PX + _TICK_PX, _PAD_PX, -_EDGE_PX, -_PAD_PX)
        said = index.data(WORDS_ROLE) or ""
        top = QRect(room.left(), room.top(), room.width(), name.height())
        if index.data(CHOSEN_ROLE):
            tick = QRect(option.rect.left() + _EDGE_PX, top.top(), _TICK_PX, top.height())
            self._theme.icon("check", "accent").paint(painter, self._placed(option, tick))
        if not said:
            top.setHeight(room.height())
        self._words(painter, option, top, index.data() or "", "body")
        if said:
            below = QRect(room.left(), top.bottom() + 1, room.width(), words.height())
            self._words(painter, option, below, said, "small")

    def _words(
        self, painter: QPainter, option: QStyleOptionViewItem, room: QRect, text: str, kind: str
    ) -> None:
        """``text`` on one line, cut at its end."""
        colour: Colour = "text" if kind == "body" else "muted" if kind == "small" else "faint"
        font = self._theme.font("body" if kind == "body" else "small")
        if kind == "section":
            font.setBold(True)
        painter.setFont(font)
        painter.setPen(self._theme.colour(colour))
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        side = QStyle.visualAlignment(option.direction, Qt.AlignmentFlag.AlignLeft)
        flags = int(side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(self._placed(option, room), flags | int(Qt.TextFlag.TextSingleLine), shown)

    def _placed(self, option: QStyleOptionViewItem, room: QRect) -> QRect:
        return QStyle.visualRect(option.direction, option.rect, room)

    def _metrics(self) -> tuple[QFontMetrics, QFontMetrics]:
        return QFontMetrics(self._theme.font("body")), QFontMetrics(self._theme.font("small"))
