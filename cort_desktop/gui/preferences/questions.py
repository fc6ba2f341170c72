"""A question before something is done that can't be undone, or that takes from something else.

Words alone: no sign and no stock icon stands beside them. Enter does nothing rash: Cancel has it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QCheckBox, QMessageBox, QWidget

from cort_desktop.gui.widgets import set_role


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked. ``verb`` is on the button that does it; ``is_harmless``: that one has Enter."""

    name: str
    title: str
    words: str
    verb: str
    is_harmless: bool = False


def ask(
    question: Question, window: QWidget, do: Callable[[], object], beside: QCheckBox | None = None
) -> QMessageBox:
    """Show it; ``do`` is called when the answer is yes. Returns at once."""
    box = QMessageBox(window)
    box.setObjectName(question.name)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setWindowTitle(question.title)
    box.setText(question.title)
    box.setInformativeText(question.words)
    if beside is not None:
        box.setCheckBox(beside)
    role = (
        QMessageBox.ButtonRole.AcceptRole if question.is_harmless else QMessageBox.ButtonRole.DestructiveRole
    )
    yes = box.addButton(question.verb, role)
    set_role(yes, "primary" if question.is_harmless else "danger")
    # A standard button would bring an icon of the platform along.
    no = box.addButton(QCoreApplication.translate("Questions", "Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(yes if question.is_harmless else no)
    box.setEscapeButton(no)
    yes.clicked.connect(lambda _on: do())
    box.open()
    return box
