"""What one run may spend in all, when it is gone on with after a cap: a field for each cap it has.

The caps of later runs are the settings'; the way there is offered, too.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from cort_desktop.domain.allowance import granted_anew
from cort_desktop.domain.budget import MICRO, Budget
from cort_desktop.domain.run import RunState
from cort_desktop.gui.chat.allowance import figure
from cort_desktop.gui.widgets import PlainLabel, button

_MOST = 2_000_000_000
_MOST_USD = 1_000_000.0
_CENT = 0.01
_FIELD_PX, _INSET_PX = 160, 6


class CapsDialog(QDialog):
    """``chosen`` has the Budget to go on with; ``settings_wanted``: the caps of all runs are. Deleted when it
    is closed; show it by ``open()``.
    """

    chosen = Signal(object)
    settings_wanted = Signal()

    def __init__(self, state: RunState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("capsDialog")
        self.setWindowTitle(self.tr("Raise the cap"))
        self.finished.connect(self.deleteLater)
        self._state, self._offered = state, granted_anew(state)
        self._values: dict[str, Callable[[], float]] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        words = PlainLabel(
            self.tr(
                "What this run may spend in all, from its first call on. Later runs keep their own caps."
            ),
            "muted",
        )
        words.setWordWrap(True)
        column.addWidget(words)
        column.addLayout(self._fields())
        column.addStretch(1)
        column.addLayout(self._buttons())
        self.setMinimumWidth(440)

    def caps(self) -> Budget:
        """What the fields say."""
        said = {which: read() for which, read in self._values.items()}
        calls, tokens, cost = said.get("calls"), said.get("tokens"), said.get("cost_microusd")
        return Budget(
            calls=None if calls is None else round(calls),
            tokens=None if tokens is None else round(tokens),
            cost_microusd=None if cost is None else round(cost),
            seconds=said.get("seconds"),
        )

    def _fields(self) -> QFormLayout:
        form, offered, spent = QFormLayout(), self._offered, self._state.spent
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        if offered.calls is not None:
            self._whole(form, "calls", self.tr("Calls"), offered.calls, spent.calls)
        if offered.tokens is not None:
            self._whole(form, "tokens", self.tr("Tokens"), offered.tokens, spent.tokens)
        if offered.cost_microusd is not None:
            self._money(form, offered.cost_microusd, spent.booked_microusd)
        if offered.seconds is not None:
            self._seconds(form, offered.seconds, self._state.active_seconds)
        return form

    def _whole(self, form: QFormLayout, which: str, name: str, cap: int, used: int) -> None:
        box = QSpinBox()
        box.setRange(used + 1, _MOST)
        box.setGroupSeparatorShown(True)
        box.setStepType(QSpinBox.StepType.AdaptiveDecimalStepType)
        box.setValue(cap)
        self._values[which] = box.value
        self._add(form, name, box, figure(which, used))

    def _money(self, form: QFormLayout, cap: int, used: int) -> None:
        box = QDoubleSpinBox()
        box.setDecimals(2)
        box.setPrefix("$")
        box.setRange(used / MICRO + _CENT, _MOST_USD)
        box.setSingleStep(0.1)
        box.setValue(cap / MICRO)
        self._values["cost_microusd"] = lambda: box.value() * MICRO
        self._add(form, self.tr("Money"), box, figure("usd", used))

    def _seconds(self, form: QFormLayout, cap: float, used: float) -> None:
        box = QDoubleSpinBox()
        box.setDecimals(0)
        box.setSuffix(self.tr(" s"))
        box.setRange(used + 1, _MOST)
        box.setSingleStep(60)
        box.setValue(cap)
        self._values["seconds"] = box.value
        self._add(form, self.tr("Time"), box, figure("seconds", used))

    def _add(self, form: QFormLayout, name: str, box: QAbstractSpinBox, used: str) -> None:
        box.setAccessibleName(name)
        box.findChildren(QLineEdit)[0].setTextMargins(_INSET_PX, 0, 0, 0)
        box.setMinimumWidth(_FIELD_PX)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(box)
        row.addWidget(PlainLabel(self.tr("spent so far: {amount}").format(amount=used), "small"), 1)
        label = PlainLabel(name)
        label.setBuddy(box)
        form.addRow(label, row)

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        settings = button(self.tr("Caps of all runs…"), "link")
        cancel, go = button(self.tr("Cancel")), button(self.tr("Go on"), "primary")
        settings.clicked.connect(self._to_settings)
        cancel.clicked.connect(self.reject)
        go.clicked.connect(self._go)
        go.setDefault(True)
        row.addWidget(settings)
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(go)
        return row

    def _to_settings(self) -> None:
        self.reject()
        self.settings_wanted.emit()

    def _go(self) -> None:
        self.chosen.emit(self.caps())
        self.accept()
