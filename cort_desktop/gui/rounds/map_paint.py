"""How the map is drawn: lines, cards, the heads of the rounds, as much of each as can be read at a scale.

Far away a card is a dot with its score, nearer it has its name, and near enough its first words. Only what is
in sight is drawn, and dots and lines in one stroke per colour: two thousand cards move like twenty.
"""

from __future__ import annotations

from typing import Literal
from unicodedata import bidirectional

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QTextLayout, QTextOption

from cort_desktop.gui.rounds.map_cards import HEIGHT, PITCH, WIDTH, Card, Cards, Key
from cort_desktop.gui.rounds.map_sight import Line, box_of, columns_in_sight, in_sight, lines_to
from cort_desktop.gui.rounds.marks import Lettering, Marks, draw_badge
from cort_desktop.gui.theme import Colour, Theme

Nearness = Literal["dots", "names", "words"]
NAMES_FROM, WORDS_FROM = 0.30, 0.62
"""Scales from which names, and first words, can be read."""
_PAD = 10.0
_RADIUS = 10.0
_ICON = 14
_LINES = 3
_SMALLEST_TEXT_PX = 9.0
_KEPT_FACES = 200
_LINE_PENS: dict[bool, tuple[float, Colour]] = {False: (0.96, "line_strong"), True: (1.92, "good")}
"""Width and colour of lines beside and on the path to the answer. Up to a whole pixel Qt strokes quickly."""
_SIGNS: dict[str, str] = {"failed": "✕", "cancelled": "–", "running": "…", "waiting": "…"}
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
        self._wrapped: dict[str, list[tuple[str, float]]] = {}
        self.restyle()

    def restyle(self) -> None:
        """Read fonts and colours anew. Letters on cards have their own size and grow with the zoom."""
        theme = self._theme
        self._fonts = {
            "small": theme.font("small"),
            "strong": theme.font("strong"),
            "mono": theme.font("mono_small"),
        }
        self._faces: dict[tuple[str, int], Lettering] = {}
        self._small, self._score = self._face("small", 12), self._face("strong", 12)
        self._strong, self._mono = self._face("strong", 13), self._face("mono", 11)
        self._head = Lettering(theme.font("small"))
        self._colours: dict[Colour, QColor] = {}
        self.head_px = round(self._head.height + 14)
        self._wrapped.clear()

    def forget(self) -> None:
        """The cards stand elsewhere: their lines are drawn anew."""
        self._lines = []
        if len(self._wrapped) > 4_000:  # noqa: PLR2004 - more texts than a long run has
            self._wrapped.clear()

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
            text = words if self._head.width(words) <= room_px else words.partition(" · ")[0]
            text = text if self._head.width(text) <= room_px else short
            wide = self._head.width(text)
            if not text or x + wide < 0 or x > width_px or x < taken_px:
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
        face = self._face("strong", round(_SMALLEST_TEXT_PX / scale))
        for card in cards:
            painter.setPen(self._colour(_on_dot(card)))
            text = "★" if card.key is None else card.told.score or _SIGNS.get(card.told.mark, "")
            face.draw_centred(painter, box_of(card), text)

    def _draw_card(self, painter: QPainter, card: Card, scale: float, near: Nearness) -> None:
        ground, border, style = _dress(card)
        painter.setPen(QPen(self._colour(border), 1.2, style))
        painter.setBrush(self._colour(ground))
        painter.drawRoundedRect(box_of(card), _RADIUS, _RADIUS)
        if near == "names":
            self._name_and_score(painter, card, scale)
        elif card.key is None:
            self._answer_words(painter, card)
        else:
            self._words(painter, card, scale)

    def _name_and_score(self, painter: QPainter, card: Card, scale: float) -> None:
        """Name above score, in letters that stay readable while the card shrinks."""
        box = box_of(card)
        ink: Colour = "on_good" if card.key is None else "text"
        rows = (card.told.name, card.told.score or card.told.badge)
        if card.key is None:
            rows = (card.told.label, card.told.name)
        size = round(min(12.0 / scale, 26.0))
        fonts = ("small" if card.key is None else "mono", "strong")
        for row, (text, font) in enumerate(zip(rows, fonts, strict=True)):
            painter.setPen(self._colour(ink if row or card.key is None else "muted"))
            half = QRectF(box.left() + 4, box.top() + row * HEIGHT / 2, WIDTH - 8, HEIGHT / 2)
            half.translate(0, 4 if row == 0 else -4)
            self._face(font, size).draw_centred(painter, half, text)

    def _words(self, painter: QPainter, card: Card, scale: float) -> None:
        """Icon, name, kind and score in the first line, first words below, a badge where there is one."""
        told, box = card.told, box_of(card).adjusted(_PAD, 6, -_PAD, -6)
        head = QRectF(box.left(), box.top(), box.width(), self._small.height + 2)
        ratio = painter.device().devicePixelRatioF() * min(2.0, max(1.0, scale))
        picture = self._marks.picture(told.mark, ratio, _ICON)
        place = QRectF(head.left(), head.center().y() - _ICON / 2, _ICON, _ICON)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)  # drawn smaller it loses its strokes
        painter.drawPixmap(place, picture, QRectF(picture.rect()))
        painter.setPen(self._colour("text"))
        self._score.draw(painter, head, told.score, right=True)
        painter.setPen(self._colour("muted"))
        names = head.adjusted(_ICON + 6, 0, -self._score.width(told.score) - 6, 0)
        self._mono.draw(painter, names, f"{told.name} {told.label.lower()}")
        if told.badge:
            high = self._small.height
            place = QRectF(box.left(), box.bottom() - high, box.width(), high)
            ink = self._marks.colours(told.tone)[0]
            draw_badge(painter, place, told.badge, self._small, (ink, None))  # the card has the ground
            painter.setPen(self._colour("muted"))
        self._paragraph(painter, card.excerpt, QPointF(box.left(), head.bottom() + 1))

    def _answer_words(self, painter: QPainter, card: Card) -> None:
        box = box_of(card).adjusted(_PAD + 4, 8, -_PAD, -6)
        painter.setPen(self._colour("on_good"))
        head = QRectF(box.left(), box.top(), box.width(), self._strong.height + 2)
        self._strong.draw(painter, head, f"★ {card.told.label}")
        self._small.draw(painter, head, card.told.note, right=True)
        text = f"{card.told.name} · {card.excerpt}"
        self._paragraph(painter, text, QPointF(box.left(), head.bottom() + 2))

    def _paragraph(self, painter: QPainter, text: str, at: QPointF) -> None:
        painter.setFont(self._small.font)
        for row, (line, indent) in enumerate(self._wrapped_lines(text)):
            baseline = at.y() + row * self._small.line_spacing + self._small.ascent
            painter.drawText(QPointF(at.x() + indent, baseline), line)

    def _wrapped_lines(self, text: str) -> list[tuple[str, float]]:
        """``text`` in the lines of a card, each with where it begins."""
        if text not in self._wrapped:
            self._wrapped[text] = _wrap(text, self._small, WIDTH - 2 * _PAD, _LINES)
        return self._wrapped[text]

    def _ring(self, painter: QPainter, card: Card, scale: float, style: Qt.PenStyle) -> None:
        """Around what is looked at; as strong from afar as from near."""
        wide = 2.0 / scale
        painter.setPen(QPen(self._colour("accent"), wide, style))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        box = box_of(card).adjusted(-wide * 1.5, -wide * 1.5, wide * 1.5, wide * 1.5)
        painter.drawRoundedRect(box, _RADIUS + wide, _RADIUS + wide)

    def _face(self, font: str, pixels: int) -> Lettering:
        """A font in pixels of the scene."""
        key = (font, max(1, pixels))
        if key not in self._faces:
            if len(self._faces) > _KEPT_FACES:
                self._faces.clear()
            sized = QFont(self._fonts[font])
            sized.setPixelSize(key[1])
            self._faces[key] = Lettering(sized)
        return self._faces[key]

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
        case "cancelled":
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
    by_mark: dict[str, Colour] = {"failed": "bad", "cancelled": "warn", "running": "running"}
    return by_mark.get(card.told.mark, "line_strong")


def _on_dot(card: Card) -> Colour:
    return "text" if _dot_colour(card) == "line_strong" else "on_good"


def _wrap(text: str, face: Lettering, width: float, lines: int) -> list[tuple[str, float]]:
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


def _is_right_to_left(text: str) -> bool:
    """By the first letter that has a direction."""
    for letter in text:
        kind = bidirectional(letter)
        if kind in ("L", "R", "AL"):
            return kind != "L"
    return False
