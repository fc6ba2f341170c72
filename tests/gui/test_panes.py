"""Which panes are seen in a window of which width, and where the focus goes with F6."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from cort_desktop.gui.main_window import MainWindow
from cort_desktop.gui.ui import Ui
from tests.fakes.opened_window import opened
from tests.fakes.whole_window import ask
from tests.fakes.window import Gui
from tests.gui.chat.chatting import quick_model

ALL, NO_LIBRARY, ALONE = {"library", "chat", "rounds"}, {"chat", "rounds"}, {"chat"}


def seen(window: MainWindow) -> set[str]:
    """Which panes a person sees; they don't reach out of the window."""
    parts = {"library": window.library, "chat": window.chat, "rounds": window.dock}
    shown = {name for name, part in parts.items() if part.isVisible()}
    for name in shown:
        part: QWidget = parts[name]
        left = part.mapTo(window, part.rect().topLeft()).x()
        assert left >= 0, name
        assert left + part.width() <= window.width(), name
    return shown


@pytest.mark.parametrize(("width", "expected"), [(1440, ALL), (900, ALL), (700, NO_LIBRARY), (512, ALONE)])
def test_what_has_room_is_seen(gui: Gui, tmp_path: Path, width: int, expected: set[str]) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path, width) as opening:
            window = opening.window
            assert window.width() == width
            assert seen(window) == expected
            assert ui.actions["view.library"].isChecked() == ("library" in expected)
            assert ui.actions["view.rounds"].isChecked() == ("rounds" in expected)

    gui.run(main)


def test_in_a_wide_window_each_pane_goes_and_comes(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path, 1440) as opening:
            for action, pane in (("view.library", "library"), ("view.rounds", "rounds")):
                ui.actions[action].trigger()
                assert seen(opening.window) == ALL - {pane}
                assert not ui.actions[action].isChecked()
                ui.actions[action].trigger()
                assert seen(opening.window) == ALL
                assert ui.actions[action].isChecked()

    gui.run(main)


def test_in_a_narrow_one_they_take_the_place_of_each_other(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path, 700) as opening:
            ui.actions["view.library"].trigger()
            assert seen(opening.window) == {"library", "chat"}
            ui.actions["view.rounds"].trigger()
            assert seen(opening.window) == NO_LIBRARY

    gui.run(main)


def test_in_a_very_narrow_one_they_take_that_of_the_conversation(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path, 512) as opening:
            ui.actions["view.library"].trigger()
            assert seen(opening.window) == {"library"}
            ui.actions["chat.new"].trigger()
            assert seen(opening.window) == ALONE
            ui.actions["view.rounds"].trigger()
            assert seen(opening.window) == {"rounds"}
            ui.actions["view.rounds"].trigger()
            assert seen(opening.window) == ALONE

    gui.run(main)


def test_a_conversation_that_is_opened_comes_to_the_front(gui: Gui, tmp_path: Path) -> None:
    """One that a second start handed over was opened behind the library."""

    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path, 512) as opening:
            window = opening.window
            await ask(ui, window, "Why is the sky blue?")
            asked = window.chat.conversation
            assert asked is not None
            ui.actions["view.library"].trigger()
            assert seen(window) == {"library"}
            window.open(asked)
            assert seen(window) == ALONE

    gui.run(main, quick_model())


def test_what_went_for_want_of_room_comes_back_with_it(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path, 1440) as opening:
            window = opening.window
            window.resize(512, 700)
            assert seen(window) == ALONE
            window.resize(1440, 900)
            QApplication.processEvents()
            assert seen(window) == ALL

    gui.run(main)


def test_f6_goes_round_what_is_seen_and_back(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            window = opening.window
            await ask(ui, window, "Why is the sky blue?")
            window.activateWindow()
            window.chat.focus_composer()
            QApplication.processEvents()
            forth = _round(ui, "pane.next", window)
            assert forth[0] == "roundTree"
            assert set(forth) >= {"searchField", "conversationList", "transcript", "composer", "roundTree"}
            window.chat.focus_composer()
            back = _round(ui, "pane.previous", window)
            assert back == [*reversed(forth[:-1]), "composer"]

    gui.run(main, quick_model())


def test_f6_leaves_out_what_is_hidden(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path, 512) as opening:
            window = opening.window
            window.activateWindow()
            window.chat.focus_composer()
            QApplication.processEvents()
            assert set(_round(ui, "pane.next", window)) <= {"transcript", "composer"}

    gui.run(main)


def _round(ui: Ui, action: str, window: MainWindow) -> list[str]:
    """The stops until the composer has the focus again."""
    stops: list[str] = []
    while len(stops) < 12 and stops[-1:] != ["composer"]:
        ui.actions[action].trigger()
        focused = QApplication.focusWidget()
        assert focused is not None
        stops.append(_stop(focused, window))
    return stops


def _stop(focused: QWidget, window: MainWindow) -> str:
    at: QWidget | None = focused
    names = {
        "searchField", "conversationList", "transcript", "composer", "roundTree", "roundMap", "roundColumns",
        "inspectorTabs", "timeline",
    }  # fmt: skip
    while at is not None and at is not window:
        if at.objectName() in names:
            return at.objectName()
        at = at.parentWidget()
    raise AssertionError(f"the focus is nowhere: {focused}")
