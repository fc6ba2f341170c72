"""How a row of the outline is drawn: icon, name, label, badge, quiet words; figures to the right."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from cort_desktop.gui.rounds.marks import ICON, Lettering, Marks, badge_width, draw_badge
from cort_desktop.gui.theme import Theme
from cort_desktop.telling.told import Told

_GAP = 8.0
_RADIUS = 6.0
_SHORT_LABEL = 72.0
_SHORTEST_LABEL = 32.0
_SHORTEST_BADGE = 52.0
_SHORTEST_NOTE = 40.0
_FEWEST_PX = 24
_ICON_SHARE = 0.9
"""Of the height of body text: icons grow with the letters."""
_MARGIN = 4


class RowPaint:
    """Draws rows in the look of a theme; ``restyle`` after that has changed."""

    def __init__(self, theme: Theme, marks: Marks) -> None:
        self._theme = theme
        self._marks = marks
        self.restyle()

    def restyle(self) -> None:
        """Read fonts and colours anew."""
        theme = self._theme
        figures, score = theme.font("small"), theme.font("strong")
        score.setPointSizeF(figures.pointSizeF())
        for font in (figures, score):
            font.setFeature(QFont.Tag("tnum"), 1)  # digits of one width stand below each other
        self._body, self._strong = Lettering(theme.font("body")), Lettering(theme.font("strong"))
        self._mono, self._small = Lettering(theme.font("mono_small")), Lettering(theme.font("small"))
        self._figures, self._score = Lettering(figures), Lettering(score)
        self._text, self._muted, self._faint = (theme.colour(c) for c in ("text", "muted", "faint"))
        self._chosen, self._hover, self._accent = (
            theme.colour(c) for c in ("accent_soft", "hover", "accent")
        )
        self.height = max(_FEWEST_PX, round(self._body.height + 8))
        self.icon = max(ICON, round(self._body.height * _ICON_SHARE))

    def figure_width(self, text: str, *, is_strong: bool = False) -> float:
        """How wide a figure is drawn."""
        return (self._score if is_strong else self._figures).width(text)

    def head(self, painter: QPainter, room: QRect, text: str, *, is_figure: bool) -> None:
        """The head of a column."""
        painter.setPen(self._faint)
        place = QRectF(room).adjusted(0 if is_figure else _GAP, 0, -_GAP, 0)
        self._small.draw(painter, place, text, right=is_figure)

    def ground(
        self, painter: QPainter, row: QRect, *, is_selected: bool, is_current: bool, is_hovered: bool
    ) -> None:
        """What is chosen, under the pointer, or has the keyboard."""
        if not (is_selected or is_hovered):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(row).adjusted(1.5, 0.5, -1.5, -0.5)
        painter.setPen(QPen(self._accent, 1.0) if is_current else Qt.PenStyle.NoPen)
        painter.setBrush(self._chosen if is_selected else self._hover)
        painter.drawRoundedRect(box, _RADIUS, _RADIUS)

    def branch(self, painter: QPainter, cell: QRect, *, is_open: bool) -> None:
        """The arrow of a row that has others below it, in the indent before its cell."""
        name = "chevron-down" if is_open else "chevron-right"
        ratio = painter.device().devicePixelRatioF()
        picture = self._marks.icon(name, "muted", False, ratio, 12)
        painter.drawPixmap(QPointF(cell.left() - 14.0, cell.center().y() - 5.5), picture)

    def what(self, painter: QPainter, cell: QRect, told: Told, *, is_marked: bool = False) -> None:
        """Icon, name, label, badge and note, in that order of weight when there is little room."""
        room = QRectF(cell)
        x, end = room.left() + _MARGIN, room.right() - _GAP
        if told.mark != "round":
            picture = self._marks.picture(told.mark, painter.device().devicePixelRatioF(), self.icon)
            painter.drawPixmap(QPointF(x, room.center().y() - self.icon / 2 + 0.5), picture)
            x += self.icon + _GAP
        if told.name:
            x = self._words(painter, room, x, end, told.name, self._mono, self._faint) + _GAP
        face = self._strong if told.is_answer else self._body
        label, badge, note = self._shares(told, face, end - x)
        if is_marked:
            painter.setPen(QPen(self._accent, 1.0, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, room.bottom() - 3), QPointF(x + label, room.bottom() - 3))
        self._words(painter, room, x, x + label, told.label, face, self._text)
        x += label + _GAP
        if badge > 0:
            place = QRectF(x, room.top(), badge, room.height())
            draw_badge(painter, place, told.badge, self._small, self._marks.colours(told.tone))
            x += badge + _GAP
        if note > 0:
            self._words(painter, room, x, x + note, told.note, self._small, self._muted)

    def figure(
        self, painter: QPainter, top: int, height: int, left: int, width: int, text: str, *, is_strong: bool
    ) -> None:
        """A figure at the right of its column."""
        painter.setPen(self._text if is_strong else self._muted)
        room = QRectF(left, top, width - _GAP, height)
        (self._score if is_strong else self._figures).draw(painter, room, text, right=True)

    def _words(
        self,
        painter: QPainter,
        room: QRectF,
        x: float,
        end: float,
        text: str,
        face: Lettering,
        colour: QColor,
    ) -> float:
        painter.setPen(colour)
        face.draw(painter, QRectF(x, room.top(), max(0.0, end - x), room.height()), text)
        return x + face.width(text)

    def _shares(self, told: Told, face: Lettering, room: float) -> tuple[float, float, float]:
        """How wide label, badge and note may be: the note gives way first, then the label, then the badge."""
        has_ground = self._marks.colours(told.tone)[1] is not None
        label = face.width(told.label)
        badge = badge_width(told.badge, self._small, has_ground=has_ground) if told.badge else 0.0
        note = self._small.width(told.note) if told.note else 0.0
        gaps = _GAP * ((badge > 0) + (note > 0))
        left = room - label - badge - gaps
        if note and left < note:
            note = max(0.0, left)
            if note < _SHORTEST_NOTE:
                note, left = 0.0, left + _GAP
        if left >= 0 or note:
            return label, badge, note
        label, left = _shrunk(label, left, _SHORT_LABEL)
        badge, left = _shrunk(badge, left, _SHORTEST_BADGE)
        label, left = _shrunk(label, left, _SHORTEST_LABEL)
        return label, badge, note


def _shrunk(width: float, left: float, least: float) -> tuple[float, float]:
    """A width that gives what is missing (``left`` below 0) down to ``least``, and what is missing then."""
    shorter = max(min(width, least), width + min(0.0, left))
    return shorter, left + width - shorter
