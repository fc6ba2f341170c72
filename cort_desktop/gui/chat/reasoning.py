"""The model's reasoning, folded away: one line that tells how much there is, and the text on a click."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cort_desktop.gui.chat.text_window import open_text, shown_text
from cort_desktop.gui.chat.wrapped_text import WrappedText
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import button
from cort_desktop.telling import figures

_MOST_INLINE = 20_000


class Reasoning(QWidget):
    """Hidden while there is none."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text = ""
        self._is_open = False
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self._switch = button("", "link-muted")
        self._switch.clicked.connect(self._toggle)
        self._body: WrappedText | None = None
        column.addWidget(self._switch, 0, Qt.AlignmentFlag.AlignLeft)
        self.hide()

    def show_text(self, text: str) -> None:
        """Tell of this reasoning; an open one grows with it."""
        if text == self._text:
            return
        self._text = text
        self.setVisible(bool(text))
        self._draw()

    def _toggle(self) -> None:
        if len(self._text) > _MOST_INLINE:
            open_text(self._theme, self.tr("Reasoning"), self._text, self.window())
            return
        self._is_open = not self._is_open
        self._draw()

    def _draw(self) -> None:
        words = self.tr("Reasoning · {count} characters").format(count=figures.tokens(len(self._text)))
        self._switch.setText(f"{words} {'▾' if self._is_open else '▸'}")
        self._switch.setAccessibleName(words)
        is_open = self._is_open and len(self._text) <= _MOST_INLINE
        if is_open and self._body is None:
            self._body = WrappedText(self._theme, self.tr("Reasoning"), "wrapped-muted")
            self._column.addWidget(self._body)
        if self._body is not None:
            self._body.setVisible(is_open)
            self._body.say(shown_text(self._text) if is_open else "")
