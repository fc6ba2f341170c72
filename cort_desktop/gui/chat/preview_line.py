"""One quiet line below the answer so far: who writes, and the last words of one of them.

Its height never changes while it is there, and its words change a few times a second: it is looked at, not
read along.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from cort_desktop.gui.chat.preview import Preview
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import ElidedLabel, PlainLabel

_ICON_PX = 14
_INDENT_PX = 24
"""Below the words of the line above, which stand beside an icon."""
_PAUSE_MS = 250
_NARROW_PX = 400


class PreviewLine(QWidget):
    """Shows a ``Preview``; hidden without one."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._next: Preview | None = None
        self._shown: Preview | None = None
        self._is_bare = False
        row = self._row = QHBoxLayout(self)
        row.setSpacing(8)
        self._icon = PlainLabel()
        self.words = PlainLabel("", "small")
        self.node = PlainLabel("", "mono")
        self.tail = ElidedLabel("", "small", mode=Qt.TextElideMode.ElideLeft)
        row.addWidget(self._icon)
        row.addWidget(self.words)
        row.addWidget(self.node)
        row.addWidget(self.tail, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._catch_up)
        theme.changed.connect(self._draw_icon)
        self._draw_icon()
        self.hide()

    def show_preview(self, preview: Preview | None, *, is_bare: bool = False) -> None:
        """Show it, at the latest a quarter of a second from now; None hides the line at once.

        is_bare: who writes is said by a line above, below whose words the text stands.
        """
        self._next, self._is_bare = preview, is_bare
        if preview is None:
            self._pause.stop()
            self._shown = None
            self.hide()
        elif not self._pause.isActive():
            self._catch_up()

    def _catch_up(self) -> None:
        if self._next is None or self._next == self._shown:
            return
        self._shown = self._next
        self.words.setText(self._shown.words)
        self.node.setText(self._shown.node or "")
        self.tail.setText(self._shown.tail)
        self._fit()
        self.setVisible(True)
        self._pause.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where there is little room, the words of the text matter more than those about it."""
        has_tail = self._shown is not None and bool(self._shown.tail)
        is_bare = self._is_bare and has_tail
        self._icon.setVisible(not is_bare)
        self.words.setVisible(not is_bare and (self.width() > _NARROW_PX or not has_tail))
        self.node.setVisible(bool(self.node.text()) and (self._is_several or self.words.isHidden()))
        self._row.setContentsMargins(_INDENT_PX if is_bare else 0, 2, 0, 2)

    @property
    def _is_several(self) -> bool:
        return self._shown is not None and self._shown.is_among_several

    def _draw_icon(self) -> None:
        self._icon.setPixmap(self._theme.icon("pencil", "running").pixmap(_ICON_PX, _ICON_PX))
