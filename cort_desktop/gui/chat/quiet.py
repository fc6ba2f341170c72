"""A button that shows itself only where the pointer or the focus is, and is there for the keyboard always."""

from __future__ import annotations

from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget

from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import IconButton


class QuietButton(IconButton):
    """Its room is kept, so that nothing moves when it appears."""

    def __init__(self, theme: Theme, icon: str, name: str, parent: QWidget | None = None) -> None:
        self._is_quiet = True
        super().__init__(theme, icon, name, parent)

    def set_quiet(self, is_quiet: bool) -> None:
        """Whether it hides its looks."""
        if self._is_quiet != is_quiet:
            self._is_quiet = is_quiet
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._is_quiet or self.hasFocus():
            super().paintEvent(event)
