"""Formulas inside a line of text: Qt asks for their size and has them drawn, crisp at every scale.

Qt can put the bottom of such an object where letters like g end; so its height is what stands above the
base line and that little, and what a formula has below may reach into the space between lines. Where it is
more than fits there, a strut (an object without width, around the middle of the line) makes the line
deeper.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect, QRectF, QSizeF
from PySide6.QtGui import QFontMetricsF, QPainter, QPyTextObject, QTextDocument, QTextFormat

from cort_desktop.gui.markdown.copying import FORMULA
from cort_desktop.gui.markdown.drawing import Drawing
from cort_desktop.gui.markdown.typesetter import Typesetter

DRAWN = int(QTextFormat.ObjectTypes.UserObject) + 1
"""The object type of a drawn formula; its TeX is the format's ``FORMULA`` property."""
STRUT = int(QTextFormat.Property.UserProperty) + 7
"""Property of a character format: the height of a strut, in pixels."""
_X_HEIGHT = 0.48
_BETWEEN_LINES = 3.0


class FormulaObjects(QPyTextObject):
    """Draws the formulas of one document; the document must be told (``registerHandler``)."""

    def __init__(self, typesetter: Typesetter, parent: QObject) -> None:
        super().__init__(parent)
        self._typesetter = typesetter

    def intrinsicSize(self, _document: QTextDocument, _at: int, form: QTextFormat) -> QSizeF:
        if form.hasProperty(STRUT):
            return QSizeF(0, form.doubleProperty(STRUT))
        drawing = self._drawing(form)
        if drawing is None:
            return QSizeF(0, 0)
        metrics = QFontMetricsF(form.toCharFormat().font())
        em = em_of(metrics)
        return QSizeF(drawing.width * em, drawing.ascent * em + metrics.descent())

    def drawObject(
        self, painter: QPainter, rect: QRectF | QRect, _document: QTextDocument, _at: int, form: QTextFormat
    ) -> None:
        drawing = self._drawing(form)
        letters = form.toCharFormat()
        renderer = self._typesetter.renderer(_tex(form), letters.foreground().color(), is_display=False)
        if drawing is None or renderer is None:
            return
        metrics = QFontMetricsF(letters.font())
        em = em_of(metrics)
        top = rect.bottom() - metrics.descent() - drawing.ascent * em
        renderer.render(painter, QRectF(rect.left(), top, drawing.width * em, drawing.height * em))

    def _drawing(self, form: QTextFormat) -> Drawing | None:
        return self._typesetter.drawing(_tex(form), is_display=False)


def em_of(metrics: QFontMetricsF) -> float:
    """The size formulas are set in, so that their letters are as high as the text's."""
    return max(1.0, metrics.xHeight() / _X_HEIGHT)


def strut(drawing: Drawing, metrics: QFontMetricsF) -> float:
    """The height of the strut a drawing needs beside text of that font; 0: none."""
    below = (drawing.height - drawing.ascent) * em_of(metrics)
    return 2 * (below + metrics.xHeight() / 4) if below > metrics.descent() + _BETWEEN_LINES else 0.0


def _tex(form: QTextFormat) -> str:
    return str(form.property(FORMULA) or "")
