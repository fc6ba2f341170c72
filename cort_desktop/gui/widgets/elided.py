"""A line of text that shortens itself with an ellipsis, and tells the whole in its tooltip."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QStyle, QStyleOption, QWidget

from cort_desktop.gui.widgets.basics import plain_tooltip
from cort_desktop.gui.widgets.plain_label import PlainLabel

_NARROWEST_PX = 24


class ElidedLabel(PlainLabel):
    """One line, cut where the room ends."""

    def __init__(
        self,
        text: str = "",
        role: str = "",
        parent: QWidget | None = None,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        self._mode = mode
        super().__init__(text, role, parent)
        self.setIndent(0)  # else one with a border is wider by half a letter, at one side
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def setText(self, text: str) -> None:
        """Show ``text`` on one line."""
        line = " ".join(text.split())
        super().setText(line)
        plain_tooltip(self, line)
        self.setAccessibleName(line)

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(hint.width(), hint.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(_NARROWEST_PX, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        option = QStyleOption()
        option.initFrom(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)
        room = self.contentsRect()
        side = (
            QStyle.visualAlignment(self.layoutDirection(), self.alignment()) | Qt.AlignmentFlag.AlignAbsolute
        )
        line = self.fontMetrics().elidedText(self.text(), self._mode, room.width())
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)  # its own direction orders it
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(room, int(side) | int(Qt.TextFlag.TextSingleLine), line)
