"""What is asked before something can't be taken back, or before a run is stopped. Never ``exec``: the answer
comes later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtWidgets import QInputDialog, QLabel, QLineEdit, QMessageBox, QWidget

from cort_desktop.domain.library import Conversation
from cort_desktop.gui.library.verbs import named
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import set_role
from cort_desktop.telling.safe import one_line

Then = Callable[[], object]
_ICON_PX = 32


def ask_to_stop(
    ui: Ui, parent: QWidget, conversations: Sequence[Conversation], working: int, then: Then
) -> None:
    """Deleting what is being worked on ends the work."""
    if len(conversations) == 1:
        title = QCoreApplication.translate("Library", "Stop the run and delete {what}?")
        words = QCoreApplication.translate(
            "Library",
            "A run of this conversation is still working. It is stopped first, and what it has so far is "
            "kept: the conversation goes to the bin and can be restored.",
        )
    else:
        title = QCoreApplication.translate("Library", "Stop the work and delete {what}?")
        words = QCoreApplication.translate(
            "Library",
            "Runs of {working} of them are still working. They are stopped first, and what they have so far "
            "is kept: the conversations go to the bin and can be restored.",
        ).format(working=working)
    _ask(
        ui,
        parent,
        title.format(what=named(conversations)),
        words,
        QCoreApplication.translate("Library", "Stop and delete"),
        then,
    )


def ask_to_destroy(ui: Ui, parent: QWidget, conversations: Sequence[Conversation], then: Then) -> None:
    """Deleting for good can't be undone."""
    title = QCoreApplication.translate("Library", "Delete {what} for good?").format(what=named(conversations))
    words = _lost(conversations) + " " + QCoreApplication.translate("Library", "This can’t be undone.")
    _ask(ui, parent, title, words, QCoreApplication.translate("Library", "Delete for good"), then)


def ask_to_empty(ui: Ui, parent: QWidget, conversations: Sequence[Conversation], then: Then) -> None:
    """Emptying the bin is deleting all of it for good."""
    title = QCoreApplication.translate("Library", "Empty the bin?")
    words = (
        QCoreApplication.translate("Library", "In it: {what}.").format(what=named(conversations))
        + " "
        + _lost(conversations)
    )
    _ask(
        ui,
        parent,
        title,
        words + " " + QCoreApplication.translate("Library", "This can’t be undone."),
        QCoreApplication.translate("Library", "Empty the bin"),
        then,
    )


def ask_to_replace(ui: Ui, parent: QWidget, file: str, then: Then) -> None:
    """Another file stands where one is to be written."""
    title = QCoreApplication.translate("Library", "Replace “{file}”?").format(file=one_line(file))
    words = QCoreApplication.translate(
        "Library", "A file of this name is there already. What is in it is lost when it is replaced."
    )
    _ask(ui, parent, title, words, QCoreApplication.translate("Library", "Replace"), then)


def ask_title(parent: QWidget, conversation: Conversation, then: Callable[[str], object]) -> None:
    """Another title for a conversation that has no row in sight."""
    dialog = QInputDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setObjectName("titleDialog")
    dialog.setWindowTitle(QCoreApplication.translate("Library", "Rename conversation"))
    dialog.setLabelText(QCoreApplication.translate("Library", "Title"))
    dialog.setTextValue(conversation.title)
    field = dialog.findChild(QLineEdit)
    if field is not None:
        field.selectAll()
    dialog.textValueSelected.connect(lambda title: then(str(title)))
    dialog.open()


def _ask(ui: Ui, parent: QWidget, title: str, words: str, verb: str, then: Then) -> None:
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setObjectName("libraryQuestion")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setIconPixmap(
        ui.theme.icon("triangle-alert", "warn").pixmap(QSize(_ICON_PX, _ICON_PX), parent.devicePixelRatioF())
    )
    box.setWindowTitle(title)
    box.setText(title)
    box.setInformativeText(words)
    headline = box.findChild(QLabel, "qt_msgbox_label")
    if headline is not None:
        set_role(headline, "strong")
    do = box.addButton(verb, QMessageBox.ButtonRole.DestructiveRole)
    set_role(do, "danger")
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(cancel)
    box.setEscapeButton(cancel)
    do.clicked.connect(lambda _on=False: then())
    box.open()


def _lost(conversations: Sequence[Conversation]) -> str:
    questions = sum(each.turns for each in conversations)
    if questions == 1:
        return QCoreApplication.translate(
            "Library", "Its question is lost with every answer, candidate and verdict that was made for it."
        )
    return QCoreApplication.translate(
        "Library",
        "{questions} questions are lost with every answer, candidate and verdict that was made for them.",
    ).format(questions=questions)
