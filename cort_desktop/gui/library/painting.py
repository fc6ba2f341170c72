"""How the rows of both lists are painted: the ground of a row, words that end in "…", dots and small icons.

Delegates say what stands where; both take colours and fonts from the theme at the moment of painting.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem, QWidget

from cort_desktop.gui.theme import Colour, Theme
from cort_desktop.gui.widgets import BY_KEYS

EDGE = 8
"""Pixels between the pane's border and the ground of a row, and from there to its words."""
GAP = 4
RADIUS = 6
DOT = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Brush:
    """A painter in one row. Places are given from left to right and mirrored where the language is."""

    painter: QPainter
    option: QStyleOptionViewItem
    theme: Theme

    @property
    def inner(self) -> QRect:
        """The room for words."""
        return self.option.rect.adjusted(2 * EDGE, 0, -2 * EDGE, 0)

    def ground(self, *, is_open: bool = False) -> None:
        """The rounded rectangle behind a row that is chosen, open or under the pointer."""
        state = self.option.state
        colour: Colour | None = None
        if state & QStyle.StateFlag.State_Selected:
            colour = "accent_soft"
        elif is_open or state & QStyle.StateFlag.State_MouseOver:
            colour = "hover"
        is_focused = bool(state & QStyle.StateFlag.State_HasFocus) and _is_used_by_keys(self.option)
        if colour is None and not is_focused:
            return
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.painter.setBrush(Qt.BrushStyle.NoBrush if colour is None else self.theme.colour(colour))
        self.painter.setPen(self.theme.colour("accent") if is_focused else Qt.PenStyle.NoPen)
        room = QRectF(self.option.rect.adjusted(EDGE, 1, -EDGE, -1))
        self.painter.drawRoundedRect(room.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)

    def words(
        self,
        room: QRect,
        text: str,
        font: QFont,
        colour: Colour,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> None:
        """``text`` on one line, cut at the end; its own direction orders it, the window's places it."""
        self.painter.setFont(font)
        self.painter.setPen(self.theme.colour(colour))
        self.painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        side = QStyle.visualAlignment(self.option.direction, align) | Qt.AlignmentFlag.AlignAbsolute
        flags = side | Qt.AlignmentFlag.AlignVCenter
        self.painter.drawText(self._placed(room), int(flags) | int(Qt.TextFlag.TextSingleLine), shown)

    def dot(self, room: QRect, colour: Colour) -> None:
        """A filled circle at the beginning of ``room``."""
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(self.theme.colour(colour))
        place = self._placed(QRect(room.left(), room.top(), DOT, room.height()))
        centre = QPointF(place.left() + DOT / 2, place.center().y() + 0.5)
        self.painter.drawEllipse(centre, DOT / 2, DOT / 2)

    def icon(self, room: QRect, name: str, side: int) -> None:
        """A faint icon at the end of ``room``."""
        place = QRect(room.right() - side + 1, room.top(), side, room.height())
        self.theme.icon(name, "faint").paint(self.painter, self._placed(place))

    def _placed(self, room: QRect) -> QRect:
        return QStyle.visualRect(self.option.direction, self.option.rect, room)


def _is_used_by_keys(option: QStyleOptionViewItem) -> bool:
    view: QWidget | None = option.widget
    return view is not None and view.property(BY_KEYS) == "on"
