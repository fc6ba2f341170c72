"""The menu bar: out of the way until Alt or F10 asks for it, or for good when a person wants it.

On macOS it belongs to the system and is always there. Keys are seen on their way into the window: a filter
over the whole application would look at every event there is.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication, QMainWindow

from cort_desktop.gui.actions import Actions
from cort_desktop.gui.window_state import WindowState

_KEPT = "menu_bar"


class MenuBarKeys(QObject):
    """Shows and hides the menu bar of a window; ``view.menu_bar`` keeps it."""

    def __init__(self, window: QMainWindow, actions: Actions, state: WindowState) -> None:
        super().__init__(window)
        self._window = window
        self._state = state
        self._switch = actions.on("view.menu_bar", self._switched)
        self._alt_alone = False
        if sys.platform == "darwin":
            self._switch.setVisible(False)
            return
        self._switch.setChecked(bool(state.number(_KEPT, 0)))
        self._switched()
        window.menuBar().installEventFilter(self)
        window.installEventFilter(self)
        self._watch()  # made after the window is painted, as it is at a start
        for action in actions:
            action.triggered.connect(self._not_alone)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.Show and watched is self._window:
            self._watch()
        elif kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            self._alt_alone = event.key() == Qt.Key.Key_Alt
            if event.key() == Qt.Key.Key_F10 and not event.modifiers() and self._is_ours(watched):
                self._open()
                return True
        elif kind == QEvent.Type.KeyRelease and isinstance(event, QKeyEvent):
            # With a menu open the press went to the menu, which closes by it.
            is_meant = self._alt_alone or self._window.menuBar().hasFocus()
            if event.key() == Qt.Key.Key_Alt and is_meant and self._is_ours(watched):
                self._alt_alone = False
                self._open()
        elif kind == QEvent.Type.MouseButtonPress:
            self._alt_alone = False
        elif kind == QEvent.Type.FocusOut and watched is self._window.menuBar():
            self._hide_again()
        return False

    def _watch(self) -> None:
        """Look where keys and clicks come in; a second time changes nothing.

        Not asked for at every event: a window that is being destroyed sends some, too, and must not be asked.
        """
        handle = self._window.windowHandle()
        if handle is not None:
            handle.installEventFilter(self)

    def _not_alone(self) -> None:
        """Alt was held for a shortcut, whose other key never comes by here."""
        self._alt_alone = False

    def _is_ours(self, watched: QObject) -> bool:
        return isinstance(watched, QWindow) and QApplication.activeWindow() is self._window

    def _open(self) -> None:
        """Show the bar with its first menu chosen; a second time puts it away."""
        bar = self._window.menuBar()
        if bar.hasFocus():
            self._window.setFocus()
            self._hide_again()
            return
        bar.show()
        bar.setFocus(Qt.FocusReason.MenuBarFocusReason)
        bar.setActiveAction(bar.actions()[0])

    def _hide_again(self) -> None:
        if not self._switch.isChecked() and QApplication.activePopupWidget() is None:
            self._window.menuBar().hide()

    def _switched(self) -> None:
        self._window.menuBar().setVisible(self._switch.isChecked())
        self._state.set_number(_KEPT, int(self._switch.isChecked()))
