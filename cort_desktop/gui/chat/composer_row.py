"""The foot of the composer: attach, how to think, with which model, what it would take, Send or Stop.

One row where there is room, in which the estimate says in fewer words what has none; else it stands with Send
in a row below.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cort_desktop.gui.chat.pickers import Picker
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import ElidedLabel, IconButton, button, plain_tooltip, set_role

_GAP_PX = 8
_LEAST = "≈ $0.592"
"""The least an estimate says; the row is made for it, so that it doesn't break with every letter typed."""
_PICKER_PX = 168
"""A picker may have so much of one row; more of it is cut."""
_BETWEEN = " · "
_ABOUT = "≈ "


class ComposerRow(QWidget):
    """Its parts are the composer's to wire."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.attach = IconButton(theme, "plus", self.tr("Attach files"))
        set_role(self.attach, "picker")
        self.preset = Picker(theme, "presetPicker", self.tr("Thinking"), self)
        self.model = Picker(theme, "modelPicker", self.tr("Model"), self)
        self.estimate = ElidedLabel("", "small")
        self.estimate.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setRetainSizeWhenHidden(True)  # the buttons keep their width and place while a run works
        self.estimate.setSizePolicy(policy)
        self.send = button(self.tr("Send"), "primary")
        self.send.setObjectName("sendButton")
        self.send.setAccessibleName(self.tr("Send"))
        self.stop = button(self.tr("Stop"), "danger")
        self.stop.setObjectName("stopButton")
        self.stop.setAccessibleName(self.tr("Stop"))
        self._words = self._tip = ""
        self._below: tuple[QWidget, ...] | None = None
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(_GAP_PX)
        self._first, self._second = QHBoxLayout(), QHBoxLayout()
        for row in (self._first, self._second):
            row.setSpacing(_GAP_PX)
            rows.addLayout(row)
        for clickable in (self.attach, self.preset, self.model, self.estimate, self.send, self.stop):
            clickable.setCursor(Qt.CursorShape.ArrowCursor)
        for picker in (self.preset, self.model):
            picker.currentTextChanged.connect(lambda _text: self._fit())
        self._fit()

    def show_estimate(self, words: str, tooltip: str) -> None:
        """Say what sending would take."""
        self._words, self._tip = words, tooltip
        self._say()

    def show_working(self, *, working: bool) -> None:
        """Send is Stop while a run works, and nothing is estimated."""
        self.send.setVisible(not working)
        self.stop.setVisible(working)
        self.estimate.setVisible(not working)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
        self._say()

    def minimumSizeHint(self) -> QSize:
        """As narrow as its pickers can be: which row anything is in follows from the width there is."""
        least = self.attach.sizeHint().width() + self.send.sizeHint().width() + 2 * _GAP_PX
        return QSize(least, super().minimumSizeHint().height())

    @property
    def is_tall(self) -> bool:
        """Whether there are two rows."""
        return bool(self._below)

    def _fit(self) -> None:
        """Say what stands in the second row: nothing, or the estimate and the buttons."""
        buttons = self.send.sizeHint().width()
        first = self.attach.sizeHint().width() + sum(
            min(_PICKER_PX, each.sizeHint().width()) for each in (self.preset, self.model)
        )
        least = self.estimate.fontMetrics().horizontalAdvance(_LEAST)
        below: tuple[QWidget, ...] = ()
        if self.width() < first + buttons + least + 5 * _GAP_PX:
            below = (self.estimate, self.send, self.stop)
        if below != self._below:
            self._below = below
            self._place()

    def _place(self) -> None:
        for row in (self._first, self._second):
            while row.count():
                row.takeAt(0)
        below = self._below or ()
        for each in (self.attach, self.preset, self.model):
            self._first.addWidget(each)
        if below:
            self._first.addStretch(1)
        (self._second if below else self._first).addWidget(self.estimate, 1)
        for pressed in (self.send, self.stop):
            (self._second if pressed in below else self._first).addWidget(pressed)

    def _say(self) -> None:
        """All of it where it has room, else less of it; the whole is in the tooltip then."""
        metrics, room = self.estimate.fontMetrics(), self._room()
        shown = next(
            (
                each
                for each in (self._words, *shorter(self._words))
                if metrics.horizontalAdvance(each) <= room
            ),
            (shorter(self._words) or (self._words,))[-1],
        )
        self.estimate.setText(shown)
        said = self._tip if shown == self._words else f"{self._words}\n{self._tip}".strip()
        plain_tooltip(self.estimate, said)
        self.estimate.setAccessibleName(self._words)

    def _room(self) -> int:
        if self._below:
            taken = self.send.sizeHint().width() + _GAP_PX if self.send in self._below else 0
            return self.width() - taken
        beside = (self.attach, self.preset, self.model, self.send)
        return self.width() - sum(each.sizeHint().width() for each in beside) - 5 * _GAP_PX


def shorter(words: str) -> tuple[str, ...]:
    """An estimate in fewer words, the longest first: ``≈ 4 calls · $0.02``, ``≈ $0.02``; without a price the
    calls alone.
    """
    parts = words.split(_BETWEEN)
    if len(parts) < 3:  # noqa: PLR2004  calls, tokens, money
        return ()
    calls, money = parts[0], parts[-1]
    has_price = any(letter.isdigit() for letter in money)
    return (_BETWEEN.join((calls, money)), _ABOUT + money if has_price else calls)
