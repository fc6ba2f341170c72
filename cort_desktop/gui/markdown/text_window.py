"""A whole text as it is written, in a window of its own, laid out piece by piece however large it is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from cort_desktop.domain.texts import clean
from cort_desktop.gui.markdown.code_text import CodeText
from cort_desktop.gui.markdown.look import Look
from cort_desktop.gui.pulse import Pulse
from cort_desktop.gui.widgets import PlainLabel, button

_A_TURN = 48 * 1024
_WIDTH, _HEIGHT = 860, 640


class TextWindow(QDialog):
    """Shows ``text``; deleted when it is closed."""

    def __init__(self, text: str, look: Look, pulse: Pulse, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("textWindow")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("The text as it is written"))
        self.resize(_WIDTH, _HEIGHT)
        self._whole = text
        self._pulse = pulse
        rows = QVBoxLayout(self)
        rows.setContentsMargins(12, 12, 12, 12)
        self._text = CodeText(look, self)
        self._text.setAccessibleName(self.tr("The text as it is written"))
        self._text.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        rows.addWidget(self._text, 1)
        row = QHBoxLayout()
        self._state = PlainLabel(role="small")
        row.addWidget(self._state, 1)
        copy = button(self.tr("Copy all"))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(clean(self._whole)))
        row.addWidget(copy)
        close = button(self.tr("Close"))
        close.clicked.connect(self.reject)
        row.addWidget(close)
        rows.addLayout(row)
        self._fill()

    def _fill(self) -> None:
        there = self._text.show_text(self._whole, limit=_A_TURN)
        if there < len(self._whole):
            self._state.setText(self.tr("{share} % so far …").format(share=100 * there // len(self._whole)))
            self._pulse.ask(self._fill)
        else:
            self._state.setText(self.tr("{count} characters").format(count=f"{there:,}"))
