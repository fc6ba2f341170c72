"""One candidate to be read beside the others of its round: a head with state and score, its text below."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QDesktopServices, QMouseEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from cort_desktop.domain.ids import NodeName
from cort_desktop.gui.markdown.view import MarkdownView
from cort_desktop.gui.pulse import Pulse
from cort_desktop.gui.rounds.marks import ICON, Marks
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import ElidedLabel, PartsColumn, PlainLabel, plain_tooltip, set_role
from cort_desktop.telling.told import Told, Tone

LEAST_CHARACTERS, MOST_CHARACTERS = 36, 72
"""How wide a card is, in characters of mean width: as the room allows."""
_BADGES: dict[Tone, str] = {
    "plain": "faint",
    "quiet": "muted",
    "good": "badge-good",
    "bad": "badge-bad",
    "warn": "badge-warn",
    "running": "badge",
}


class ColumnCard(QFrame):
    """A reading card: ``area`` takes the keyboard. ``chosen`` has its node when it is clicked."""

    chosen = Signal(object)

    def __init__(
        self, theme: Theme, pulse: Pulse, marks: Marks, node: NodeName, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.node = node
        self._marks = marks
        self._streams = False
        set_role(self, "card")
        self._icon = PlainLabel()
        self._name = PlainLabel(node, "mono")
        self._label = ElidedLabel("")
        self._label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._badge = PlainLabel()
        self._score = PlainLabel("", "strong")
        self.text = MarkdownView(theme, pulse, QDesktopServices.openUrl)
        self.fault = PlainLabel("", "muted")
        self.fault.setWordWrap(True)
        self.area = self._reading_area(node)
        head = QHBoxLayout()
        head.setSpacing(8)
        for widget in (self._icon, self._name):
            head.addWidget(widget)
        head.addWidget(self._label, 1)
        for widget in (self._badge, self._score):
            head.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 4, 8)
        head.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.area, 1)
        letter = self.fontMetrics().averageCharWidth()
        self._least_px = letter * LEAST_CHARACTERS + 24
        self.setMinimumWidth(self._least_px)
        self.setMaximumWidth(letter * MOST_CHARACTERS + 24)

    def fit(self, room_px: int) -> None:
        """Be no wider than the place it is read in, where that is narrow."""
        self.setMinimumWidth(min(self._least_px, room_px))

    def _reading_area(self, node: NodeName) -> QScrollArea:
        inside = PartsColumn()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 4)
        column.addWidget(self.text)
        column.addWidget(self.fault)
        column.addStretch(0)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        area.setAccessibleName(self.tr("Text of {node}").format(node=node))
        area.setWidget(inside)
        return area

    def show_told(self, told: Told) -> None:
        """What its head says."""
        self._icon.setPixmap(self._marks.picture(told.mark, self.devicePixelRatioF(), ICON))
        self._label.setText(told.label)
        self._badge.setText(told.badge)
        self._badge.setVisible(bool(told.badge))
        set_role(self._badge, _BADGES[told.tone])
        QApplication.sendEvent(
            self._badge, QEvent(QEvent.Type.StyleChange)
        )  # a frame asks for its padding then
        self._score.setText(told.score)
        plain_tooltip(self._score, told.score_means)
        self.setAccessibleName(told.spoken)

    def show_text(self, text: str, instead: str = "", *, streams: bool = False) -> None:
        """The text of the candidate, or ``instead`` where there is none. ``streams``: more of it comes."""
        self.fault.setText(instead)
        self.fault.setVisible(bool(instead) and not text)
        if streams:
            if text != self.text.text:
                self.text.stream(text)
        elif text != self.text.text:
            self.text.set_text(text)
        elif self._streams:
            self.text.finish()
        self._streams = streams

    def set_chosen(self, *, chosen: bool) -> None:
        """Whether it is the one that is looked at."""
        set_role(self, "true" if chosen else "false", "focused")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.area.setFocus(Qt.FocusReason.MouseFocusReason)
            self.chosen.emit(self.node)
