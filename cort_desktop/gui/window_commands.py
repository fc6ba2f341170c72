"""What the commands of the window itself do: settings, palette, sheet, text size, full screen, about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMainWindow

from cort_desktop.gui.command_dialogs import Palette, ShortcutSheet
from cort_desktop.gui.panes import Panes
from cort_desktop.gui.ui import Ui

if TYPE_CHECKING:
    from cort_desktop.gui.preferences.settings_window import SettingsWindow

SMALLEST, LARGEST, STEP = 80, 200, 10


class WindowCommands(QObject):
    """Connected once, for one window."""

    def __init__(self, window: QMainWindow, ui: Ui, panes: Panes) -> None:
        super().__init__(window)
        self._window = window
        self._ui = ui
        self._settings: SettingsWindow | None = None
        on = ui.actions.on
        on("app.settings", self.settings)
        on("app.providers", lambda: self.settings("models"))
        on("app.budget", lambda: self.settings("budget"))
        on("app.quit", window.close)
        on("pane.next", panes.next)
        on("pane.previous", lambda: panes.next(-1))
        on("view.full_screen", self._full_screen)
        on("view.larger", lambda: self._scale(STEP))
        on("view.smaller", lambda: self._scale(-STEP))
        on("view.normal", lambda: self._scale(None))
        on("help.shortcuts", lambda: ShortcutSheet(ui.actions, window).open())
        on("help.palette", lambda: Palette(ui.actions, window).open())
        on("help.about", self._about)

    def settings(self, page: str | None = None) -> None:
        """Open the settings, or bring them to the front, at a page."""
        from cort_desktop.gui.preferences.settings_window import SettingsWindow

        if self._settings is None:
            # Kept when it is closed: what it looks up or saves may come to its fields later than that.
            self._settings = SettingsWindow(self._ui, self._window)
        if page is not None:
            self._settings.show_page(page)
        self._settings.show()
        self._settings.raise_()
        self._settings.activateWindow()

    def _full_screen(self) -> None:
        window = self._window
        window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _scale(self, step: int | None) -> None:
        """Make all text larger or smaller, and remember it."""
        now = self._ui.app.preferences.settings.appearance.text_size
        size = 100 if step is None else max(SMALLEST, min(LARGEST, now + step))
        self._ui.tasks.start(
            self._ui.app.preferences.change({("appearance", "text_size"): size}), name="text size"
        )

    def _about(self) -> None:
        from cort_desktop.gui.about import AboutDialog

        AboutDialog(self._ui, self._window).open()
