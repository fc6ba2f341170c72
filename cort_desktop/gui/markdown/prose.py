"""Prose: paragraphs, headings and lists in a real text widget, so that selecting, reading aloud and links by
keyboard come from Qt itself. Nothing is loaded by it: ``loadResource`` has nothing to give.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QMimeData, QRectF, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPaintEvent, QTextOption
from PySide6.QtWidgets import QFrame, QTextBrowser, QWidget

from cort_desktop.gui.markdown.copying import BARS, RULE, true_text
from cort_desktop.gui.markdown.formula_objects import DRAWN, FormulaObjects
from cort_desktop.gui.markdown.look import Look
from cort_desktop.gui.markdown.part import Part
from cort_desktop.gui.markdown.prose_writer import ProseWriter
from cort_desktop.gui.markdown.typesetter import Typesetter
from cort_desktop.gui.markdown.values import Block
from cort_desktop.gui.widgets import set_role

_BAR = 3


class ReadingText(QTextBrowser):
    """A text to read: selectable, never editable; it opens nothing and loads nothing."""

    followed = Signal(str)

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        set_role(self, "bare")
        self.ensurePolished()  # the style sheet's first look at a widget takes its font away
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        flags = Qt.TextInteractionFlag
        self.setTextInteractionFlags(flags.TextBrowserInteraction | flags.TextSelectableByKeyboard)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)  # the view has one for all parts
        self.document().setDocumentMargin(0)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.restyle(look)
        self.anchorClicked.connect(lambda url: self.followed.emit(url.toString(QUrl.ComponentFormattingOption.FullyEncoded)))

    def restyle(self, look: Look) -> None:
        """Take the fonts and colours of ``look``."""
        self._look = look
        self.setFont(look.body)
        self.document().setDefaultFont(look.body)
        self.document().setIndentWidth(look.indent)
        self.viewport().setAutoFillBackground(False)

    def loadResource(self, _kind: int, _name: QUrl | str) -> Any:  # noqa: N802 - Qt's name
        """Nothing, in a form that keeps Qt from opening the name itself."""
        return QImage()

    def createMimeDataFromSelection(self) -> QMimeData:  # noqa: N802 - Qt's name
        data = QMimeData()
        data.setText(true_text(self.textCursor()))
        return data

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(0, 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Keys that would scroll this text, which is never scrolled, are for the transcript around it."""
        if event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown) and not event.modifiers():
            event.ignore()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self.viewport())
        self._paint_marks(painter, event.rect().top(), event.rect().bottom())
        painter.end()
        super().paintEvent(event)

    def _paint_marks(self, painter: QPainter, top: int, bottom: int) -> None:
        """The bars of quotes and the lines across, which a QTextDocument has no words for."""
        layout = self.document().documentLayout()
        block = self.cursorForPosition(self.viewport().rect().topLeft()).block()
        if top > 0:
            at = layout.hitTest(QRectF(0, top, 1, 1).topLeft(), Qt.HitTestAccuracy.FuzzyHit)
            block = self.document().findBlock(max(0, at))
        line = self._look.colour("line_strong")
        while block.isValid():
            rect = layout.blockBoundingRect(block)
            if rect.top() > bottom:
                return
            form = block.blockFormat()
            for bar in str(form.property(BARS) or "").split(","):
                if bar:
                    gap = form.topMargin() if block.previous().isValid() and block.previous().blockFormat().property(BARS) else 0
                    painter.fillRect(QRectF(int(bar), rect.top() - gap, _BAR, rect.height() + gap), line)
            if form.property(RULE):
                painter.fillRect(QRectF(form.leftMargin(), rect.center().y(), rect.width(), 1), line)
            block = block.next()


class Prose(Part):
    """A run of prose blocks."""

    def __init__(self, look: Look, typesetter: Typesetter, parent: QWidget) -> None:
        super().__init__(look, parent)
        self.text = ReadingText(look, self)
        self.edit = self.text
        self.text.setAccessibleName(self.tr("Answer text"))
        self.text.followed.connect(self.asked)
        self._objects = FormulaObjects(typesetter, self)
        self.text.document().documentLayout().registerHandler(DRAWN, self._objects)
        self._writer = ProseWriter(self.text.document(), look, typesetter)
        self._width = -1
        self._height = 0
        typesetter.ready.connect(self._formulas_ready)
        self.setFocusProxy(self.text)

    def show_blocks(self, blocks: tuple[Block, ...]) -> None:
        self._writer.write(blocks)
        self.blocks = blocks
        self._width = -1

    def height_at(self, width: int) -> int:
        if width != self._width:
            self._width = width
            self.text.document().setTextWidth(width)
            self._height = round(self.text.document().size().height() + 0.499)
        return self._height

    def restyle(self, look: Look) -> None:
        self.look = look
        self.text.restyle(look)
        self._rewrite()

    def place(self, at: int, *, is_end: bool = False) -> int:
        return self._writer.spots.place(at, is_end=is_end)

    def resizeEvent(self, _event: object) -> None:  # noqa: N802 - Qt's name
        self.text.setGeometry(self.rect())

    def _formulas_ready(self) -> None:
        if self._writer.waits:
            self._rewrite()
            self.resized.emit()

    def _rewrite(self) -> None:
        cursor = self.text.textCursor()
        start, end = cursor.anchor(), cursor.position()
        self._writer.rewrite(self.look)
        last = self.text.document().characterCount() - 1
        self.select(min(start, last), min(end, last))
        self._width = -1
