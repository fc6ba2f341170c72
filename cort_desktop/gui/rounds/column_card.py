"""One candidate to be read beside the others of its round: a head with state and score, its text below."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QMouseEvent, QTextCursor
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from cort_desktop.domain.ids import NodeName
from cort_desktop.gui.rounds.marks import ICON, Marks
from cort_desktop.gui.rounds.text_dialog import displayable
from cort_desktop.gui.widgets import ElidedLabel, PlainLabel, set_role
from cort_desktop.telling.told import Told, Tone

WIDTH_CHARACTERS = 36
_BADGES: dict[Tone, str] = {
    "plain": "faint",
    "quiet": "muted",
    "good": "badge-good",
    "bad": "badge-bad",
    "warn": "badge-warn",
    "running": "badge",
}


class ColumnCard(QFrame):
    """A reading card. ``chosen`` has its node when it is clicked or gets the keyboard."""

    chosen = Signal(object)

    def __init__(self, marks: Marks, node: NodeName, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.node = node
        self._marks = marks
        self._given = ""
        self._shown = ""
        set_role(self, "card")
        self._icon = PlainLabel()
        self._name = PlainLabel(node, "mono")
        self._label = ElidedLabel("")
        self._label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._badge = PlainLabel()
        self._score = PlainLabel("", "strong")
        self.text = self._field(node)
        head = QHBoxLayout()
        head.setSpacing(8)
        for widget in (self._icon, self._name):
            head.addWidget(widget)
        head.addWidget(self._label, 1)
        for widget in (self._badge, self._score):
            head.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.text, 1)
        self.setFixedWidth(round(self.fontMetrics().averageCharWidth() * WIDTH_CHARACTERS) + 24)

    def _field(self, node: NodeName) -> QPlainTextEdit:
        field = QPlainTextEdit()
        field.setReadOnly(True)
        field.setUndoRedoEnabled(False)
        field.setTabChangesFocus(True)
        field.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        field.setAccessibleName(self.tr("Text of {node}").format(node=node))
        field.document().setDocumentMargin(0)
        set_role(field, "bare")
        field.installEventFilter(self)
        return field

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
        self.setAccessibleName(told.spoken)

    def show_text(self, text: str, instead: str = "") -> None:
        """The text of the candidate, or ``instead`` where there is none; what is new is added at the end."""
        if text is self._given and text:
            return
        self._given = text
        shown = displayable(text) if text else instead
        if shown == self._shown:
            return
        if self._shown and text and shown.startswith(self._shown):
            cursor = QTextCursor(self.text.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(shown[len(self._shown) :])
        else:
            self.text.setPlainText(shown)
        self._shown = shown

    def set_chosen(self, *, chosen: bool) -> None:
        """Whether it is the one that is looked at."""
        set_role(self, "true" if chosen else "false", "focused")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn and watched is self.text:
            self.chosen.emit(self.node)
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.text.setFocus(Qt.FocusReason.MouseFocusReason)
