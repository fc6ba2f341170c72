"""The two choices of the composer: how to think and with which model. Combo boxes, each with its label.

Linux tells a screen reader a combo box's value as its name; so the label is its buddy, present but without
room. What there is to choose comes in as values; nothing is looked up here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter, QWidget

from cort_desktop.gui.chat.picker_rows import CHOSEN_ROLE, HEADING_ROLE, WORDS_ROLE, PickerRows
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import PlainLabel, set_role, tooltip_text

_MOST_VISIBLE = 14
_WIDEST_PX, _NARROWEST_PX = 220, 56
_AROUND_PX, _SLACK_PX = 40, 4
_BESIDE_PX = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One entry: ``value`` is what it stands for; None is a heading that can't be chosen. ``words`` say what
    it is, in a line.
    """

    value: object
    text: str
    words: str = ""


class Picker(QComboBox):
    """A combo box over ``Option``s, seen once there are some. ``picked`` has the value chosen; ``wanted``: it
    is about to open.
    """

    picked = Signal(object)
    wanted = Signal()

    def __init__(self, theme: Theme, name: str, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._has_rows = False
        self.setObjectName(name)
        self.setAccessibleName(label)
        set_role(self, "picker")
        self.setMaxVisibleItems(_MOST_VISIBLE)
        self.setMaximumWidth(_WIDEST_PX)
        self.currentTextChanged.connect(lambda _text: self.updateGeometry())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._options: list[Option] = []
        self._shown = ""
        self.activated.connect(self._activated)
        self.label = PlainLabel(label, parent=parent)
        self.label.setBuddy(self)
        self.label.setFixedSize(0, 0)
        self.hide()

    def offer(self, options: Sequence[Option], value: object) -> None:
        """Offer these, with ``value`` chosen; nothing is told."""
        options = list(options)
        if options != self._options:
            self._options = options
            self._fill()
            self.setVisible(bool(options))
        self.choose(value)

    def choose(self, value: object) -> None:
        """Show a value as chosen; nothing is told."""
        places = [at for at, option in enumerate(self._options) if option.value == value]
        if places and places[0] != self.currentIndex():
            self.setCurrentIndex(places[0])

    def showPopup(self) -> None:
        self._make_rows()
        self.wanted.emit()
        self._mark()
        self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + _BESIDE_PX)
        super().showPopup()

    def sizeHint(self) -> QSize:
        """As wide as what is chosen, not as the longest entry."""
        hint = super().sizeHint()
        words = self.fontMetrics().horizontalAdvance(self.currentText())
        return QSize(min(_WIDEST_PX, words + _AROUND_PX), hint.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(_NARROWEST_PX, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """As Qt does it, but what has no room ends in an ellipsis."""
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        room = max(0, self.width() - _AROUND_PX + _SLACK_PX)
        words = self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)
        option.currentText = words
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def wheelEvent(self, event: Any) -> None:
        """A wheel that scrolls by must not change what a question costs."""
        event.ignore()

    def _activated(self, index: int) -> None:
        self.picked.emit(self._options[index].value)

    def _fill(self) -> None:
        model = QStandardItemModel(len(self._options), 1, self)
        for row, option in enumerate(self._options):
            item = QStandardItem(option.text)
            item.setToolTip(tooltip_text(option.words))
            item.setData(option.words, WORDS_ROLE)
            item.setAccessibleDescription(option.words)
            if option.value is None:
                item.setData(True, HEADING_ROLE)
                item.setEnabled(False)
            model.setItem(row, 0, item)
        was_open = self.view().isVisible()
        self.setModel(model)  # the old one was ours, Qt deletes it
        if was_open:
            self._mark()
            super().showPopup()

    def _make_rows(self) -> None:
        """The list is painted by our own hand from the first time it opens: there is no hurry before."""
        if not self._has_rows:
            self._has_rows = True
            self.setItemDelegate(PickerRows(self._theme, self))

    def _mark(self) -> None:
        """Say which entry is the one chosen now."""
        for row in range(self.count()):
            self.setItemData(row, row == self.currentIndex(), CHOSEN_ROLE)
