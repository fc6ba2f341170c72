"""``‹ 2/3 ›``: which of several versions is shown, and the way to the next."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import IconButton, PlainLabel


class Pager(QWidget):
    """``turned`` has the place a person went to, from 0. Hidden while there is only one."""

    turned = Signal(int)

    def __init__(self, theme: Theme, what: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._what = what
        self._place = self._count = 0
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._back = IconButton(theme, "chevron-left", self.tr("Previous {what}").format(what=what))
        self._label = PlainLabel("", "small")
        self._on = IconButton(theme, "chevron-right", self.tr("Next {what}").format(what=what))
        for each in (self._back, self._label, self._on):
            row.addWidget(each)
        self._back.clicked.connect(lambda: self.turned.emit(self._place - 1))
        self._on.clicked.connect(lambda: self.turned.emit(self._place + 1))
        self.hide()

    def show_place(self, place: int, count: int) -> None:
        """Show that the ``place``th (from 0) of ``count`` is seen."""
        self._place, self._count = place, count
        self._label.setText(f"{place + 1}/{count}")
        words = self.tr("{what} {place} of {count}")
        self._label.setAccessibleName(words.format(what=self._what, place=place + 1, count=count))
        self._back.setEnabled(place > 0)
        self._on.setEnabled(place < count - 1)
        self.setVisible(count > 1)
