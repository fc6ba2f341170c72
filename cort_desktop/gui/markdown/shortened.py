"""The line under a text of which only the beginning is shown: how much there is, and the ways to all of
it.
"""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from cort_desktop.gui.markdown.limits import PREVIEW_CHARACTERS
from cort_desktop.gui.widgets import PlainLabel, button


class Shortened(QWidget):
    """Hidden until a text is shortened."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 8, 0, 0)
        row.setSpacing(8)
        self._words = PlainLabel(role="small")
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row.addWidget(self._words, 1)
        self.open = button(self.tr("Open as text"))
        self.copy = button(self.tr("Copy all"))
        row.addWidget(self.open)
        row.addWidget(self.copy)
        self.hide()

    def say(self, length: int) -> None:
        """A text of ``length`` characters is shortened."""
        words = self.tr("Showing the first {shown} of {all} characters.")
        self._words.setText(words.format(shown=f"{PREVIEW_CHARACTERS:,}", all=f"{length:,}"))
        self.show()
