"""The whole window, really opened: every command does something, every part has its name."""

from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QComboBox, QListWidget, QWidget

from cort_desktop import __version__
from cort_desktop.gui.about import AboutDialog
from cort_desktop.gui.opening import Opening
from cort_desktop.gui.preferences.settings_window import SettingsWindow
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import PlainLabel
from tests.fakes.opened_window import opened
from tests.fakes.whole_window import ask
from tests.fakes.window import Gui, until
from tests.gui.chat.chatting import quick_model

NAMES = {
    "conversationList": "Conversations",
    "searchField": "Search",
    "transcript": "Conversation",
    "composer": "Message",
    "sendButton": "Send",
    "stopButton": "Stop",
    "presetPicker": "Thinking",
    "modelPicker": "Model",
    "budgetBar": "Budget",
    "roundTree": "Rounds",
    "readingPane": "Candidate",
    "whyPane": "Why it won",
    "diffPane": "Compare",
    "timeline": "Timeline",
}


def test_every_command_does_something(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path):
            assert ui.actions.without_effect() == []
            assert ui.actions.conflicts() == []

    gui.run(main)


def test_what_is_about_providers_opens_the_settings_at_them(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            opening.window.commands.settings("budget")
            found = opening.window.findChild(SettingsWindow)
            assert found is not None
            pages = found.findChild(QListWidget)
            assert pages is not None
            assert pages.currentItem().text() == "Budget"
            ui.actions["app.providers"].trigger()
            assert pages.currentItem().text() == "Models & providers"
            found.close()
            await until(lambda: not ui.tasks.names)

    gui.run(main)


@pytest.mark.parametrize("asked", [False, True])
def test_the_names_that_never_change_are_there_once_each(gui: Gui, tmp_path: Path, asked: bool) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            if asked:
                await ask(ui, opening.window, "Why is the sky blue?")
            assert opening.window.objectName() == "mainWindow"
            found = Counter(each.objectName() for each in _widgets(opening))
            assert {name: found[name] for name in NAMES} == dict.fromkeys(NAMES, 1)
            told = {name: _part(opening, name).accessibleName() for name in NAMES}
            assert told == NAMES
            own = {name: count for name, count in found.items() if name and not name.startswith("qt_")}
            assert [name for name, count in own.items() if count > 1] == []

    gui.run(main, quick_model())


@pytest.mark.parametrize("asked", [False, True])
def test_whatever_takes_the_focus_has_a_name(gui: Gui, tmp_path: Path, asked: bool) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            if asked:
                await ask(ui, opening.window, "Why is the sky blue?")
            nameless = [
                f"{type(each).__name__} {each.objectName()} in {type(each.parentWidget()).__name__}"
                for each in _widgets(opening)
                if each.focusPolicy() & Qt.FocusPolicy.TabFocus and not _name(each)
                if each.isVisibleTo(opening.window) and not isinstance(each.parentWidget(), QComboBox)
            ]
            assert nameless == []

    gui.run(main, quick_model())


def test_the_size_of_all_text_is_changed_and_kept(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path):
            before = gui.theme.font("body").pointSizeF()
            for _ in range(2):
                await _size_becomes(ui, "view.larger")
            assert ui.app.preferences.settings.appearance.text_size == 120
            assert gui.theme.font("body").pointSizeF() == pytest.approx(1.2 * before, rel=0.02)
            await _size_becomes(ui, "view.smaller")
            assert ui.app.preferences.settings.appearance.text_size == 110
            await _size_becomes(ui, "view.normal")
            assert ui.app.preferences.settings.appearance.text_size == 100

    gui.run(main)
    gui.theme.use(mode="system", percent=100, motion=False)


def test_text_grows_to_an_end(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        await ui.app.preferences.change({("appearance", "text_size"): 200})
        async with opened(ui, tmp_path):
            ui.actions["view.larger"].trigger()
            await until(lambda: not ui.tasks.names)
            assert ui.app.preferences.settings.appearance.text_size == 200

    gui.run(main)
    gui.theme.use(mode="system", percent=100, motion=False)


def test_about_tells_the_version_and_the_licence(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            ui.actions["help.about"].trigger()
            (box,) = opening.window.findChildren(AboutDialog)
            words = [each.text() for each in box.findChildren(PlainLabel)]
            assert any(__version__ in each for each in words)
            assert any("MIT" in each for each in words)
            QApplication.sendEvent(box, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Escape, _NONE))
            assert not box.isVisible()

    gui.run(main)


def test_the_title_names_the_conversation(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            assert opening.window.windowTitle() == "CoRT Desktop"
            await ask(ui, opening.window, "A [*] in a question")
            assert opening.window.windowTitle().endswith("– CoRT Desktop")
            assert "[*][*]" in opening.window.windowTitle()

    gui.run(main, quick_model())


_NONE = Qt.KeyboardModifier.NoModifier


async def _size_becomes(ui: Ui, action: str) -> None:
    before = ui.app.preferences.settings.appearance.text_size
    ui.actions[action].trigger()
    await until(lambda: ui.app.preferences.settings.appearance.text_size != before, action)
    await until(lambda: not ui.tasks.names)


def _widgets(opening: Opening) -> list[QWidget]:
    return opening.window.findChildren(QWidget)


def _part(opening: Opening, name: str) -> QWidget:
    found = opening.window.findChild(QWidget, name)
    assert found is not None, name
    return found


def _name(widget: QWidget) -> str:
    """As a screen reader gets it: the accessible name, else the words on a button."""
    text = getattr(widget, "text", None)
    return widget.accessibleName() or (str(text()) if callable(text) else "")
