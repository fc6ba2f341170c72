"""Prose: paragraphs, headings and lists in a real text widget, so that selecting, reading aloud and links by
keyboard come from Qt itself. Nothing is loaded by it: ``loadResource`` has nothing to give.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QMimeData, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPaintEvent, QTextOption
from PySide6.QtWidgets import QFrame, QTextBrowser, QTextEdit, QWidget

from cort_desktop.gui.markdown.copying import true_text
from cort_desktop.gui.markdown.formula_objects import DRAWN, FormulaObjects
from cort_desktop.gui.markdown.look import Look
from cort_desktop.gui.markdown.part import Part
from cort_desktop.gui.markdown.prose_marks import paint_marks
from cort_desktop.gui.markdown.prose_writer import ProseWriter
from cort_desktop.gui.markdown.typesetter import Typesetter
from cort_desktop.gui.markdown.values import Block
from cort_desktop.gui.widgets import set_role

_NAMED_BY = 40
"""So many characters of a text stand in its name."""


class ReadingText(QTextBrowser):
    """A text to read: selectable, never editable; it opens nothing and loads nothing."""

    followed = Signal(str)

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.has_marks = False
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
        self.anchorClicked.connect(
            lambda url: self.followed.emit(url.toString(QUrl.ComponentFormattingOption.FullyEncoded))
        )

    def restyle(self, look: Look) -> None:
        """Take the fonts and colours of ``look``."""
        self._look = look
        self.setFont(look.body)
        self.document().setDefaultFont(look.body)
        self.document().setIndentWidth(look.indent)
        self.viewport().setAutoFillBackground(False)

    def loadResource(self, _kind: int, _name: QUrl | str) -> Any:
        """Nothing, in a form that keeps Qt from opening the name itself."""
        return QImage()

    def createMimeDataFromSelection(self) -> QMimeData:
        data = QMimeData()
        data.setText(true_text(self.textCursor()))
        return data

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that would scroll this text, which is never scrolled, are for the transcript around it."""
        if event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown) and not event.modifiers():
            event.ignore()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.has_marks:
            painter = QPainter(self.viewport())
            paint_marks(painter, self.document(), self._look, event.rect())
            painter.end()
        super().paintEvent(event)


class Prose(Part):
    """A run of prose blocks."""

    def __init__(self, look: Look, typesetter: Typesetter, parent: QWidget) -> None:
        super().__init__(look, parent)
        self.text = ReadingText(look, self)
        self.edit = self.text
        # Laid out at the width that it is told; else every resize would lay all of it out once more.
        self.text.setLineWrapMode(QTextEdit.LineWrapMode.FixedPixelWidth)
        self.text.setAccessibleName(self.tr("Answer text"))
        self.text.followed.connect(self.asked)
        self._objects = FormulaObjects(typesetter, self)
        self.text.document().documentLayout().registerHandler(DRAWN, self._objects)
        self._writer = ProseWriter(self.text.document(), look, typesetter)
        typesetter.ready.connect(self._formulas_ready)
        self.setFocusProxy(self.text)

    def show_blocks(self, blocks: tuple[Block, ...]) -> None:
        self._writer.write(blocks)
        self._name()
        self.text.has_marks = self._writer.has_marks
        self.blocks = blocks

    def _name(self) -> None:
        """An answer has several of these, and a conversation many: each is named by how it begins."""
        start = self.text.document().firstBlock().text()[:_NAMED_BY].strip()
        name = self.tr("Answer text: {start}").format(start=start) if start else self.tr("Answer text")
        if name != self.text.accessibleName():
            self.text.setAccessibleName(name)

    def prepare(self, width: int) -> None:
        self.resize(width, 1)
        self.text.resize(width, 1)
        self.height_at(width)

    def height_at(self, width: int) -> int:
        if self.text.lineWrapColumnOrWidth() != width:  # setting it lays all out again
            self.text.setLineWrapColumnOrWidth(width)
        return round(self.text.document().size().height() + 0.499)

    def restyle(self, look: Look) -> None:
        self.look = look
        self.text.restyle(look)
        self._rewrite()

    def place(self, at: int, *, is_end: bool = False) -> int:
        return self._writer.spots.place(at, is_end=is_end)

    def resizeEvent(self, _event: object) -> None:
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
