"""Formulas inside a line of text: Qt asks for their size and has them drawn, crisp at every scale.

Qt puts the middle of such an object half an x-height above the base line; room is added above or below, so
that the formula's own base line meets the text's.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF, QSizeF
from PySide6.QtGui import QFontMetricsF, QPainter, QPyTextObject, QTextDocument, QTextFormat

from cort_desktop.gui.markdown.copying import FORMULA
from cort_desktop.gui.markdown.drawing import Drawing
from cort_desktop.gui.markdown.typesetter import Typesetter

DRAWN = int(QTextFormat.ObjectTypes.UserObject) + 1
"""The object type of a drawn formula; its TeX is the format's ``FORMULA`` property."""


class FormulaObjects(QPyTextObject):
    """Draws the formulas of one document; the document must be told (``registerHandler``)."""

    def __init__(self, typesetter: Typesetter, parent: QObject) -> None:
        super().__init__(parent)
        self._typesetter = typesetter

    def intrinsicSize(self, _document: QTextDocument, _at: int, form: QTextFormat) -> QSizeF:  # noqa: N802 - Qt's name
        box = self._box(form)
        return QSizeF(box[1].width(), box[2]) if box else QSizeF(0, 0)

    def drawObject(  # noqa: N802 - Qt's name
        self, painter: QPainter, rect: QRectF, _document: QTextDocument, _at: int, form: QTextFormat
    ) -> None:
        box = self._box(form)
        if box is None:
            return
        tex = str(form.property(FORMULA))
        renderer = self._typesetter.renderer(tex, form.toCharFormat().foreground().color(), is_display=False)
        if renderer is not None:
            renderer.render(painter, QRectF(rect.left(), rect.top() + box[0], box[1].width(), box[1].height()))

    def _box(self, form: QTextFormat) -> tuple[float, QSizeF, float] | None:
        """How far down the drawing begins, its size, and the height with the room above and below."""
        drawing = self._typesetter.drawing(str(form.property(FORMULA)), is_display=False)
        if drawing is None:
            return None
        font = form.toCharFormat().font()
        metrics = QFontMetricsF(font)
        em = em_of(metrics)
        size = QSizeF(drawing.width * em, drawing.height * em)
        half = metrics.xHeight() / 2
        return _with_room(drawing, em, size, half)


def em_of(metrics: QFontMetricsF) -> float:
    """The size formulas are set in, so that their letters are as high as the text's."""
    return max(1.0, metrics.xHeight() / 0.48)


def _with_room(drawing: Drawing, em: float, size: QSizeF, half: float) -> tuple[float, QSizeF, float]:
    ascent = drawing.ascent * em
    descent = size.height() - ascent
    # Qt: ascent of the object = height / 2 + half; so height must be 2 * (ascent - half) or 2 * (descent + half).
    above, below = 2 * (ascent - half), 2 * (descent + half)
    height = max(above, below)
    return height / 2 + half - ascent, size, height
