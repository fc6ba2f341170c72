"""A label for foreign words: shown as they are, and never wider than its place because one of them is long.

Qt breaks lines between words alone, so a single address or key in an error message would make the whole
window as wide as it is, for good. Where lines are broken, long words get places to break at: characters of no
width, which neither ``text`` nor a copy has.
"""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLabel, QMenu, QWidget

from cort_desktop.gui.widgets.basics import set_role

_BREAK = "\u200b"
_PIECE = 6
_LONG_WORD = re.compile(r"[^\s\u200b]{24,}")
_PIECES = re.compile(f".{{{_PIECE}}}(?=.)", re.DOTALL)


class PlainLabel(QLabel):
    """A label whose text is never taken for HTML: Qt's default would load what foreign text names."""

    def __init__(self, text: str = "", role: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._said = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        if role:
            set_role(self, role)

    def setText(self, text: str) -> None:
        self._said = text
        super().setText(breakable(text) if self.wordWrap() else text)

    def text(self) -> str:
        return self._said

    def setWordWrap(self, on: bool) -> None:
        super().setWordWrap(on)
        self.setText(self._said)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.hasSelectedText() and event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if not self.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse:
            super().contextMenuEvent(event)
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Copy"), self.copy).setEnabled(self.hasSelectedText())
        menu.addAction(self.tr("Copy all"), lambda: QGuiApplication.clipboard().setText(self._said))
        menu.popup(event.globalPos())

    def copy(self) -> None:
        """Put what is selected on the clipboard, as it was said."""
        words = self.selectedText()
        is_ours = _BREAK not in self._said
        QGuiApplication.clipboard().setText(words.replace(_BREAK, "") if is_ours else words)


def breakable(text: str) -> str:
    """``text`` with places in its long words where a line may end."""
    return _LONG_WORD.sub(lambda word: _PIECES.sub(lambda piece: piece[0] + _BREAK, word[0]), text)
