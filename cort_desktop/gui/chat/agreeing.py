"""The question before a person's own tests are run on this machine: their text, what holds them in here, and
what does not.

Asked each time the tests change, before anything is sent. What is asked and kept is ``services/consents.py``.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import PlainLabel, set_role
from cort_desktop.services.verifiers import Consent
from cort_desktop.telling.safe import neutral, one_line

_ICON_PX = 16
_WIDTH_PX, _TEXT_PX = 560, 180


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWanted:
    """What is asked, and where the answer goes: True for yes."""

    consent: Consent
    answer: asyncio.Future[bool]


def ask_consent(wanted: ConsentWanted, theme: Theme, parent: QWidget) -> None:
    """Ask; closing the window is a no."""
    dialog = ConsentDialog(wanted.consent, theme, parent)

    def answered(result: int) -> None:
        if not wanted.answer.done():
            wanted.answer.set_result(result == QDialog.DialogCode.Accepted)

    def given_up(_answer: asyncio.Future[bool]) -> None:
        if wanted.answer.cancelled():
            dialog.reject()

    dialog.finished.connect(answered)
    wanted.answer.add_done_callback(given_up)
    dialog.open()


class ConsentDialog(QDialog):
    """Accepted is yes. Deleted when it is closed; show it by ``open()``."""

    def __init__(self, consent: Consent, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("consentDialog")
        name = one_line(consent.name)
        self.setWindowTitle(self.tr("Run tests on this machine?"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._theme = theme
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        head = PlainLabel(self.tr("Run {name} on the answers?").format(name=name), "title")
        head.setWordWrap(True)
        about = PlainLabel(self._about(consent, name), "muted")
        about.setWordWrap(True)
        column.addWidget(head)
        column.addWidget(about)
        column.addWidget(self._tests(consent), 1)
        for title, icon, colour, lines in (
            (self.tr("What holds them in here"), "circle-check", "good", consent.within),
            (self.tr("What does not hold here"), "triangle-alert", "warn", consent.without),
        ):
            if lines:
                column.addWidget(self._facts(title, icon, colour, lines))
        column.addWidget(self._buttons())
        self.resize(_WIDTH_PX, self.sizeHint().height())

    def _about(self, consent: Consent, name: str) -> str:
        first = (
            self.tr("{name} has changed since you agreed to it.")
            if consent.has_changed
            else self.tr("{name} was never run here.")
        ).format(name=name)
        return f"{first} " + self.tr(
            "Its tests, and the code that models write, would run on this machine. Read them first."
        )

    def _tests(self, consent: Consent) -> QPlainTextEdit:
        text = QPlainTextEdit()
        text.setObjectName("consentTests")
        text.setAccessibleName(self.tr("The tests"))
        text.setReadOnly(True)
        set_role(text, "code")
        text.setTabChangesFocus(True)
        text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        text.setFont(self._theme.font("mono"))
        text.setPlainText(neutral(consent.text))
        text.setMinimumHeight(_TEXT_PX // 2)
        return text

    def _facts(self, title: str, icon: str, colour: str, lines: tuple[str, ...]) -> QWidget:
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(PlainLabel(title, "section"))
        for line in lines:
            row = QHBoxLayout()
            row.setSpacing(8)
            mark, words = PlainLabel(), PlainLabel(line)
            drawn = self._theme.icon(icon, colour)  # type: ignore[arg-type]  # names from the table above
            mark.setPixmap(drawn.pixmap(_ICON_PX, _ICON_PX))
            words.setWordWrap(True)
            words.setAccessibleName(f"{title}: {line}")
            row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(words, 1)
            column.addLayout(row)
        return part

    def _buttons(self) -> QDialogButtonBox:
        """A yes must be meant: Enter is a no, as Esc is."""
        box = QDialogButtonBox()
        yes = box.addButton(self.tr("Run these tests"), QDialogButtonBox.ButtonRole.AcceptRole)
        no = box.addButton(QDialogButtonBox.StandardButton.Cancel)
        yes.setObjectName("consentYes")
        yes.setAutoDefault(False)
        no.setDefault(True)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        return box
