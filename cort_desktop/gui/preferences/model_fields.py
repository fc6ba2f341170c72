"""Fields that name models: one, or several in turn. Typed or chosen from what is known."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QCompleter, QHBoxLayout, QLineEdit, QWidget

from cort_desktop.domain.ids import ModelRef
from cort_desktop.gui.preferences.controls import Choice, ChoiceBox

_LEAST_CHARACTERS = 16


class ModelField(QComboBox):
    """One model, as PROVIDER/MODEL. ``chosen`` has what a person settled on."""

    chosen = Signal(str)

    def __init__(self, name: str, when_empty: str = "") -> None:
        """``when_empty``: whom an empty field stands for."""
        super().__init__()
        self.setObjectName(name)
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(_LEAST_CHARACTERS)
        completer = QCompleter(self.model(), self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self.setCompleter(completer)
        self._line.setPlaceholderText(when_empty)
        self._shown = ""
        self.activated.connect(lambda _index: self._settle())
        self._line.editingFinished.connect(self._settle)

    @property
    def _line(self) -> QLineEdit:
        line = self.lineEdit()
        if line is None:
            raise TypeError("an editable combo box has a line")
        return line

    def offer(self, refs: Sequence[ModelRef]) -> None:
        """Offer these models; what is being written stays."""
        text, place = self.currentText(), self._line.cursorPosition()
        was = self.blockSignals(True)
        self.clear()
        self.addItems(list(refs))
        self.setEditText(text)
        self._line.setCursorPosition(place)
        self.blockSignals(was)

    def show_model(self, ref: str) -> None:
        """Show a model; tells nobody. What is being typed stays."""
        is_being_typed = self._line.hasFocus() and self.currentText().strip() != self._shown
        self._shown = ref
        if not is_being_typed:
            self.setEditText(ref)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def _settle(self) -> None:
        text = self.currentText().strip()
        if text != self._shown:
            self._shown = text
            self.chosen.emit(text)


class ModelsField(QWidget):
    """Several models with commas between them, and a box that adds one. ``chosen`` has the list."""

    chosen = Signal(object)

    def __init__(self, name: str, label: str, when_empty: str) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.line.setObjectName(name)
        self.line.setAccessibleName(label)
        self.line.setPlaceholderText(when_empty)
        self.line.setClearButtonEnabled(True)
        self._add = ChoiceBox(f"{name}Add")
        self._add.setAccessibleName(self.tr("Add to %1").replace("%1", label))
        self._shown: tuple[str, ...] = ()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.line, 2)
        row.addWidget(self._add, 1)
        self.setFocusProxy(self.line)
        self.line.editingFinished.connect(self._settle)
        self._add.chosen.connect(self._added)

    def offer(self, refs: Sequence[ModelRef]) -> None:
        """Offer these models for adding."""
        first = Choice(value="", text=self.tr("Add…"))
        self._add.offer([first, *(Choice(value=ref, text=ref) for ref in refs)])

    def show_models(self, refs: Sequence[str]) -> None:
        """Show a list; tells nobody. What is being typed stays."""
        is_being_typed = self.line.hasFocus() and self._refs() != self._shown
        self._shown = tuple(refs)
        if not is_being_typed:
            self.line.setText(", ".join(refs))

    def _added(self, ref: object) -> None:
        self._add.show_value("")
        if ref:
            self.line.setText(", ".join([*self._refs(), str(ref)]))
            self._settle()

    def _settle(self) -> None:
        refs = self._refs()
        if refs != self._shown:
            self._shown = refs
            self.chosen.emit(refs)

    def _refs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(part.strip() for part in self.line.text().split(",") if part.strip()))
