"""What is written on a card of the map: as much as its size on the screen has room for, in whole lines.

Letters keep the size they have everywhere in the window, whatever the zoom is: a card that is drawn larger
says more, a smaller one less. So every text is measured and cut in pixels of the screen.
"""

from __future__ import annotations

from unicodedata import bidirectional

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont, QPainter, QTextLayout, QTextOption

from cort_desktop.gui.rounds.map_cards import Card
from cort_desktop.gui.rounds.marks import Lettering, Marks, badge_width, draw_badge
from cort_desktop.gui.theme import Colour, Theme

_PAD_PX = 10.0
_LEAST_PAD_PX = 4.0
_GAP_PX = 6.0
_SHORTEST_PX = 32.0
_MOST_LINES = 14
_SMALLEST_TEXT_PX = 9
_KEPT_TEXTS = 4_000
_KEPT_FACES = 200


class CardWords:
    """Writes on cards in the look of a theme; ``restyle`` when that has changed.

    All places are pixels of the screen: whoever calls has scaled the painter so.
    """

    def __init__(self, theme: Theme, marks: Marks) -> None:
        self._theme = theme
        self._marks = marks
        self._wrapped: dict[tuple[str, int, int], list[tuple[str, float]]] = {}
        self.restyle()

    def restyle(self) -> None:
        """Read the fonts anew."""
        theme = self._theme
        small, score = theme.font("small"), theme.font("strong")
        score.setPointSizeF(small.pointSizeF())
        self._fonts = {"small": small, "strong": score, "mono": theme.font("mono_small")}
        self._small, self._score = Lettering(small), Lettering(score)
        self._mono = Lettering(self._fonts["mono"])
        self._faces: dict[tuple[str, int], Lettering] = {}
        self._wrapped.clear()

    def face(self, font: str, pixels: int) -> Lettering:
        """``small``, ``strong`` or ``mono`` in a size of its own."""
        key = (font, max(1, pixels))
        if key not in self._faces:
            if len(self._faces) > _KEPT_FACES:
                self._faces.clear()
            sized = QFont(self._fonts[font])
            sized.setPixelSize(key[1])
            self._faces[key] = Lettering(sized)
        return self._faces[key]

    def names(self, painter: QPainter, card: Card, box: QRectF) -> None:
        """Name above score or state, in letters that fit."""
        ink: Colour = "on_good" if card.key is None else "text"
        state = card.told.badge if card.told.mark == "stale" else card.told.score or card.told.badge
        rows = (card.told.name, state)
        if card.key is None:
            rows = (card.told.label, card.told.name)
        for row, (text, font) in enumerate(zip(rows, ("mono", "strong"), strict=True)):
            painter.setPen(self._theme.colour(ink if row or card.key is None else "muted"))
            half = QRectF(box.left() + 3, box.top() + 2 + row * (box.height() - 4) / 2, box.width() - 6, 0)
            half.setHeight((box.height() - 4) / 2)
            self._fitting(font, text, half).draw_centred(painter, half, text)

    def words(self, painter: QPainter, card: Card, box: QRectF) -> None:
        """Icon, name, state and score in the first line; below as many of its first words as fit."""
        inner = _inside(box)
        head = QRectF(inner.left(), inner.top(), inner.width(), self._small.line_spacing)
        if card.key is None:
            painter.setPen(self._theme.colour("on_good"))
            self._two_ends(painter, head, f"★ {card.told.label}", card.told.note)
            self._paragraph(painter, f"{card.told.name} · {card.excerpt}", inner, head.bottom())
            return
        self._head(painter, card, head)
        painter.setPen(self._theme.colour("muted"))
        self._paragraph(painter, card.excerpt, inner, head.bottom())

    def _head(self, painter: QPainter, card: Card, head: QRectF) -> None:
        """The score keeps its room, then the name, then the state; what kind it is comes last."""
        told = card.told
        icon = round(min(head.height(), self._small.height))
        picture = self._marks.picture(told.mark, painter.device().devicePixelRatioF(), icon)
        painter.drawPixmap(QPointF(head.left(), head.center().y() - icon / 2), picture)
        painter.setPen(self._theme.colour("text"))
        self._score.draw(painter, head, told.score, right=True)
        x = head.left() + icon + _GAP_PX / 2
        end = head.right() - (self._score.width(told.score) + _GAP_PX if told.score else 0.0)
        painter.setPen(self._theme.colour("muted"))
        self._mono.draw(painter, QRectF(x, head.top(), max(0.0, end - x), head.height()), told.name)
        x += self._mono.width(told.name) + _GAP_PX
        if told.badge:
            end = self._state(painter, card, head, x, end) - _GAP_PX
        if end - x >= _SHORTEST_PX:
            painter.setPen(self._theme.colour("muted"))
            self._small.draw(painter, QRectF(x, head.top(), end - x, head.height()), told.label.lower())

    def _state(self, painter: QPainter, card: Card, head: QRectF, x: float, end: float) -> float:
        """The state at the right of what is left of the line; returns where it begins."""
        wide = min(badge_width(card.told.badge, self._small, has_ground=False), end - x)
        if wide < _SHORTEST_PX:
            return end  # its icon, its ground and its border tell it
        place = QRectF(end - wide, head.top(), wide, head.height())
        ink = self._marks.colours(card.told.tone)[0]
        draw_badge(painter, place, card.told.badge, self._small, (ink, None))  # the card has the ground
        return end - wide

    def _two_ends(self, painter: QPainter, head: QRectF, left: str, right: str) -> None:
        self._score.draw(painter, head, left)
        room = head.adjusted(self._score.width(left) + _GAP_PX, 0, 0, 0)
        if room.width() >= self._small.width(right):
            self._small.draw(painter, room, right, right=True)

    def _paragraph(self, painter: QPainter, text: str, inner: QRectF, top: float) -> None:
        """Whole lines only."""
        lines = min(_MOST_LINES, int((inner.bottom() - top + 1) // self._small.line_spacing))
        if lines < 1 or not text:
            return
        painter.setFont(self._small.font)
        for row, (line, indent) in enumerate(self._lines(text, int(inner.width()), lines)):
            baseline = top + row * self._small.line_spacing + self._small.ascent
            painter.drawText(QPointF(inner.left() + indent, baseline), line)

    def _lines(self, text: str, width_px: int, lines: int) -> list[tuple[str, float]]:
        """``text`` in at most so many lines, each with where it begins."""
        key = (text, width_px, lines)
        if key not in self._wrapped:
            if len(self._wrapped) > _KEPT_TEXTS:
                self._wrapped.clear()
            self._wrapped[key] = wrapped(text, self._small, width_px, lines)
        return self._wrapped[key]

    def _fitting(self, font: str, text: str, room: QRectF) -> Lettering:
        """The window's own size, or a smaller one in which ``text`` fits."""
        usual = {"mono": self._mono, "strong": self._score}[font]
        share = min(1.0, room.height() / usual.height, room.width() / max(1.0, usual.width(text)))
        if share >= 1.0:
            return usual
        pixels = max(_SMALLEST_TEXT_PX, int(usual.pixels * share))
        return self.face(font, pixels)


def wrapped(text: str, face: Lettering, width: float, lines: int) -> list[tuple[str, float]]:
    """Break ``text`` at words; the last line ends with an ellipsis where more follows."""
    layout = QTextLayout(text, face.font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    found: list[str] = []
    while len(found) < lines:
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(width)
        start = line.textStart()
        rest = text[start:] if len(found) == lines - 1 else text[start : start + line.textLength()]
        found.append(face.cut(rest.rstrip(), width))
    layout.endLayout()
    is_right = _is_right_to_left(text)
    return [(line, width - face.width(line) if is_right else 0.0) for line in found]


def _inside(box: QRectF) -> QRectF:
    pad = min(_PAD_PX, max(_LEAST_PAD_PX, box.height() / 10))
    return box.adjusted(pad, pad * 0.8, -pad, -pad * 0.6)


def _is_right_to_left(text: str) -> bool:
    """By the first letter that has a direction."""
    for letter in text:
        kind = bidirectional(letter)
        if kind in ("L", "R", "AL"):
            return kind != "L"
    return False
