"""The text of a code block: real text in a QPlainTextEdit, coloured by line without touching the document."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from PySide6.QtCore import QMimeData, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from cort_desktop.gui.markdown import safe_text, syntax
from cort_desktop.gui.markdown.copying import TRUTH, true_text
from cort_desktop.gui.markdown.limits import RUN
from cort_desktop.gui.markdown.look import Look
from cort_desktop.gui.markdown.spots import Spots
from cort_desktop.gui.widgets import set_role

_RUNS_A_TURN = 3000


class CodeText(QPlainTextEdit):
    """Shows program text as it is. ``show_text`` adds what is new to the end where it can."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        set_role(self, "bare")
        self.ensurePolished()  # the style sheet's first look at a widget takes its font away
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        flags = Qt.TextInteractionFlag
        self.setTextInteractionFlags(flags.TextSelectableByMouse | flags.TextSelectableByKeyboard)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.document().setDocumentMargin(0)
        self.spots = Spots()
        self.longest = 0
        self._letters = 0
        self._text = ""
        self._shown = ""
        self._look = look
        self._colours = _Colours(self.document(), look)
        self.restyle(look)

    @property
    def lines(self) -> int:
        """How many lines it takes on the screen."""
        return self.document().blockCount()

    def restyle(self, look: Look) -> None:
        """Take the fonts and colours of ``look``."""
        self._look = look
        self.setFont(look.mono)
        self.document().setDefaultFont(look.mono)
        self.setTabStopDistance(4 * self.fontMetrics().horizontalAdvance(" "))
        self._colours.restyle(look)
        if self.spots.has_signs:
            text, self._text = self._text, ""
            self.show_text(text)

    def show_text(self, text: str, limit: int | None = None) -> int:
        """Make it say ``text``, which is added to when it has only grown; at most ``limit`` more characters.
        Returns how many are there.
        """
        if not text.startswith(self._text):
            self.clear()
            self.spots = Spots()
            self._colours.forget()
            self._letters, self.longest, self._text, self._shown = 0, 0, "", ""
        added = text[len(self._text) :][:limit]
        self._text += added
        if not added:
            return len(self._text)
        self._colours.grown()
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        made = safe_text.spans(added)
        self._shown += "".join(span.text for span in made)
        for span in made:
            form = self._sign(span.truth) if span.truth is not None else QTextCharFormat()
            self._insert(cursor, span.text, form)
        cursor.endEditBlock()
        return len(self._text)

    def _insert(self, cursor: QTextCursor, text: str, form: QTextCharFormat) -> None:
        column = cursor.positionInBlock()
        for number, line in enumerate(text.split("\n")):
            if number:
                column = 0
                self._put(cursor, "\n", QTextCharFormat())
            column = self._insert_line(cursor, line, form, column)

    def _insert_line(self, cursor: QTextCursor, line: str, form: QTextCharFormat, column: int) -> int:
        """Write a piece of a line, broken where it would be too long. Returns the column after it."""
        at = 0
        while at < len(line):
            if column >= RUN:
                cut = QTextCharFormat()
                cut.setProperty(TRUTH, "")
                cursor.insertText("\u2028", cut)
                column = 0
            piece = line[at : at + RUN - column]
            self._put(cursor, piece, form)
            at += len(piece)
            column += len(piece)
            self.longest = max(self.longest, column)
        return column

    def _put(self, cursor: QTextCursor, text: str, form: QTextCharFormat) -> None:
        self.spots.add(self._letters, cursor.position(), text)
        cursor.insertText(text, form)
        self._letters += len(text)

    def _sign(self, truth: str) -> QTextCharFormat:
        form = QTextCharFormat()
        form.setProperty(TRUTH, truth)
        form.setForeground(self._look.colour("warn"))
        form.setBackground(self._look.colour("warn_soft"))
        self.spots.has_signs = True
        return form

    def colour(self, lexer: Any, *, is_whole: bool) -> bool:
        """Colour on for a while; once ``is_whole``, all of it. Returns whether there is more to do."""
        return self._colours.work(self._shown, lexer, is_whole=is_whole)

    def createMimeDataFromSelection(self) -> QMimeData:
        data = QMimeData()
        data.setText(true_text(self.textCursor()))
        return data

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Only sideways is for this text; up and down belong to what is around it."""
        if self.verticalScrollBar().maximum() or abs(event.angleDelta().x()) > abs(event.angleDelta().y()):
            super().wheelEvent(event)
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown) and not event.modifiers():
            event.ignore()
            return
        super().keyPressEvent(event)


class _Colours(QSyntaxHighlighter):
    """Holds the runs of each line and lays them over the text when Qt asks."""

    def __init__(self, document: QTextDocument, look: Look) -> None:
        super().__init__(document)
        self._formats: dict[str, QTextCharFormat] = {}
        self.forget()
        self.restyle(look)

    def forget(self) -> None:
        """No colours."""
        self._lines: dict[int, list[syntax.Run]] = {}
        self._fresh: dict[int, list[syntax.Run]] = {}
        self._source: Iterator[tuple[int, syntax.Run | None]] | None = None
        self._first = self._last = 0  # the lines that are being read
        self._read_to = 0  # letters read so far
        self._is_whole = False

    def grown(self) -> None:
        """There is more text than was read as a whole."""
        self._is_whole = False

    def restyle(self, look: Look) -> None:
        """Other colours for the same runs."""
        self._formats.clear()
        for kind in ("syntax_keyword", "syntax_string", "syntax_number", "syntax_comment", "good", "bad"):
            form = QTextCharFormat()
            colour: QColor = look.colour(kind)
            form.setForeground(colour)
            if kind == "syntax_comment":
                form.setFontItalic(True)
            self._formats[kind] = form
        if self._lines:
            self.rehighlight()

    def highlightBlock(self, _text: str) -> None:
        for run in self._lines.get(self.currentBlock().blockNumber(), ()):
            self.setFormat(run.start, run.length, self._formats[run.kind])

    def work(self, text: str, lexer: Any, *, is_whole: bool) -> bool:
        """Read on; see ``CodeText.colour``."""
        if self._source is None and self._is_whole:
            return False
        if self._source is None and not self._begin(text, lexer, is_whole=is_whole):
            return False
        count = 0
        for number, run in islice(self._source or (), _RUNS_A_TURN):
            count += 1
            if run is not None:
                self._fresh.setdefault(self._first + number, []).append(run)
        if count < _RUNS_A_TURN:
            self._source = None
            self._lay()
        return self._source is not None or (is_whole and not self._is_whole)

    def _begin(self, text: str, lexer: Any, *, is_whole: bool) -> bool:
        start, end = (0, len(text)) if is_whole else (self._read_to, text.rfind("\n") + 1)
        if start >= end:
            return False
        piece = text[start:end]
        self._first = 0 if is_whole else self._last
        self._last = self._first + piece.count("\n") + is_whole
        self._is_whole, self._read_to = is_whole, end
        self._fresh = {}
        self._source = syntax.runs(piece, lexer)
        return True

    def _lay(self) -> None:
        for number in range(self._first, self._last):
            fresh = self._fresh.get(number, [])
            if self._lines.get(number, []) != fresh:
                self._lines[number] = fresh
                self.rehighlightBlock(self.document().findBlockByNumber(number))
