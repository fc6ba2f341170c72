"""The exact request of a node: its messages as people read them, or the JSON as it was sent; both to copy."""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QFont, QGuiApplication, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QTabWidget, QVBoxLayout, QWidget

from cort_desktop.gui.rounds.text_dialog import MOST_CHARACTERS, displayable, text_field
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import PlainLabel, button
from cort_desktop.telling import figures
from cort_desktop.telling.context_words import left_out_words, sent_words
from cort_desktop.telling.safe import one_line


class RequestDialog(QDialog):
    """``node``: whose request it is; ``sent``: the request as JSON, None when it was not kept, and
    ``why_not`` says why. Deleted when it is closed; show it by ``open()``.
    """

    def __init__(
        self, theme: Theme, node: str, sent: str | None, parent: QWidget | None = None, why_not: str = ""
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._sent = sent or ""
        self.setObjectName("requestDialog")
        self.setWindowTitle(self.tr("The exact request of {node}").format(node=node))
        self.finished.connect(self.deleteLater)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 16, 16, 16)
        self._column.setSpacing(8)
        if sent is None:
            self._say(why_not or self.tr("The request of {node} was not stored.").format(node=node))
        else:
            self._show(sent)
        self._column.addLayout(self._buttons())
        self.resize(680, 200 if sent is None else 560)

    def _show(self, sent: str) -> None:
        request = _parsed(sent)
        self._say(facts_words(request) if request is not None else self.tr("This is what was sent."))
        self._say_context(request)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(self.tr("How the request is shown"))
        self.tabs.tabBar().setAccessibleName(self.tr("How the request is shown"))
        if request is not None:
            self.readable = text_field(self._theme, self.tr("Messages"), face="body")
            self._write_messages(self.readable, request.get("messages"))
            self.tabs.addTab(self.readable, self.tr("Messages"))
        self.raw = text_field(self._theme, self.tr("Raw JSON"))
        pretty = sent if request is None else json.dumps(request, ensure_ascii=False, indent=2)
        self.raw.setPlainText(displayable(pretty))
        self.tabs.addTab(self.raw, self.tr("Raw JSON"))
        self._column.addWidget(self.tabs, 1)
        if len(sent) > MOST_CHARACTERS:
            self._say(self.tr("Only the beginning is shown; “Copy the JSON” has all of it."))

    def _say_context(self, request: dict[str, Any] | None) -> None:
        """Of which parts it was made, and what of the conversation is not in it and why."""
        context = None if request is None else request.get("context")
        sent, left = sent_words(context), left_out_words(context)
        if sent:
            self._say(self.tr("Sent: {parts}").format(parts=sent))
        if left:
            self._say(self.tr("Not word for word: {turns}").format(turns=left))

    def _say(self, words: str) -> None:
        label = PlainLabel(words, "muted")
        label.setWordWrap(True)
        self._column.addWidget(label)

    def _write_messages(self, field: QPlainTextEdit, messages: object) -> None:
        """Each message under the name of who speaks."""
        head, text = QTextCharFormat(), QTextCharFormat()
        head.setFontWeight(QFont.Weight.DemiBold)
        head.setForeground(self._theme.colour("accent"))
        text.setForeground(self._theme.colour("text"))
        speakers = {
            "system": self.tr("System"),
            "user": self.tr("User"),
            "assistant": self.tr("Assistant"),
        }
        cursor = QTextCursor(field.document())
        left = MOST_CHARACTERS
        for message in messages if isinstance(messages, list) else []:
            if not isinstance(message, dict):
                continue
            role, content = str(message.get("role", "")), str(message.get("content", ""))
            if not field.document().isEmpty():
                cursor.insertText("\n\n", text)
            cursor.insertText(speakers.get(role, one_line(role)) + "\n", head)
            cursor.insertText(displayable(content[:left]), text)
            left = max(0, left - len(content))
        field.moveCursor(QTextCursor.MoveOperation.Start)

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        if self._sent:
            copy = button(self.tr("Copy the JSON"))
            copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._sent))
            row.addWidget(copy)
        close = button(self.tr("Close"), "primary")
        close.clicked.connect(self.accept)
        close.setDefault(True)
        row.addWidget(close)
        return row


def facts_words(request: dict[str, Any]) -> str:
    """The model and what it was told besides the messages, in a line. It may have come in a file from
    elsewhere: what is of another kind than we write is left to the raw JSON.
    """
    said = [one_line(str(request["model"]))] if request.get("model") else []
    if _is_number(request.get("temperature")):
        words = QCoreApplication.translate("RequestDialog", "temperature {degree}")
        said.append(words.format(degree=f"{request['temperature']:g}"))
    if request.get("max_tokens") and _is_number(request["max_tokens"]):
        words = QCoreApplication.translate("RequestDialog", "at most {count} tokens")
        said.append(words.format(count=f"{request['max_tokens']:,}"))
    if _is_number(request.get("seed")):
        said.append(
            QCoreApplication.translate("RequestDialog", "seed {number}").format(number=request["seed"])
        )
    schema = request.get("reply_schema")
    if isinstance(schema, dict) and schema.get("name"):
        words = QCoreApplication.translate("RequestDialog", "reply must fit “{name}”")
        said.append(words.format(name=one_line(str(schema["name"]))))
    context = request.get("context")
    left_out = context.get("messages_left_out") if isinstance(context, dict) else None
    if left_out and isinstance(left_out, int):
        left = figures.count(left_out, "earlier message")
        said.append(
            QCoreApplication.translate("RequestDialog", "{messages} left out to fit").format(messages=left)
        )
    return " · ".join(said)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _parsed(sent: str) -> dict[str, Any] | None:
    try:
        found = json.loads(sent)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
