"""The menu bar: away until Alt or F10 asks for it, or there for good."""

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cort_desktop.gui.main_window import MainWindow
from cort_desktop.gui.ui import Ui
from tests.fakes.opened_window import opened
from tests.fakes.window import Gui

pytestmark = pytest.mark.skipif(sys.platform == "darwin", reason="there the menu bar is the system's")
TITLES = ["File", "Edit", "Conversation", "View", "Rounds", "Help"]


def test_f10_shows_it_with_its_first_menu_chosen_and_puts_it_away(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            window = _active(opening.window)
            bar = window.menuBar()
            assert not bar.isVisible()
            QTest.keyClick(window.windowHandle(), Qt.Key.Key_F10)
            assert bar.isVisible()
            assert [each.text().replace("&", "") for each in bar.actions()] == TITLES
            assert bar.activeAction() is bar.actions()[0]
            popup = QApplication.activePopupWidget()
            if popup is not None:  # the first menu, which takes the keys while it is open
                popup.close()
            QTest.keyClick(window.windowHandle(), Qt.Key.Key_F10)
            assert not bar.isVisible()

    gui.run(main)


def test_alt_by_itself_shows_it(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            window = _active(opening.window)
            _alt(window, QEvent.Type.KeyPress)
            assert not window.menuBar().isVisible()
            _alt(window, QEvent.Type.KeyRelease)
            assert window.menuBar().isVisible()

    gui.run(main)


def test_alt_that_was_held_for_a_shortcut_does_not(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            window = _active(opening.window)
            _alt(window, QEvent.Type.KeyPress)
            ui.actions["view.rounds"].trigger()
            _alt(window, QEvent.Type.KeyRelease)
            assert not window.menuBar().isVisible()

    gui.run(main)


def test_it_stays_for_good_and_over_a_restart(gui: Gui, tmp_path: Path) -> None:
    async def first(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            ui.actions["view.menu_bar"].trigger()
            assert opening.window.menuBar().isVisible()

    async def then(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            assert ui.actions["view.menu_bar"].isChecked()
            assert opening.window.menuBar().isVisible()
            ui.actions["view.menu_bar"].trigger()
            assert not opening.window.menuBar().isVisible()

    gui.run(first)
    gui.run(then)


def _active(window: MainWindow) -> MainWindow:
    window.activateWindow()
    QApplication.processEvents()
    assert QApplication.activeWindow() is window
    return window


def _alt(window: MainWindow, kind: QEvent.Type) -> None:
    """Sent to the window of the screen, as a key of a keyboard is."""
    QApplication.sendEvent(
        window.windowHandle(), QKeyEvent(kind, Qt.Key.Key_Alt, Qt.KeyboardModifier.NoModifier)
    )
