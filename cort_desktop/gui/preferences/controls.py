"""Controls of the settings pages: a choice of values, a switch, and numbers that may also be absent.

None of them changes by the wheel: a page that is scrolled must not change what is set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QSpinBox

_LEAST_CHARACTERS = 10
_INSET_PX = 6
_MOST = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of several: what it stands for, and how it is called."""

    value: object
    text: str


class ChoiceBox(QComboBox):
    """``chosen`` has the value a person chose; showing a value tells nobody."""

    chosen = Signal(object)

    def __init__(self, name: str, choices: Sequence[Choice] = ()) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(_LEAST_CHARACTERS)
        self._choices: list[Choice] = []
        self.offer(choices)
        self.activated.connect(lambda index: self.chosen.emit(self._choices[index].value))

    def offer(self, choices: Sequence[Choice]) -> None:
        """Offer these in place of the ones before; what was shown stays shown if it can."""
        before = self.value
        self._choices = list(choices)
        self.clear()
        self.addItems([choice.text for choice in choices])
        self.show_value(before)

    @property
    def value(self) -> object:
        """What is shown; None before anything was offered."""
        index = self.currentIndex()
        return self._choices[index].value if 0 <= index < len(self._choices) else None

    def show_value(self, value: object) -> None:
        """Show a value; one that isn't offered leaves the box as it is."""
        for index, choice in enumerate(self._choices):
            if choice.value == value:
                self.setCurrentIndex(index)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class Tick(QCheckBox):
    """On or off, said in its own words. ``chosen`` has what a person set; showing a state tells nobody."""

    chosen = Signal(bool)

    def __init__(self, name: str, words: str) -> None:
        super().__init__(words)
        self.setObjectName(name)
        self.clicked.connect(self.chosen)

    def show_state(self, is_on: bool) -> None:
        """Show a state."""
        self.setChecked(is_on)


class WholeBox(QSpinBox):
    """A whole number, or None shown as ``absent``. ``chosen`` has what a person set."""

    chosen = Signal(object)

    def __init__(self, name: str, low: int, high: int, absent: str = "") -> None:
        super().__init__()
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setKeyboardTracking(False)
        self.setGroupSeparatorShown(True)
        self.lineEdit().setTextMargins(_INSET_PX, 0, 0, 0)
        self._low = low
        self._absent = absent
        self.limit(low, high, absent)
        self.valueChanged.connect(lambda _value: self.chosen.emit(self.number))

    def limit(self, low: int, high: int, absent: str = "") -> None:
        """Take another range; tells nobody."""
        was = self.blockSignals(True)
        self._low, self._absent = low, absent
        self.setRange(low - 1 if absent else low, min(high, _MOST))
        self.setSpecialValueText(absent)
        self.blockSignals(was)

    @property
    def number(self) -> int | None:
        """What is shown; None for absent."""
        return None if self._absent and self.value() < self._low else self.value()

    def show_number(self, number: int | None) -> None:
        """Show a number, as far as it can be shown; tells nobody. What is being typed stays."""
        if _is_being_typed(self):
            return
        was = self.blockSignals(True)
        self.setValue(self.minimum() if number is None else min(number, self.maximum()))
        self.blockSignals(was)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class DecimalBox(QDoubleSpinBox):
    """A number with a point, or None shown as ``absent``. ``chosen`` has what a person set."""

    chosen = Signal(object)

    def __init__(
        self, name: str, low: float, high: float, *, step: float, digits: int = 2, absent: str = ""
    ) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setKeyboardTracking(False)
        self.setDecimals(digits)
        self.lineEdit().setTextMargins(_INSET_PX, 0, 0, 0)
        self.setSingleStep(step)
        self._low = low
        self._absent = absent
        self.setRange(low - step if absent else low, high)
        self.setSpecialValueText(absent)
        self.valueChanged.connect(lambda _value: self.chosen.emit(self.number))

    @property
    def number(self) -> float | None:
        """What is shown; None for absent."""
        if self._absent and self.value() < self._low:
            return None
        return round(self.value(), self.decimals())

    def show_number(self, number: float | None) -> None:
        """Show a number; tells nobody. What is being typed stays."""
        if _is_being_typed(self):
            return
        was = self.blockSignals(True)
        self.setValue(self.minimum() if number is None else number)
        self.blockSignals(was)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


def _is_being_typed(box: QSpinBox | QDoubleSpinBox) -> bool:
    """Whether something stands there that was typed and not taken yet."""
    number = box.textFromValue(box.value())  # type: ignore[arg-type]  # each takes its own
    taken = f"{box.prefix()}{number}{box.suffix()}"
    if box.specialValueText() and box.value() == box.minimum():
        taken = box.specialValueText()
    return box.hasFocus() and box.text() != taken
