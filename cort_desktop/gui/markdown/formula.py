"""A formula on lines of its own: drawn in the middle of the column, its source while it can't be drawn."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFocusEvent, QFontMetricsF, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QScrollArea, QWidget

from cort_desktop.gui.markdown import safe_text
from cort_desktop.gui.markdown.drawing import Drawing
from cort_desktop.gui.markdown.formula_objects import em_of
from cort_desktop.gui.markdown.look import Look
from cort_desktop.gui.markdown.part import Part
from cort_desktop.gui.markdown.prose import ReadingText
from cort_desktop.gui.markdown.typesetter import Typesetter
from cort_desktop.gui.markdown.values import Block, Formula

_PAD = 4
_LARGER = 1.12
_SMALLEST = 0.7


class FormulaBlock(Part):
    """One formula."""

    def __init__(self, look: Look, typesetter: Typesetter, parent: QWidget) -> None:
        super().__init__(look, parent)
        self._typesetter = typesetter
        self._tex = ""
        self._source = ""
        self._canvas = _Canvas(self)
        self._scroll = QScrollArea(self)
        self._scroll.setWidget(self._canvas)
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.text = ReadingText(look, self)
        self.text.setAccessibleName(self.tr("Formula, as it is written"))
        self._is_selected = False
        typesetter.ready.connect(self._ready)

    @property
    def drawing(self) -> Drawing | None:
        """The drawing when there is one."""
        return self._typesetter.drawing(self._tex, is_display=True) if self._tex else None

    @property
    def em(self) -> float:
        """The size it is drawn at."""
        return em_of(QFontMetricsF(self.look.body)) * _LARGER

    @property
    def is_selected(self) -> bool:
        """Whether a selection goes over it."""
        return self._is_selected

    def show_blocks(self, blocks: tuple[Block, ...]) -> None:
        (formula,) = blocks
        if not isinstance(formula, Formula):
            raise TypeError(formula)
        self.blocks = blocks
        self._tex, self._source = formula.tex if formula.is_closed else "", formula.source
        self._scroll.setAccessibleName(self.tr("Formula: %s") % safe_text.shown_line(formula.tex))
        self.text.setPlainText(safe_text.shown(formula.source))
        self._choose()

    def _ready(self) -> None:
        if self._tex and self._scroll.isHidden() and self.drawing is not None:
            self._choose()
            self.resized.emit()

    def _choose(self) -> None:
        is_drawn = self.drawing is not None
        self._scroll.setVisible(is_drawn)
        self.text.setVisible(not is_drawn)
        self.edit = None if is_drawn else self.text
        self.text.setFont(self.look.mono)

    def scale(self, width: int) -> float:
        """How large it is drawn at that width: wide ones shrink a little before they can be scrolled."""
        drawing = self.drawing
        if drawing is None:
            return 1.0
        return max(_SMALLEST, min(1.0, (width - 2 * _PAD) / max(1.0, drawing.width * self.em)))

    def height_at(self, width: int) -> int:
        drawing = self.drawing
        if drawing is None:
            if self.text.document().textWidth() != width:
                self.text.document().setTextWidth(width)
            return round(self.text.document().size().height() + 0.499)
        scale = self.scale(width)
        height = round(drawing.height * self.em * scale) + 2 * _PAD
        is_wide = drawing.width * self.em * scale + 2 * _PAD > width
        return height + (self._scroll.horizontalScrollBar().sizeHint().height() if is_wide else 0)

    def resizeEvent(self, _event: object) -> None:
        self.text.setGeometry(self.rect())
        self._scroll.setGeometry(self.rect())
        drawing = self.drawing
        if drawing is not None:
            scale = self.scale(self.width())
            width = max(self.width(), round(drawing.width * self.em * scale) + 2 * _PAD)
            self._canvas.resize(width, round(drawing.height * self.em * scale) + 2 * _PAD)

    def restyle(self, look: Look) -> None:
        self.look = look
        self.text.restyle(look)
        self._choose()
        self._canvas.update()

    def place(self, at: int, *, is_end: bool = False) -> int:
        return min(at + is_end * 0, self.text.document().characterCount() - 1)

    def stops(self) -> list[QWidget]:
        return [self._scroll, self.text]

    def truth(self) -> str:
        return self._source

    def selected(self) -> str:
        return self._source if self._is_selected else super().selected()

    def select_all(self) -> None:
        super().select_all()
        self._is_selected = self.edit is None
        self._canvas.update()

    def clear_selection(self) -> None:
        super().clear_selection()
        self._is_selected = False
        self._canvas.update()

    def paint(self, painter: QPainter) -> None:
        """Draw the formula in the middle."""
        drawing = self.drawing
        renderer = self._typesetter.renderer(self._tex, self.look.colour("text"), is_display=True)
        if drawing is None or renderer is None:
            return
        size = self.em * self.scale(self.width())
        left = max(float(_PAD), (self._canvas.width() - drawing.width * size) / 2)
        renderer.render(painter, QRectF(left, _PAD, drawing.width * size, drawing.height * size))


class _Canvas(QWidget):
    """What is scrolled."""

    def __init__(self, block: FormulaBlock) -> None:
        super().__init__()
        self._block = block

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._block.is_selected:
            colour = self.palette().color(QPalette.ColorRole.Highlight)
            colour.setAlpha(70)
            painter.fillRect(self.rect(), colour)
        self._block.paint(painter)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()
