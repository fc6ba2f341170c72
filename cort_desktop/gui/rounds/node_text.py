"""Words in which names of nodes can be clicked, or reached with Tab and followed with Enter.

The words are put in as plain characters with anchors around the names: nothing is ever parsed as HTML, and
nothing but a node can be gone to.
"""

from __future__ import annotations

from math import ceil
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QImage, QTextCharFormat, QTextCursor, QTextOption
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QWidget

from cort_desktop.domain.ids import NodeName
from cort_desktop.gui.rounds.why_values import Saying
from cort_desktop.gui.theme import Colour, Theme
from cort_desktop.gui.widgets import set_role

SCHEME = "cort-node"
_LEAST_PX = 60


class NodeText(QTextBrowser):
    """As high as its words need at its width. ``node_chosen`` has the name that was followed."""

    node_chosen = Signal(object)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._heights: dict[int, int] = {}
        self.setAccessibleName(name)
        set_role(self, "bare")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.document().setDocumentMargin(0)
        self.viewport().setAutoFillBackground(False)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.anchorClicked.connect(self._followed)

    def say(self, *parts: tuple[Saying, Colour]) -> None:
        """Show words, each part in a colour of its own."""
        self.clear()
        self._heights.clear()
        cursor = QTextCursor(self.document())
        for saying, colour in parts:
            for piece in saying:
                cursor.insertText(piece.text, self._format(piece.node, colour))
        self.setFocusPolicy(
            Qt.FocusPolicy.StrongFocus
            if any(piece.node for saying, _ in parts for piece in saying)
            else Qt.FocusPolicy.ClickFocus
        )
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self.updateGeometry()

    def loadResource(self, _kind: int, _name: QUrl | str) -> Any:
        return QImage()  # Qt would open the name itself if nothing came back

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        margins = self.contentsMargins()
        room = max(_LEAST_PX, width - margins.left() - margins.right() - 2 * self.frameWidth())
        if room not in self._heights:  # a layout asks for the same dozens of times, and each is a layout
            document = self.document().clone(self)  # the one that is shown keeps its width
            document.setTextWidth(room)
            self._heights[room] = ceil(document.size().height())
            document.deleteLater()
        return self._heights[room] + margins.top() + margins.bottom() + 2 * self.frameWidth()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._heights.clear()
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        width = max(_LEAST_PX, self.width())
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(_LEAST_PX, self.fontMetrics().height())

    def _format(self, node: NodeName | None, colour: Colour) -> QTextCharFormat:
        shape = QTextCharFormat()
        shape.setForeground(self._theme.colour("accent" if node else colour))
        if node:
            shape.setAnchor(True)
            shape.setAnchorHref(f"{SCHEME}:{node}")
        return shape

    def _followed(self, url: QUrl) -> None:
        if url.scheme() == SCHEME:
            self.node_chosen.emit(NodeName(url.path()))
