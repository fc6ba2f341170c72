"""A part: a widget that shows some blocks of a text. ``flow`` places parts; here is what each can be
asked.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Signal
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QTextEdit, QWidget

from cort_desktop.gui.markdown import words
from cort_desktop.gui.markdown.copying import true_text
from cort_desktop.gui.markdown.look import Look
from cort_desktop.gui.markdown.values import Block

Found = tuple[int, int]
"""First letter and the one after the last, in ``Part.words``."""


class Part(QWidget):
    """Shows blocks; knows its height at a width; most have an ``edit`` whose text can be selected."""

    resized = Signal()
    """It needs another height."""
    asked = Signal(str)
    """A link was followed: its address."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self.look = look
        self.blocks: tuple[Block, ...] = ()
        self.edit: QTextEdit | QPlainTextEdit | None = None

    @property
    def is_in_use(self) -> bool:
        """Whether a person reads it by keyboard, or has selected a piece of it."""
        focused = QApplication.focusWidget()
        has_focus = focused is not None and (focused is self or self.isAncestorOf(focused))
        return has_focus or (self.edit is not None and self.edit.textCursor().hasSelection())

    def prepare(self, width: int) -> None:
        """Blocks come next, to be laid out at that width: told before, so that they aren't laid out twice."""
        self.resize(width, 1)
        if isinstance(self.edit, QTextEdit):
            self.edit.resize(width, 1)
            self.edit.document().setTextWidth(width)

    def show_blocks(self, blocks: tuple[Block, ...]) -> None:
        """Show these instead; what stays the same is left alone."""
        raise NotImplementedError

    def height_at(self, width: int) -> int:
        """The height it needs."""
        raise NotImplementedError

    def restyle(self, look: Look) -> None:
        """Other colours or fonts; selection stays."""
        raise NotImplementedError

    def place(self, at: int, *, is_end: bool = False) -> int:
        """Where a letter of its words stands in ``edit``."""
        raise NotImplementedError

    def stops(self) -> list[QWidget]:
        """What Tab stops at, in order."""
        return [self.edit or self]

    def words(self) -> str:
        """The words it shows, blocks apart by one line break."""
        return "\n".join(words.shown(block) for block in self.blocks)

    def truth(self) -> str:
        """All of it, as a copy gets it."""
        return "\n\n".join(words.copied(block) for block in self.blocks)

    def reveal(self, at: int) -> None:
        """Make the letter at least reachable, if it is folded away."""

    def selected(self) -> str:
        """What is selected, as a copy gets it."""
        if self.edit is None or not self.edit.textCursor().hasSelection():
            return ""
        return true_text(self.edit.textCursor())

    def select(self, start: int, end: int) -> None:
        """Select between two places of ``edit``."""
        if self.edit is None:
            return
        cursor = self.edit.textCursor()
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        self.edit.setTextCursor(cursor)

    def select_all(self) -> None:
        """Select all of it."""
        if self.edit is not None:
            self.select(0, self.edit.document().characterCount() - 1)

    def clear_selection(self) -> None:
        """Select nothing."""
        if self.edit is not None and self.edit.textCursor().hasSelection():
            cursor = self.edit.textCursor()
            cursor.clearSelection()
            self.edit.setTextCursor(cursor)

    def highlight(self, found: list[Found], current: Found | None) -> None:
        """Colour what a search found; ``current`` stands out."""
        if self.edit is None:
            return
        selections = []
        for each in found:
            selection = QTextEdit.ExtraSelection()
            cursor = QTextCursor(self.edit.document())
            cursor.setPosition(self.place(each[0]))
            cursor.setPosition(self.place(each[1], is_end=True), QTextCursor.MoveMode.KeepAnchor)
            look = QTextCharFormat()
            look.setBackground(self._found_colour(is_current=each == current))
            look.setForeground(self.look.colour("text"))
            selection.cursor, selection.format = cursor, look
            selections.append(selection)
        self.edit.setExtraSelections(selections)

    def _found_colour(self, *, is_current: bool) -> QColor:
        return self.look.colour("found_now" if is_current else "found")

    def spot(self, at: int) -> QRect:
        """Where a letter of its words is drawn, in the part."""
        if self.edit is None:
            return self.rect()
        cursor = QTextCursor(self.edit.document())
        cursor.setPosition(self.place(at))
        rect = self.edit.cursorRect(cursor)
        return rect.translated(self.edit.viewport().mapTo(self, QPoint(0, 0)))
