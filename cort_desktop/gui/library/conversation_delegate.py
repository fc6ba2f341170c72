"""Paints a row of the conversation list on one line, and edits a title in its place."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QToolTip, QWidget

from cort_desktop.gui.library.models import ROW_ROLE
from cort_desktop.gui.library.painting import DOT, EDGE, GAP, Brush
from cort_desktop.gui.library.rows import Entry, Heading
from cort_desktop.gui.theme import Colour, Theme
from cort_desktop.gui.widgets import set_role
from cort_desktop.services.library import LONGEST_TITLE

_PAD = 19
"""Pixels that a row is higher than its words."""
_PIN_PX = 12
_Index = QModelIndex | QPersistentModelIndex


class ConversationDelegate(QStyledItemDelegate):
    """Rows are all of one height, so that thousands of them are laid out at once."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:
        return QSize(0, QFontMetrics(self._theme.font("body")).height() + _PAD)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row = index.data(ROW_ROLE)
        painter.save()
        brush = Brush(painter=painter, option=option, theme=self._theme)
        if isinstance(row, Entry):
            self._paint_entry(brush, row)
        elif isinstance(row, Heading):
            low = brush.inner.adjusted(0, EDGE + GAP, 0, 0)
            brush.words(low, row.words, self._theme.font("small"), "faint")
        painter.restore()

    def _paint_entry(self, brush: Brush, row: Entry) -> None:
        brush.ground(is_open=row.is_open)
        room = brush.inner
        colour, word = self._state(row)
        if row.conversation.pinned:
            brush.icon(room, "pin", _PIN_PX)
            room.setRight(room.right() - _PIN_PX - 2 * GAP)
        if word:
            font = self._theme.font("small")
            width = QFontMetrics(font).horizontalAdvance(word) + 1
            brush.words(
                QRect(room.right() - width + 1, room.top(), width, room.height()), word, font, "faint"
            )
            room.setRight(room.right() - width - 2 * GAP)
        if colour is not None:
            brush.dot(room, colour)
            room.setLeft(room.left() + DOT + 2 * GAP)
        brush.words(room, row.title, self._theme.font("body"), "text")

    def _state(self, row: Entry) -> tuple[Colour | None, str]:
        match row.condition:
            case "working":
                return "running", row.word
            case "stopping":
                return "running", self.tr("stopping")
            case "finished":
                return "good", self.tr("done")
            case "idle":
                return None, ""

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, _index: _Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setObjectName("titleEditor")
        editor.setAccessibleName(self.tr("Title"))
        editor.setMaxLength(LONGEST_TITLE)
        editor.textChanged.connect(lambda _text: set_role(editor, "", "state"))
        return editor

    def setEditorData(self, editor: QWidget, index: _Index) -> None:
        """The row may change while its title is written, as its run gets on: what is written stays."""
        if not (isinstance(editor, QLineEdit) and editor.isModified()):
            super().setEditorData(editor, index)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: _Index) -> None:
        editor.setGeometry(option.rect.adjusted(EDGE, 1, -EDGE, -1))

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """A title without a character is refused, in words, and the editor stays."""
        if (
            isinstance(editor, QLineEdit)
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and not editor.text().strip()
        ):
            set_role(editor, "bad", "state")
            words = self.tr("A title needs at least one character.")
            QToolTip.showText(editor.mapToGlobal(editor.rect().bottomLeft()), words, editor)
            editor.setAccessibleDescription(words)
            return True
        return super().eventFilter(editor, event)
