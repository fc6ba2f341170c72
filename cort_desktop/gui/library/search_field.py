"""The field that a person types what they look for into; empty, it shows the keys that lead here."""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QIcon, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import PlainLabel, plain_tooltip

_HINT_PX = 10
_PAD = 3
_CHARACTERS = 1000
_BETWEEN_KEYS = re.compile(r"\+(?=.)")
_MOVES: dict[int, int] = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}


class SearchField(QLineEdit):
    """``moved`` has 1 or -1 for the arrow keys, ``entered`` follows Enter, ``left`` Escape."""

    moved = Signal(int)
    entered = Signal()
    left = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("searchField")
        self.setAccessibleName(self.tr("Search"))
        self.setPlaceholderText(self.tr("Search everything"))
        self.setMaxLength(_CHARACTERS)
        self.setTextMargins(0, _PAD, 0, _PAD)
        self._clear = self.addAction(QIcon(), QLineEdit.ActionPosition.TrailingPosition)
        plain_tooltip(self._clear, self.tr("Clear the search"))
        self._clear.triggered.connect(self.left)
        self._clear.setVisible(False)
        self._hint = PlainLabel(role="small", parent=self)
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.textChanged.connect(self._changed)
        theme.changed.connect(self._draw)
        self._draw()

    def set_hint(self, keys: str) -> None:
        """Say which keys lead here."""
        self._hint.setText(keys)
        self._place_hint()

    def event(self, event: QEvent) -> bool:
        """With nothing to undo here, the key is the window's: it brings back what was deleted last."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.matches(QKeySequence.StandardKey.Undo)
            and not self.isUndoAvailable()
        ):
            event.ignore()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in _MOVES:
            self.moved.emit(_MOVES[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_hint()

    def _changed(self, text: str) -> None:
        self._place_hint()
        self._clear.setVisible(bool(text))

    def _draw(self) -> None:
        self._clear.setIcon(self._theme.icon("x"))

    def _place_hint(self) -> None:
        """The hint gives way to what is typed, and to the words in its place when the field is narrow."""
        self._hint.adjustSize()
        words = self.fontMetrics().horizontalAdvance(self.placeholderText())
        has_room = words + self._hint.width() + 4 * _HINT_PX <= self.width()
        self._hint.setVisible(has_room and not self.text())
        top = (self.height() - self._hint.height()) // 2
        self._hint.move(self.width() - self._hint.width() - _HINT_PX, top)


def keys_of(action: QAction) -> str:
    """The keys of an action as a quiet hint, such as "Ctrl K"."""
    return _BETWEEN_KEYS.sub(" ", action.shortcut().toString(QKeySequence.SequenceFormat.NativeText))
