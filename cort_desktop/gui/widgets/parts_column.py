"""A column of parts whose height follows its width, such as texts; it is as wide as it is given.

Qt asks every widget in a layout what it would like to be, at widths it will never have, and a column asks its
parts in turn: each answer means to lay all their text out anew, most of what a growing text would cost. This
column wishes nothing of its own; how high it is at the width it has is still answered to the pixel.
"""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget


class PartsColumn(QWidget):
    """Give it a layout. What it stands in decides its width: a scroll area, or a column like it."""

    def sizeHint(self) -> QSize:
        return self.size()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)
