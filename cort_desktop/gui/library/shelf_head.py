"""The line above the archive and the bin: which of them it is, the way back, and what can be done there."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cort_desktop.gui.library.rows import Shelf
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import FlowLayout, IconButton, PlainLabel, button


class ShelfHead(QWidget):
    """Hidden above the conversations themselves."""

    back_wanted = Signal()
    restore_wanted = Signal()
    destroy_wanted = Signal()
    empty_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        back = IconButton(theme, "chevron-left", self.tr("Back to the conversations"), self)
        back.clicked.connect(self.back_wanted)
        self._title = PlainLabel(role="strong", parent=self)
        self._empty = button(self.tr("Empty…"), "link", self)
        self._empty.setAccessibleName(self.tr("Empty the bin"))
        self._empty.clicked.connect(self.empty_wanted)
        self._words = PlainLabel(role="small", parent=self)
        self._words.setWordWrap(True)
        self._restore = button(self.tr("Restore"), parent=self)
        self._restore.clicked.connect(self.restore_wanted)
        self._destroy = button(self.tr("Delete for good…"), parent=self)
        self._destroy.clicked.connect(self.destroy_wanted)
        line = QHBoxLayout()
        line.setContentsMargins(12, 0, 12, 0)
        line.setSpacing(4)
        line.addWidget(back)
        line.addWidget(self._title, 1)
        line.addWidget(self._empty, 0, Qt.AlignmentFlag.AlignRight)
        self._verbs = QWidget(self)
        verbs = FlowLayout(self._verbs, 8)
        verbs.addWidget(self._restore)
        verbs.addWidget(self._destroy)
        self._words.setContentsMargins(16, 0, 16, 0)
        self._verbs.setContentsMargins(16, 0, 16, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(8)
        column.addLayout(line)
        column.addWidget(self._words)
        column.addWidget(self._verbs)

    def show_shelf(self, shelf: Shelf, *, is_empty: bool, has_selection: bool) -> None:
        """Say where a person is, and what can be done now."""
        self.setVisible(shelf != "all")
        in_bin = shelf == "bin"
        self._title.setText(self.tr("Bin") if in_bin else self.tr("Archived"))
        self._words.setText(
            self.tr("What you delete stays here until you empty the bin. Restore a conversation to open it.")
            if in_bin
            else self.tr("Out of the list, and still found by the search.")
        )
        self._empty.setVisible(in_bin and not is_empty)
        self._verbs.setVisible(in_bin and not is_empty)
        self._restore.setEnabled(has_selection)
        self._destroy.setEnabled(has_selection)
