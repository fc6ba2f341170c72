"""Which panes are seen: what a person wants, as far as the window has room for it.

A window too narrow for all hides the library first, then the rounds; asked for, they take the place of each
other, and in a very narrow one that of the conversation, until a conversation is opened or they are put away.
F6 goes round what is seen.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QSplitter, QWidget

from cort_desktop.gui.actions import Actions
from cort_desktop.gui.window_state import WindowState

LIBRARY_PX, CENTRE_PX, ROUNDS_PX = 200, 340, 320
_CONVERSES = ("chat.new", "chat.new_temporary", "chat.edit_last", "chat.model", "chat.preset")
"""What is done in the conversation, and shows it."""
_SMALLEST_PX = (360, 240)
_LIBRARY_AT_FIRST, _ROUNDS_AT_FIRST = 240, 452


class Panes(QObject):
    """Shows and hides the panes at the sides."""

    def __init__(self, window: QMainWindow, library: QWidget, dock: QDockWidget, actions: Actions) -> None:
        super().__init__(window)
        self._window = window
        self._library = library
        self._dock = dock
        self._actions = actions
        self._wants_library = True
        self._wants_rounds = True
        self._is_fitting = False
        self._alone: QWidget | None = None
        """What stands in the place of the conversation."""
        window.setMinimumSize(*_SMALLEST_PX)  # else it could not become too narrow for a pane to go
        library.setMinimumWidth(LIBRARY_PX)
        dock.setMinimumWidth(ROUNDS_PX)
        self._centre.setMinimumWidth(CENTRE_PX)
        actions.on("view.library", self.toggle_library)
        actions.on("view.rounds", self.toggle_rounds)
        for name in _CONVERSES:
            actions[name].triggered.connect(self.show_conversation)
        dock.visibilityChanged.connect(self._dock_changed)

    def restore(self, state: WindowState) -> None:
        """Take up what was wanted the last time."""
        self._wants_library = bool(state.number("library", 1))
        self._wants_rounds = bool(state.number("rounds", 1))
        splitter = self._splitter
        layout = state.data("splitter")
        if layout is None or not splitter.restoreState(layout):
            splitter.setSizes([_LIBRARY_AT_FIRST, 10_000])
            self._window.resizeDocks([self._dock], [_ROUNDS_AT_FIRST], Qt.Orientation.Horizontal)
        self.fit()

    def save(self, state: WindowState) -> None:
        """Remember what is wanted."""
        state.set_number("library", int(self._wants_library))
        state.set_number("rounds", int(self._wants_rounds))
        state.set_data("splitter", self._splitter.saveState())

    def toggle_library(self) -> None:
        """Show or hide the library."""
        self._wants_library = self._library.isHidden()
        self._alone = (
            self._library if self._wants_library and not self._fits(library=True, rounds=False) else None
        )
        if self._wants_library and not self._fits(library=True, rounds=self._seen_rounds):
            self._wants_rounds = False
        self.fit()

    def toggle_rounds(self) -> None:
        """Show or hide the rounds."""
        self._wants_rounds = self._dock.isHidden()
        has_room = self._dock.isFloating() or self._fits(library=False, rounds=True)
        self._alone = self._dock if self._wants_rounds and not has_room else None
        self.fit()

    def show_rounds(self) -> None:
        """Show the rounds if they are hidden."""
        if self._dock.isHidden():
            self.toggle_rounds()

    def show_conversation(self) -> None:
        """Show the conversation if something stands in its place."""
        if self._alone is None:
            return
        self._alone = None
        self.fit()
        composer = self._window.findChild(QWidget, "composer")
        if composer is not None:
            composer.setFocus()

    def fit(self) -> None:
        """Show what is wanted and has room."""
        if self._is_fitting:
            return
        self._is_fitting = True
        if self._fits(library=self._alone is self._library, rounds=self._alone is self._dock):
            self._alone = None
        alone = self._alone
        rounds = self._wants_rounds and (self._dock.isFloating() or self._fits(library=False, rounds=True))
        library = self._wants_library and self._fits(
            library=True, rounds=rounds and not self._dock.isFloating()
        )
        library, rounds = library or alone is self._library, rounds or alone is self._dock
        shown = {
            self._centre: alone is None,
            self._splitter: alone is not self._dock,
            self._library: library,
            self._dock: rounds,
        }
        for widget in sorted(shown, key=lambda each: shown[each]):  # what goes makes room first
            widget.setVisible(shown[widget])
        self._actions["view.library"].setChecked(library)
        self._actions["view.rounds"].setChecked(rounds)
        self._is_fitting = False

    def next(self, step: int = 1) -> None:
        """Put the focus into the next pane, or the one before."""
        stops = [each for each in self._stops() if each.isVisible()]
        if not stops:
            return
        focused = QApplication.focusWidget()
        at = next((i for i, each in enumerate(stops) if focused is not None and _within(focused, each)), -1)
        stops[(at + step) % len(stops)].setFocus(Qt.FocusReason.TabFocusReason)

    @property
    def _splitter(self) -> QSplitter:
        splitter = self._window.centralWidget()
        if not isinstance(splitter, QSplitter):
            raise TypeError("the library and the conversation stand in a splitter")
        return splitter

    @property
    def _centre(self) -> QWidget:
        centre = self._splitter.widget(1)
        if centre is None:
            raise TypeError("the conversation stands beside the library")
        return centre

    @property
    def _seen_rounds(self) -> bool:
        return self._wants_rounds and not self._dock.isFloating()

    def _fits(self, *, library: bool, rounds: bool) -> bool:
        needed = CENTRE_PX + (LIBRARY_PX if library else 0) + (ROUNDS_PX if rounds else 0)
        return self._window.width() >= needed

    def _dock_changed(self, seen: bool) -> None:
        """A floating dock may be closed by its own button."""
        if not self._is_fitting and self._dock.isFloating() and not seen and self._window.isVisible():
            self._wants_rounds = False
            self._actions["view.rounds"].setChecked(False)

    def _stops(self) -> list[QWidget]:
        """What takes the focus in each pane, in the order of F6."""
        names = (
            "searchField",
            "conversationList",
            "transcript",
            "composer",
            "roundTree",
            "roundMap",
            "roundColumns",
            "inspectorTabs",
            "timeline",
        )
        return [found for name in names if (found := self._window.findChild(QWidget, name)) is not None]


def _within(widget: QWidget, pane: QWidget) -> bool:
    return widget is pane or pane.isAncestorOf(widget)
