"""The field a question is written in: grows from one to ten lines, and knows the keys of sending.

Enter sends, Shift+Enter is a new line, Ctrl+Enter sends with thinking, Ctrl+Up in an empty field edits the
last question. While an input method composes, every key is its own. Files that are pasted or dropped are
handed on; a long text stays text. Lines without an end are broken in the field, since Qt would take seconds
for each key in them; what is read from it, and copied, has them whole.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QDropEvent, QFocusEvent, QInputMethodEvent, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

_MOST_LINES = 10
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_RUN = 2000
_CUT = "\u2063\u2062\u2063"
"""Three letters that can't be seen, before a line break that isn't in the text."""


class MessageEdit(QPlainTextEdit):
    """``sent`` has whether thinking was asked for; ``dropped`` a list of paths."""

    sent = Signal(bool)
    escaped = Signal()
    edit_last = Signal()
    dropped = Signal(object)
    focused = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_composing = False
        self._has_cuts = False
        self.setObjectName("composer")
        self.setAccessibleName(self.tr("Message"))
        self.setPlaceholderText(self.tr("Ask something hard…"))
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(2)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    def toPlainText(self) -> str:
        return self._whole(super().toPlainText())

    def setPlainText(self, text: str) -> None:
        super().setPlainText(self._broken(text))

    def createMimeDataFromSelection(self) -> QMimeData:
        data = super().createMimeDataFromSelection()
        if self._has_cuts:
            data = QMimeData()
            data.setText(self._whole(self.textCursor().selectedText().replace("\u2029", "\n")))
        return data

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.minimumHeight())

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.matches(QKeySequence.StandardKey.Undo)
            and not self.document().isUndoAvailable()
        ):
            event.ignore()  # nothing to take back here: the key is the window's
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if self._is_composing:
            super().keyPressEvent(event)
        elif event.key() in _ENTER and not shift:
            self.sent.emit(control)
        elif event.key() in _ENTER:
            self.textCursor().insertText("\n")
            self.ensureCursorVisible()
        elif event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        elif event.key() == Qt.Key.Key_Up and control and not self.toPlainText():
            self.edit_last.emit()
        else:
            super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._is_composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._is_composing = False
        super().focusOutEvent(event)
        self.focused.emit(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return bool(local_files(source)) or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        files = local_files(source)
        if files:
            self.dropped.emit(files)
        elif source.hasText() and (held := self._broken(source.text())) != source.text():
            self.textCursor().insertText(held)
            self.ensureCursorVisible()
        elif source.hasText():
            super().insertFromMimeData(source)

    def dropEvent(self, event: QDropEvent) -> None:
        files = local_files(event.mimeData())
        if files:
            event.acceptProposedAction()
            self.dropped.emit(files)
        else:
            super().dropEvent(event)

    def _broken(self, text: str) -> str:
        """``text`` as the field holds it."""
        lines = text.split("\n")
        if max(map(len, lines)) <= _RUN:
            return text
        self._has_cuts = True
        cut = f"{_CUT}\n"
        return "\n".join(cut.join(line[at : at + _RUN] for at in range(0, len(line), _RUN)) for line in lines)

    def _whole(self, held: str) -> str:
        """What the field holds as it was written; a person may have taken a line break away, not the cut."""
        return held.replace(f"{_CUT}\n", "").replace(_CUT, "") if self._has_cuts else held

    def _fit(self, *_size: object) -> None:
        """Be as high as the text, up to ten lines; beyond that the text scrolls."""
        line = self.fontMetrics().lineSpacing()
        lines = max(1, min(_MOST_LINES, round(self.document().size().height())))
        frame = 2 * self.frameWidth() + round(2 * self.document().documentMargin())
        self.setFixedHeight(lines * line + frame + 2)
        overflows = self.document().size().height() > _MOST_LINES
        shown = Qt.ScrollBarPolicy.ScrollBarAsNeeded if overflows else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        if self.verticalScrollBarPolicy() != shown:
            self.setVerticalScrollBarPolicy(shown)


def local_files(source: QMimeData) -> list[Path]:
    """The files of this machine that a clipboard or a drop names."""
    urls = source.urls() if source.hasUrls() else []
    # `//host/share` would be asked of the network by merely looking at it.
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile() and not url.host()]
