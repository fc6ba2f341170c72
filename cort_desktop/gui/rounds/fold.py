"""Text that is folded away until somebody wants to read it: a model's reasoning."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from cort_desktop.gui.rounds.text_dialog import displayable, text_field
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import set_role

_OPEN_LINES = 12


class Fold(QWidget):
    """A line to click, and the text below it while it is open."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._name = name
        self._shown = ""
        self._text = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.switch = QToolButton()
        self.switch.setCheckable(True)
        self.switch.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.switch.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        set_role(self.switch, "fold")
        self.switch.toggled.connect(self._toggled)
        column.addWidget(self.switch, 0, Qt.AlignmentFlag.AlignLeft)
        self.field = text_field(theme, name, face="body")
        self.field.setFixedHeight(self.field.fontMetrics().lineSpacing() * _OPEN_LINES)
        self.field.hide()
        column.addWidget(self.field)
        theme.changed.connect(self._draw)
        self._draw()

    def show_text(self, text: str) -> None:
        """The text, whole or so far; without any nothing is shown at all."""
        self._text = text
        self.setVisible(bool(text))
        words = self.tr("{name} ({count} characters)").format(name=self._name, count=f"{len(text):,}")
        self.switch.setText(words)
        self.switch.setAccessibleName(words)
        if self.switch.isChecked():
            self._fill()

    def _toggled(self, is_open: bool) -> None:
        self.field.setVisible(is_open)
        if is_open:
            self._fill()
        self._draw()

    def _fill(self) -> None:
        """Show the text; what has grown is put at its end, so that reading on isn't disturbed."""
        shown = displayable(self._text)
        if shown == self._shown:
            return
        if self._shown and shown.startswith(self._shown):
            cursor = QTextCursor(self.field.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(shown[len(self._shown) :])
        else:
            self.field.setPlainText(shown)
        self._shown = shown

    def _draw(self) -> None:
        is_open = self.switch.isChecked()
        self.switch.setIcon(self._theme.icon("chevron-down" if is_open else "chevron-right"))
