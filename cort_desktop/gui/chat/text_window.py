"""A text to read in a dialog of its own: a file, a long question, what was left of a broken answer."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import PlainLabel, button, set_role
from cort_desktop.telling.safe import neutral, one_line

_MOST_CHARACTERS = 1_000_000
_LONGEST_LINE = 2_000


def open_text(theme: Theme, title: str, text: str, parent: QWidget, *, is_code: bool = False) -> QDialog:
    """Show ``text`` read-only; Copy takes it whole, as it is. Returns at once."""
    dialog = QDialog(parent)
    dialog.setWindowTitle(one_line(title))
    dialog.resize(720, 560)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(16, 16, 16, 16)
    view = QPlainTextEdit(shown_text(text))
    view.setReadOnly(True)
    view.setAccessibleName(one_line(title))
    set_role(view, "code" if is_code else "reading")
    view.setFont(QFont(theme.font("mono" if is_code else "body")))
    column.addWidget(view, 1)
    row = QHBoxLayout()
    if len(text) > _MOST_CHARACTERS:
        row.addWidget(
            PlainLabel(
                QCoreApplication.translate(
                    "TextWindow", "Only the beginning is shown; Copy takes all of it."
                ),
                "muted",
            )
        )
    row.addStretch(1)
    copy = button(QCoreApplication.translate("TextWindow", "Copy"))
    close = button(QCoreApplication.translate("TextWindow", "Close"), "primary")
    copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
    close.clicked.connect(dialog.close)
    row.addWidget(copy)
    row.addWidget(close)
    column.addLayout(row)
    dialog.finished.connect(dialog.deleteLater)
    view.setFocus()
    dialog.open()
    return dialog


def shown_text(text: str) -> str:
    """``text`` made harmless to lay out: nothing acts, no line is endless, and there is an end to it."""
    lines = neutral(text[:_MOST_CHARACTERS]).split("\n")
    return "\n".join(part for line in lines for part in _parts(line))


def _parts(line: str) -> list[str]:
    if len(line) <= _LONGEST_LINE:
        return [line]
    return [line[at : at + _LONGEST_LINE] for at in range(0, len(line), _LONGEST_LINE)]
