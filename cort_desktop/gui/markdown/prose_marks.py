"""Paints what a QTextDocument has no words for: bars of quotes, bullets, numbers, task boxes, lines
across.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QTextBlock, QTextDocument

from cort_desktop.gui.markdown.copying import BARS, BULLET, RULE
from cort_desktop.gui.markdown.look import Look

BAR = 3
_BULLET_GAP = 0.5
_BOX = 0.86


def paint_marks(painter: QPainter, document: QTextDocument, look: Look, seen: QRect) -> None:
    """Paint the marks of the blocks that touch ``seen``, in the document's coordinates."""
    layout = document.documentLayout()
    at = layout.hitTest(QPointF(0, seen.top()), Qt.HitTestAccuracy.FuzzyHit) if seen.top() > 0 else 0
    block = document.findBlock(max(0, at))
    if block.previous().isValid():
        block = block.previous()
    marks = _Marks(painter, look)
    above = layout.blockBoundingRect(block.previous()) if block.previous().isValid() else None
    while block.isValid():
        rect = layout.blockBoundingRect(block)
        if rect.top() > seen.bottom():
            return
        marks.paint(block, rect, above)
        block, above = block.next(), rect


class _Marks:
    """Paints with one painter in one look."""

    def __init__(self, painter: QPainter, look: Look) -> None:
        self._painter = painter
        self._look = look

    def paint(self, block: QTextBlock, rect: QRectF, above: QRectF | None) -> None:
        form = block.blockFormat()
        bars = _numbers(form.property(BARS))
        shared = _numbers(block.previous().blockFormat().property(BARS)) if above else set()
        for bar in bars:
            top = above.bottom() if above and bar in shared else rect.top()
            bottom = rect.bottom() if block.next().isValid() else block.document().size().height()
            self._painter.fillRect(QRectF(bar, top, BAR, bottom - top), self._look.colour("line_strong"))
        if form.property(RULE):
            middle = round(rect.center().y())
            self._painter.fillRect(
                QRectF(form.leftMargin(), middle, rect.width(), 1), self._look.colour("line_strong")
            )
        bullet = form.property(BULLET)
        if bullet and block.layout().lineCount():
            self._bullet(str(bullet), block)

    def _bullet(self, bullet: str, block: QTextBlock) -> None:
        line = block.layout().lineAt(0)
        is_right_to_left = block.textDirection() == Qt.LayoutDirection.RightToLeft
        origin = block.layout().position()
        base = origin.y() + line.y() + line.ascent()
        gap = _BULLET_GAP * self._look.em
        edge = origin.x() + line.rect().right() + gap if is_right_to_left else origin.x() + line.x() - gap
        if bullet[0] == "[":
            self._box(edge, base, is_done=bullet == "[x]", is_right_to_left=is_right_to_left)
            return
        metrics = QFontMetricsF(self._look.body)
        width = metrics.horizontalAdvance(bullet)
        self._painter.setFont(self._look.body)
        self._painter.setPen(self._look.colour("muted"))
        self._painter.drawText(QPointF(edge if is_right_to_left else max(0.0, edge - width), base), bullet)

    def _box(self, edge: float, base: float, *, is_done: bool, is_right_to_left: bool) -> None:
        side = _BOX * self._look.em
        left = edge if is_right_to_left else edge - side
        box = QRectF(left, base - side + 0.1 * side, side, side)
        painter = self._painter
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self._look.colour("accent" if is_done else "faint")
        painter.setPen(QPen(colour, 1.2))
        painter.setBrush(colour if is_done else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 3, 3)
        if is_done:
            tick = QPen(self._look.colour("on_accent"), 0.11 * side)
            tick.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(tick)
            points = [
                QPointF(box.left() + x * side, box.top() + y * side)
                for x, y in ((0.22, 0.52), (0.42, 0.72), (0.78, 0.3))
            ]
            painter.drawPolyline(points)
        painter.restore()


def _numbers(words: object) -> set[int]:
    return {int(each) for each in str(words).split(",")} if words else set()
