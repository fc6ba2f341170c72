"""An ordered list of models that stand in for others: added from what is known, moved, taken out.

At most as many as the settings take. Works by keyboard: Alt+Up and Alt+Down move a row, Delete takes it out.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListWidget, QVBoxLayout, QWidget

from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.settings import MOST_FALLBACKS
from cort_desktop.gui.preferences.model_fields import ModelField
from cort_desktop.gui.preferences.rows import line_of
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import IconButton, PlainLabel, button

_ROW_SPARE_PX = 8
_FIELD_CHARACTERS = 36


class FallbackList(QWidget):
    """``chosen`` has the models in their new order, as a tuple."""

    chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._refs: tuple[ModelRef, ...] = ()
        self._none = PlainLabel(self.tr("Nobody: a call that fails for good has failed."), "muted")
        self._none.setWordWrap(True)
        self._list = QListWidget()
        self._list.setObjectName("settingsFallbacks")
        self._list.setAccessibleName(self.tr("Who is asked instead, in this order"))
        self._list.installEventFilter(self)
        self._list.currentRowChanged.connect(lambda _row: self._enable())
        self._up = IconButton(theme, "arrow-up", self.tr("Ask it earlier"))
        self._up.setObjectName("settingsFallbackUp")
        self._up.clicked.connect(lambda: self._move(-1))
        self._down = IconButton(theme, "arrow-down", self.tr("Ask it later"))
        self._down.setObjectName("settingsFallbackDown")
        self._down.clicked.connect(lambda: self._move(1))
        self._out = IconButton(theme, "x", self.tr("Don’t ask it"))
        self._out.setObjectName("settingsFallbackOut")
        self._out.clicked.connect(self._take_out)
        self._field = ModelField("settingsFallback")
        self._field.setAccessibleName(self.tr("A model to ask instead"))
        self._field.setMinimumContentsLength(_FIELD_CHARACTERS)
        line = self._field.lineEdit()
        if line is not None:
            line.setAccessibleName(self.tr("A model to ask instead"))
            line.setPlaceholderText(self.tr("PROVIDER/MODEL"))
        self._field.chosen.connect(lambda _ref: self._enable())
        self._field.editTextChanged.connect(lambda _text: self._enable())
        self._add = button(self.tr("Add"))
        self._add.setObjectName("settingsFallbackAdd")
        self._add.clicked.connect(self._add_it)
        self._moves = line_of(self._up, self._down, self._out)
        self._adding = line_of(self._field, self._add)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for each in (self._none, self._list, self._moves, self._adding):
            column.addWidget(each)
        self.setFocusProxy(self._list)
        self._draw()

    def offer(self, refs: Sequence[ModelRef]) -> None:
        """Offer these models for adding."""
        self._field.offer([ref for ref in refs if ref not in self._refs])

    def show_models(self, refs: Sequence[ModelRef]) -> None:
        """Show a list; tells nobody."""
        if tuple(refs) != self._refs:
            self._refs = tuple(refs)
            self._draw()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Delete and Alt with an arrow, in the list."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            has_alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
            if event.key() == Qt.Key.Key_Delete:
                self._take_out()
                return True
            if has_alt and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                self._move(-1 if event.key() == Qt.Key.Key_Up else 1)
                return True
        return False

    def _draw(self) -> None:
        row = self._list.currentRow()
        self._list.clear()
        for number, ref in enumerate(self._refs, start=1):
            self._list.addItem(f"{number}. {ref}")
        self._list.setCurrentRow(min(max(row, 0), len(self._refs) - 1))
        height = self.fontMetrics().lineSpacing() + _ROW_SPARE_PX
        self._list.setFixedHeight(max(1, len(self._refs)) * height)
        has_some = bool(self._refs)
        self._list.setVisible(has_some)
        self._moves.setVisible(has_some)
        self._none.setVisible(not has_some)
        self._adding.setVisible(len(self._refs) < MOST_FALLBACKS)
        self._enable()

    def _enable(self) -> None:
        row, last = self._list.currentRow(), len(self._refs) - 1
        self._up.setEnabled(row > 0)
        self._down.setEnabled(0 <= row < last)
        self._out.setEnabled(row >= 0)
        text = self._field.currentText().strip()
        self._add.setEnabled(bool(text) and text not in self._refs)

    def _move(self, by: int) -> None:
        row = self._list.currentRow()
        if 0 <= row < len(self._refs) and 0 <= row + by < len(self._refs):
            refs = list(self._refs)
            refs.insert(row + by, refs.pop(row))
            self._tell(tuple(refs), row + by)

    def _take_out(self) -> None:
        row = self._list.currentRow()
        if 0 <= row < len(self._refs):
            self._tell(self._refs[:row] + self._refs[row + 1 :], row)

    def _add_it(self) -> None:
        text = self._field.currentText().strip()
        if text and text not in self._refs:
            self._field.clearEditText()
            self._field.show_model("")
            self._tell((*self._refs, ModelRef(text)), len(self._refs))

    def _tell(self, refs: tuple[ModelRef, ...], row: int) -> None:
        """Show the order at once; what is refused is shown again as it is."""
        self._refs = refs
        self._draw()
        self._list.setCurrentRow(row)
        self.chosen.emit(refs)
