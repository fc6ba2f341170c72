"""What the panes of the inspector have in common: they follow the selection, and sleep while hidden.

A pane is drawn at most once a pulse; what happens while it can't be seen is made up for when it is shown.
"""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from cort_desktop.gui.run_feed import Changes, RunFeed
from cort_desktop.gui.selection import Selection
from cort_desktop.gui.ui import Ui


class Pane(QWidget):
    """Calls ``refresh`` when there is something new to show. A subclass calls ``follow`` once it is built."""

    def __init__(self, ui: Ui, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ui = ui
        self.selection = selection
        self._followed: RunFeed | None = None
        self._is_stale = False

    @property
    def feed(self) -> RunFeed | None:
        """The run that is looked at."""
        return self.selection.feed

    def follow(self) -> None:
        """Begin to follow the selection."""
        self.selection.changed.connect(self._selection_changed)
        self.ui.theme.changed.connect(self.ask)
        self._selection_changed()

    def refresh(self) -> None:
        """Show what is selected as it stands now."""
        raise NotImplementedError

    def concerns(self, changes: Changes) -> bool:
        """Whether ``changes`` to the run may change what is shown."""
        return changes.has_facts

    def ask(self) -> None:
        """Have ``refresh`` called at the next pulse; for a hidden pane when it is shown again."""
        if self.isVisible():
            self.ui.pulse.ask(self.draw)
        else:
            self._is_stale = True

    def draw(self) -> None:
        """Refresh now."""
        self._is_stale = False
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self.draw()

    def _selection_changed(self) -> None:
        if self.feed is not self._followed:
            if self._followed is not None and isValid(self._followed):
                self._followed.changed.disconnect(self._feed_changed)
            self._followed = self.feed
            if self._followed is not None:
                self._followed.changed.connect(self._feed_changed)
        self.ask()

    def _feed_changed(self, changes: Changes) -> None:
        if self.concerns(changes):
            self.ask()
