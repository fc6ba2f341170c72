"""Plain text that can be selected, as high as it needs at its width; a word without end is broken too.

Not a label: a label can't break a long word, and what it shows can't be read by letters with a screen reader.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import (
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import set_role
from cort_desktop.telling.safe import neutral

_NARROWEST_PX = 40
_LINE_PERCENT = 125


class WrappedText(QTextEdit):
    """Shows ``text`` as it is, but for characters that act: those are shown by name."""

    def __init__(self, theme: Theme, name: str, role: str = "bare", parent: QWidget | None = None) -> None:
        self._theme = theme
        self._said = ""
        self._hits: list[QTextCursor] = []
        self._heights: dict[int, int] = {}
        super().__init__(parent)
        set_role(self, role)
        self.setAccessibleName(name)
        self.setReadOnly(True)
        self.setAcceptDrops(False)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.document().setDocumentMargin(0)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        policy.setVerticalPolicy(policy.Policy.Preferred)
        self.setSizePolicy(policy)

    def say(self, text: str) -> None:
        """Show another text."""
        if text != self._said:
            self._said = text
            self.setPlainText(neutral(text))
            self._space_lines()
            self._heights.clear()
            self.updateGeometry()

    def _space_lines(self) -> None:
        """Lines of running text need air between them."""
        spaced = QTextBlockFormat()
        spaced.setLineHeight(_LINE_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(spaced)

    @property
    def ideal_width(self) -> int:
        """How wide the text would be if nothing were wrapped, in pixels."""
        document = self._copy()
        document.setTextWidth(-1)
        return round(document.idealWidth()) + 2 + self._beside()

    def find_all(self, words: str) -> int:
        """Mark every place where ``words`` stand; how many there are. Empty words take the marks away."""
        self._hits = []
        cursor = self.document().find(words) if words else QTextCursor()
        while not cursor.isNull():
            self._hits.append(cursor)
            cursor = self.document().find(words, cursor)
        self._draw_hits(-1)
        return len(self._hits)

    def show_hit(self, nth: int) -> int:
        """Mark one hit as the one that is looked at; how far below the top it stands, in pixels."""
        if not 0 <= nth < len(self._hits):
            return 0
        self._draw_hits(nth)
        return self.cursorRect(self._hits[nth]).top()

    def _draw_hits(self, now: int) -> None:
        selections = []
        for place, cursor in enumerate(self._hits):
            selection = QTextEdit.ExtraSelection()
            selection.cursor = cursor
            look = QTextCharFormat()
            look.setBackground(self._theme.colour("found_now" if place == now else "found"))
            selection.format = look
            selections.append(selection)
        self.setExtraSelections(selections)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        room = max(_NARROWEST_PX, width - self._beside())
        if room not in self._heights:
            document = self._copy()  # the one that is shown keeps its width
            document.setTextWidth(room)
            self._heights[room] = round(document.size().height()) + 1
        return self._heights[room]

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._heights.clear()
            self.updateGeometry()

    def _beside(self) -> int:
        """What the frame takes of the width."""
        margins = self.viewportMargins()
        inner = self.contentsMargins()
        return margins.left() + margins.right() + inner.left() + inner.right()

    def _copy(self) -> QTextDocument:
        document = self.document().clone(self)
        document.setDefaultFont(self.font())
        document.deleteLater()
        return document

    def sizeHint(self) -> QSize:
        width = max(_NARROWEST_PX, self.width())
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(_NARROWEST_PX, self.fontMetrics().lineSpacing())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The transcript scrolls, not one text in it."""
        event.ignore()
