"""A dialog with one text as it is: a raw reply, a request. It is read, searched by eye, and copied."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from cort_desktop.gui.theme import Theme
from cort_desktop.gui.theme.fonts import Face
from cort_desktop.gui.widgets import PlainLabel, button, set_role
from cort_desktop.telling.safe import neutral

LONGEST_LINE = 2000
"""Characters without a line's end; Qt takes a quadratic time for longer ones."""
MOST_CHARACTERS = 400_000
"""More than this is not laid out; a copy has all of it."""


def displayable(text: str) -> str:
    """``text`` for a read-only field: nothing in it acts, long lines are broken, a huge one is cut."""
    lines = neutral(text[:MOST_CHARACTERS]).split("\n")
    return "\n".join(part for line in lines for part in _parts(line))


def _parts(line: str) -> list[str]:
    return [line[at : at + LONGEST_LINE] for at in range(0, max(1, len(line)), LONGEST_LINE)]


class TextField(QPlainTextEdit):
    """A read-only field for text as it is, in one face of the theme."""

    def __init__(self, theme: Theme, name: str, face: Face, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._face: Face = face
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self._restyle()
        set_role(self, "code")
        theme.changed.connect(self._restyle)

    def _restyle(self) -> None:
        self.setFont(self._theme.font(self._face))


def text_field(
    theme: Theme, name: str, parent: QWidget | None = None, *, face: Face = "mono"
) -> QPlainTextEdit:
    """A read-only field for text as it is."""
    return TextField(theme, name, face, parent)


class TextDialog(QDialog):
    """``title`` in its frame, ``about`` above the text; deleted when it is closed. Show it by ``open()``."""

    def __init__(
        self, theme: Theme, title: str, about: str, text: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setObjectName("textDialog")
        self.finished.connect(self.deleteLater)
        self._text = text
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        label = PlainLabel(about, "muted")
        label.setWordWrap(True)
        column.addWidget(label)
        self.field = text_field(theme, title)
        self.field.setPlainText(displayable(text))
        column.addWidget(self.field, 1)
        if len(text) > MOST_CHARACTERS:
            cut = self.tr("Only the beginning is shown; “Copy” has all {count} characters.")
            column.addWidget(PlainLabel(cut.format(count=f"{len(text):,}"), "warn"))
        row = QHBoxLayout()
        row.addStretch(1)
        copy = button(self.tr("Copy"))
        copy.clicked.connect(self._copy)
        close = button(self.tr("Close"), "primary")
        close.clicked.connect(self.accept)
        close.setDefault(True)
        row.addWidget(copy)
        row.addWidget(close)
        column.addLayout(row)
        self.resize(640, 480)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text)
