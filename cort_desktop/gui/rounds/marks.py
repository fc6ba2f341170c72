"""How a state is drawn: icon, then word, then colour. Shared by the outline, the map and the columns.

Icons are kept as pictures, because rows are painted often; a new look draws them anew.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontInfo, QFontMetricsF, QPainter, QPixmap

from cort_desktop.gui.theme import Colour, Theme
from cort_desktop.telling.states import Mark
from cort_desktop.telling.told import Tone

ICON = 16
_PILL_PAD = 6.0
_PILL_RADIUS = 4.0
_KEPT_TEXTS = 8_000

_ICONS: dict[Mark, tuple[str, Colour, bool]] = {
    "question": ("diamond", "accent", True),
    "answer": ("star", "good", True),
    "won": ("circle", "good", True),
    "candidate": ("circle", "text", False),
    "running": ("circle-dot", "running", False),
    "waiting": ("circle-dashed", "faint", False),
    "failed": ("x", "bad", False),
    "cancelled": ("ban", "warn", False),
    "stale": ("history", "warn", False),
    "round": ("chevron-down", "muted", False),
    "verdict": ("scale", "muted", False),
    "call": ("sparkles", "faint", False),
    "end": ("square", "text", True),
}
_TONES: dict[Tone, tuple[Colour, Colour | None]] = {
    "plain": ("faint", None),
    "quiet": ("muted", None),
    "good": ("good", "good_soft"),
    "bad": ("bad", "bad_soft"),
    "warn": ("warn", "warn_soft"),
    "running": ("running", "running_soft"),
}


class Marks(QObject):
    """Draws the marks of a theme."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._pictures: dict[tuple[str, Colour, bool, float, int], QPixmap] = {}
        theme.changed.connect(self._pictures.clear)

    def picture(self, mark: Mark, ratio: float, side: int = ICON) -> QPixmap:
        """The icon of a state, ``side`` device-independent pixels wide."""
        return self.icon(*_ICONS[mark], ratio, side)

    def icon(self, name: str, colour: Colour, filled: bool, ratio: float, side: int = ICON) -> QPixmap:
        """Any icon of the theme as a picture."""
        key = (name, colour, filled, ratio, side)
        if key not in self._pictures:
            icon = self._theme.icon(name, colour, filled=filled)
            self._pictures[key] = icon.pixmap(QSize(side, side), ratio)
        return self._pictures[key]

    def colours(self, tone: Tone) -> tuple[QColor, QColor | None]:
        """Of the words and of the ground of a badge; without a ground it is just a word."""
        words, ground = _TONES[tone]
        return self._theme.colour(words), None if ground is None else self._theme.colour(ground)


class Lettering:
    """A font with its measures; widths are kept, because the same few texts are drawn again and again."""

    def __init__(self, font: QFont) -> None:
        self.font = font
        metrics = QFontMetricsF(font)
        self.height, self.ascent, self.descent = metrics.height(), metrics.ascent(), metrics.descent()
        self.line_spacing = metrics.lineSpacing()
        self.pixels = QFontInfo(font).pixelSize()
        self._metrics = metrics
        self._widths: dict[str, float] = {}
        self._cut: dict[tuple[str, int], str] = {}

    def width(self, text: str) -> float:
        """How wide ``text`` is on one line."""
        found = self._widths.get(text)
        if found is None:
            if len(self._widths) > _KEPT_TEXTS:
                self._widths.clear()
            found = self._widths[text] = self._metrics.horizontalAdvance(text)
        return found

    def cut(self, text: str, width: float) -> str:
        """``text`` with an ellipsis where ``width`` ends."""
        if self.width(text) <= width + 0.5:
            return text
        key = (text, int(width))
        if key not in self._cut:
            if len(self._cut) > _KEPT_TEXTS:
                self._cut.clear()
            self._cut[key] = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(width))
        return self._cut[key]

    def draw(self, painter: QPainter, room: QRectF, text: str, *, right: bool = False) -> None:
        """One line in the middle of ``room``, cut where that ends; in the pen that is set.

        It begins at the left whatever the text's own direction is: in a table, names stand below each other.
        """
        text = self.cut(text, room.width())
        left = room.right() - self.width(text) if right else room.left()
        painter.setFont(self.font)
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)  # where its "…" goes
        painter.drawText(QPointF(left, room.center().y() + (self.ascent - self.descent) / 2), text)

    def draw_centred(self, painter: QPainter, room: QRectF, text: str) -> None:
        """One line in the middle of ``room``, both ways."""
        text = self.cut(text, room.width())
        inset = max(0.0, (room.width() - self.width(text)) / 2)
        self.draw(painter, room.adjusted(inset, 0, 1, 0), text)


def badge_width(text: str, face: Lettering, *, has_ground: bool) -> float:
    """How wide a badge is drawn."""
    return face.width(text) + (2 * _PILL_PAD if has_ground else 0.0)


def draw_badge(
    painter: QPainter, room: QRectF, text: str, face: Lettering, colours: tuple[QColor, QColor | None]
) -> None:
    """A badge at the left of ``room``, cut with an ellipsis where the room ends."""
    words, ground = colours
    width = min(badge_width(text, face, has_ground=ground is not None), room.width())
    height = face.height + 2.0
    pill = QRectF(room.left(), room.center().y() - height / 2, width, height)
    if ground is not None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(pill, _PILL_RADIUS, _PILL_RADIUS)
        pill.adjust(_PILL_PAD, 0, -_PILL_PAD, 0)
    painter.setPen(words)
    face.draw(painter, pill, text)
