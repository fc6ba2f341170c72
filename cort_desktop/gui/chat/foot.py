"""What stands below the transcript: the line of a working run and the composer, as wide as the text above."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cort_desktop.gui.chat.composer import Composer
from cort_desktop.gui.markdown.look import Look
from cort_desktop.gui.ui import Ui

if TYPE_CHECKING:
    from cort_desktop.gui.chat.running_line import RunningLine

_WIDER_PX = 40
_SIDE_PX = 16


class Foot(QWidget):
    """Keeps its two parts in the middle. ``line`` is there when it is ``complete``: no run works before."""

    line: RunningLine

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._theme = ui.theme
        self._column = QVBoxLayout(self)
        self._column.setSpacing(0)
        self.composer = Composer(ui.theme)
        self._column.addWidget(self.composer)
        self._fit()

    def complete(self) -> None:
        """Make the line of a working run."""
        from cort_desktop.gui.chat.running_line import RunningLine

        self.line = RunningLine(self._tokens)
        self._column.insertWidget(0, self.line)

    def _tokens(self, text: str) -> int:
        return self._ui.app.chat.tokens(text)  # which is made when it is first asked

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc means the same wherever the focus is in here; an open popup takes it first."""
        if event.key() == Qt.Key.Key_Escape:
            self.composer.escaped.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        widest = Look.of(self._theme).wide + _WIDER_PX
        side = max(_SIDE_PX, (self.width() - widest) // 2)
        if self._column.contentsMargins().left() != side or not self._column.contentsMargins().top():
            self._column.setContentsMargins(side, 10, side, 12)
