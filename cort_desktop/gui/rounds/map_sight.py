"""Where things are on the map: what is in sight, which card is under a point, how lines run between cards."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

from cort_desktop.gui.rounds.map_cards import HEIGHT, PITCH, WIDTH, Card, Cards


def columns_in_sight(cards: Cards, seen: QRectF) -> tuple[int, int]:
    """The first and the last column that may be seen."""
    first = int(max(0.0, (seen.left() - WIDTH) // PITCH))
    return first, min(len(cards.columns) - 1, int(seen.right() // PITCH))


def in_sight(cards: Cards, seen: QRectF) -> Iterator[Card]:
    """The cards within ``seen``, column by column."""
    first, last = columns_in_sight(cards, seen)
    for column in cards.columns[first : last + 1]:
        at = bisect_left(column, seen.top() - HEIGHT / 2, key=lambda card: card.y)
        while at < len(column) and column[at].y <= seen.bottom() + HEIGHT / 2:
            yield column[at]
            at += 1


def card_at(cards: Cards, point: QPointF) -> Card | None:
    """The card under a point of the scene."""
    here = QRectF(point.x(), point.y(), 1e-6, 1e-6)
    return next((card for card in in_sight(cards, here) if box_of(card).contains(point)), None)


def box_of(card: Card) -> QRectF:
    """Where a card is."""
    return QRectF(card.x, card.y - HEIGHT / 2, WIDTH, HEIGHT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What joins a card with its parent; ``top`` and ``bottom`` are how far it reaches in the scene."""

    path: QPainterPath
    top: float
    bottom: float
    is_on_path: bool


def lines_to(column: list[Card], cards: Cards) -> list[Line]:
    """The lines that end in a column."""
    found = []
    for card in column:
        above = cards.by_key.get(card.parent) if card.parent is not None else None
        if above is None:
            continue
        start = QPointF(above.x + WIDTH, above.y)
        bend = QPointF(above.x + PITCH, card.y)
        middle = (start.x() + bend.x()) / 2
        path = QPainterPath(start)
        path.cubicTo(QPointF(middle, start.y()), QPointF(middle, bend.y()), bend)
        path.lineTo(QPointF(card.x, card.y))
        top, bottom = sorted((above.y, card.y))
        is_on_path = card.is_on_path and above.is_on_path
        found.append(Line(path=path, top=top, bottom=bottom, is_on_path=is_on_path))
    return found
