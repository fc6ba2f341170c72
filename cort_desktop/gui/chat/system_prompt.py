"""The system text of one conversation: what every question of it is prefaced with."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QMessageBox, QPlainTextEdit, QVBoxLayout, QWidget

from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import PlainLabel, button, set_role


class SystemPrompt(QDialog):
    """``chosen`` has the text; None means that of the settings, an empty one none at all."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, text: str | None, default: str | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("systemPrompt")
        self.setWindowTitle(self.tr("System prompt"))
        self.resize(560, 360)
        self._default = default
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        words = PlainLabel(
            self.tr(
                "Every model that answers in this conversation reads this first. It holds from the next "
                "question on; answers that are there stay as they are."
            ),
            "muted",
        )
        words.setWordWrap(True)
        self._edit = QPlainTextEdit()
        self._edit.setAccessibleName(self.tr("System prompt"))
        self._edit.setPlaceholderText(self.tr("For example: Answer in short sentences. Name your sources."))
        self._edit.setTabChangesFocus(True)
        self._edit.setFont(theme.font("body"))
        set_role(self._edit, "field")
        self._before = text if text is not None else default or ""
        self._edit.setPlainText(self._before)
        column.addWidget(words)
        column.addWidget(self._edit, 1)
        column.addLayout(self._buttons())
        self.finished.connect(self.deleteLater)
        self._edit.setFocus()

    def reject(self) -> None:
        """Esc and the frame’s button: what was written is not thrown away without a word."""
        if self._edit.toPlainText() == self._before:
            super().reject()
            return
        box = QMessageBox(self)
        box.setObjectName("systemPromptQuestion")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setWindowTitle(self.tr("System prompt"))
        box.setText(self.tr("Save the system prompt?"))
        box.setInformativeText(self.tr("What you wrote in it is not saved yet."))
        save = box.addButton(self.tr("Save"), QMessageBox.ButtonRole.AcceptRole)
        leave = box.addButton(self.tr("Don’t save"), QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(self.tr("Go on writing"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(save)
        box.buttonClicked.connect(
            lambda pressed: self._save() if pressed is save else self._leave() if pressed is leave else None
        )
        box.open()

    def _leave(self) -> None:
        super().reject()

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        reset = button(self.tr("As in the settings"))
        cancel, save = button(self.tr("Cancel")), button(self.tr("Save"), "primary")
        reset.clicked.connect(lambda: self._choose(None))
        cancel.clicked.connect(self._leave)
        save.clicked.connect(self._save)
        row.addWidget(reset)
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(save)
        return row

    def _save(self) -> None:
        text = self._edit.toPlainText()
        self._choose(None if text == (self._default or "") else text)

    def _choose(self, text: str | None) -> None:
        self.chosen.emit(text)
        self.accept()
