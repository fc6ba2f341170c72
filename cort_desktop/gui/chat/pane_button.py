"""A small button in the head of the conversation that hides or shows a pane beside it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import IconButton, plain_tooltip


class PaneButton(IconButton):
    """Does what the action does; ``words`` are its name while the pane is seen and while it is not."""

    def __init__(
        self, ui: Ui, action: str, icon: str, words: tuple[str, str], parent: QWidget | None = None
    ) -> None:
        super().__init__(ui.theme, icon, words[1], parent)
        self._action = ui.actions[action]
        self._words = words
        self.clicked.connect(self._action.trigger)
        self._action.changed.connect(self._say)
        self._say()

    def _say(self) -> None:
        """What a click would do now, and the key that does it, too."""
        words = self._words[0] if self._action.isChecked() else self._words[1]
        self.setAccessibleName(words)
        keys = self._action.shortcut().toString(self._action.shortcut().SequenceFormat.NativeText)
        plain_tooltip(self, f"{words} ({keys})" if keys else words)
