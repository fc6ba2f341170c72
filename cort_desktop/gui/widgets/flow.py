"""A layout that puts widgets side by side and goes on in the next line, like words.

After Qt's own Flow Layout example (documentation of Qt 6, BSD-3-Clause), the algorithm written anew.
"""

from __future__ import annotations

from PySide6.QtCore import QMargins, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Items in rows as wide as the room; ``gap`` in pixels between them."""

    def __init__(self, parent: QWidget | None = None, gap: int = 8) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self.setContentsMargins(QMargins(0, 0, 0, 0))

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), is_real=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._place(rect, is_real=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        margins = self.contentsMargins()
        return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    def _place(self, rect: QRect, *, is_real: bool) -> int:
        """Put the items into ``rect``, or only see how high they would be; returns the height."""
        margins = self.contentsMargins()
        room = rect.marginsRemoved(margins)
        x, y, height = room.x(), room.y(), 0
        row: list[tuple[QLayoutItem, QRect]] = []
        for item in self._items:
            if item.isEmpty():  # a hidden widget
                continue
            size = item.sizeHint()
            if x + size.width() > room.right() + 1 and row:
                _settle(row, height, is_real=is_real)
                x, y, height, row = room.x(), y + height + self._gap, 0, []
            size.setWidth(min(size.width(), max(0, room.width())))
            row.append((item, QRect(QPoint(x, y), size)))
            x += size.width() + self._gap
            height = max(height, size.height())
        _settle(row, height, is_real=is_real)
        return y + height - rect.y() + margins.bottom()


def _settle(row: list[tuple[QLayoutItem, QRect]], height: int, *, is_real: bool) -> None:
    """Put the items of a row on one middle line: labels beside buttons are lower than these."""
    for item, place in row if is_real else ():
        item.setGeometry(place.translated(0, (height - place.height()) // 2))
