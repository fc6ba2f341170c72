"""How the map is drawn: lines, cards, the heads of the rounds, as much of each as can be read at a scale.

Far away a card is a dot with its score, nearer it has its name, then its first words, the more of them the
nearer it is (``map_words.py``). Only what is in sight is drawn, and dots and lines in one stroke per colour:
two thousand cards move like twenty.
"""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from cort_desktop.gui.rounds.map_cards import HEIGHT, PITCH, WIDTH, Card, Cards, Key
from cort_desktop.gui.rounds.map_sight import Line, box_of, columns_in_sight, in_sight, lines_to
from cort_desktop.gui.rounds.map_words import CardWords
from cort_desktop.gui.rounds.marks import Lettering, Marks
from cort_desktop.gui.theme import Colour, Theme

Nearness = Literal["dots", "names", "words"]
NAMES_FROM, WORDS_FROM = 0.26, 0.45
"""Scales from which names, and first words, can be read."""
_RADIUS = 10.0
_SMALLEST_TEXT_PX = 9.0
_LINE_PENS: dict[bool, tuple[float, Colour]] = {False: (0.96, "line_strong"), True: (1.92, "good")}
"""Width and colour of lines beside and on the path to the answer. Up to a whole pixel Qt strokes quickly."""
_SIGNS: dict[str, str] = {"failed": "✕", "cancelled": "–", "stale": "↺", "running": "…", "waiting": "…"}
"""What a dot without a score says: a state is never told by colour alone."""


def nearness(scale: float) -> Nearness:
    """How much of a card can be read at a scale (device-independent pixels per unit of the scene)."""
    return "words" if scale >= WORDS_FROM else "names" if scale >= NAMES_FROM else "dots"


class MapPaint:
    """Draws cards in the look of a theme. ``restyle`` when it has changed, ``forget`` when the cards have."""

    def __init__(self, theme: Theme, marks: Marks) -> None:
        self._theme = theme
        self._marks = marks
        self._lines: list[list[Line]] = []
        self._words = CardWords(theme, marks)
        self.restyle()

    def restyle(self) -> None:
        """Read fonts and colours anew."""
        self._words.restyle()
        self._head = Lettering(self._theme.font("small"))
        self._colours: dict[Colour, QColor] = {}
        self.head_px = round(self._head.height + 14)

    def forget(self) -> None:
        """The cards stand elsewhere: their lines are drawn anew."""
        self._lines = []

    # What is seen

    def scene(
        self, painter: QPainter, cards: Cards, seen: QRectF, scale: float, chosen: Key, marked: Key
    ) -> None:
        """Lines and cards within ``seen``. chosen: looked at; marked: the other side of Compare."""
        near = nearness(scale)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, near != "dots" or len(cards.by_key) < 400)  # noqa: PLR2004
        self._draw_lines(painter, cards, seen, scale)
        if near == "dots":
            self._draw_dots(painter, list(in_sight(cards, seen)), scale)
        else:
            for card in in_sight(cards, seen):
                self._draw_card(painter, card, scale, near)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for key, style in ((marked, Qt.PenStyle.DashLine), (chosen, Qt.PenStyle.SolidLine)):
            if key is not None and key in cards.by_key:
                self._ring(painter, cards.by_key[key], scale, style)

    def heads(self, painter: QPainter, cards: Cards, left_px: float, scale: float, width_px: int) -> None:
        """The words above the columns, in pixels of the view; the scene's 0 is at ``left_px``."""
        painter.fillRect(QRectF(0, 0, width_px, self.head_px), self._colour("window"))
        painter.setPen(self._colour("line"))
        painter.drawLine(QPointF(0, self.head_px - 0.5), QPointF(width_px, self.head_px - 0.5))
        painter.setPen(self._colour("faint"))
        room_px = PITCH * scale - 4
        taken_px = 0.0
        first = max(0, int(-left_px // (PITCH * scale)) - 1)
        last = int((width_px - left_px) // (PITCH * scale)) + 1
        for column, (words, short) in enumerate(cards.heads[first : last + 1], first):
            x = left_px + column * PITCH * scale
            room = min(room_px, width_px - x)
            text = words if self._head.width(words) <= room else words.partition(" · ")[0]
            text = text if self._head.width(text) <= room else short
            wide = self._head.width(text)
            if not text or x + wide < 0 or x + wide > width_px or x < taken_px:
                continue
            self._head.draw(painter, QRectF(x, 0, wide + 1, self.head_px), text)
            taken_px = x + wide + 8

    # Lines

    def _draw_lines(self, painter: QPainter, cards: Cards, seen: QRectF, scale: float) -> None:
        """Those that cross ``seen``, each by itself: strokes that overlap in one path are costly to fill."""
        if not self._lines:
            self._lines = [lines_to(column, cards) for column in cards.columns]
        first, last = columns_in_sight(cards, seen)
        top, bottom = seen.top(), seen.bottom()
        crossing = [
            line
            for column in self._lines[first : last + 2]
            for line in column
            if line.top <= bottom and line.bottom >= top
        ]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for is_on_path, (width, colour) in _LINE_PENS.items():
            painter.setPen(QPen(self._colour(colour), width / min(1.0, scale)))
            for line in crossing:
                if line.is_on_path is is_on_path:
                    painter.drawPath(line.path)

    # Cards

    def _draw_dots(self, painter: QPainter, cards: list[Card], scale: float) -> None:
        by_colour: dict[Colour, list[QRectF]] = {}
        for card in cards:
            by_colour.setdefault(_dot_colour(card), []).append(box_of(card))
        painter.setPen(Qt.PenStyle.NoPen)
        for colour, boxes in by_colour.items():
            painter.setBrush(self._colour(colour))
            painter.drawRects(boxes)
        if scale * HEIGHT < _SMALLEST_TEXT_PX + 3:
            return
        face = self._words.face("strong", round(_SMALLEST_TEXT_PX / scale))
        for card in cards:
            painter.setPen(self._colour(_on_dot(card)))
            text = "★" if card.key is None else card.told.score or _SIGNS.get(card.told.mark, "")
            face.draw_centred(painter, box_of(card), text)

    def _draw_card(self, painter: QPainter, card: Card, scale: float, near: Nearness) -> None:
        ground, border, style = _dress(card)
        painter.setPen(QPen(self._colour(border), 1.2, style))
        painter.setBrush(self._colour(ground))
        painter.drawRoundedRect(box_of(card), _RADIUS, _RADIUS)
        painter.save()
        painter.translate(box_of(card).topLeft())
        painter.scale(1 / scale, 1 / scale)
        write = self._words.names if near == "names" else self._words.words
        write(painter, card, QRectF(0, 0, WIDTH * scale, HEIGHT * scale))
        painter.restore()

    def _ring(self, painter: QPainter, card: Card, scale: float, style: Qt.PenStyle) -> None:
        """Around what is looked at; as strong from afar as from near."""
        wide = 2.0 / scale
        painter.setPen(QPen(self._colour("accent"), wide, style))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        box = box_of(card).adjusted(-wide * 1.5, -wide * 1.5, wide * 1.5, wide * 1.5)
        painter.drawRoundedRect(box, _RADIUS + wide, _RADIUS + wide)

    def _colour(self, name: Colour) -> QColor:
        if name not in self._colours:
            self._colours[name] = self._theme.colour(name)
        return self._colours[name]


def _dress(card: Card) -> tuple[Colour, Colour, Qt.PenStyle]:
    """Ground, border and kind of border of a card."""
    solid, dashed = Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine
    if card.key is None:
        return "good", "good", solid
    match card.told.mark:
        case "failed":
            return "bad_soft", "bad", solid
        case "cancelled" | "stale":
            return "card", "warn", dashed
        case "running":
            return "running_soft", "running", solid
        case "waiting":
            return "card", "line_strong", dashed
        case _:
            has_won = card.is_on_path and card.told.mark in ("won", "answer")
            return ("good_soft", "good", solid) if has_won else ("card", "line_strong", solid)


def _dot_colour(card: Card) -> Colour:
    if card.key is None or card.is_on_path:
        return "good"
    by_mark: dict[str, Colour] = {"failed": "bad", "cancelled": "warn", "stale": "warn", "running": "running"}
    return by_mark.get(card.told.mark, "line_strong")


def _on_dot(card: Card) -> Colour:
    return "text" if _dot_colour(card) == "line_strong" else "on_good"
