"""A person's own tests in the window: asked for before anything is sent, each time they change; a no sends
nothing and leaves the question in the composer."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPlainTextEdit, QPushButton

from cort_desktop.gui.chat.agreeing import ConsentDialog
from cort_desktop.gui.main_window import MainWindow
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import PlainLabel
from tests.fakes.models import good_model
from tests.fakes.whole_window import at_rest, main_window
from tests.fakes.window import CONFIG, Gui, until

TESTS = "def test_it(answer):\n    assert answer\n"


def _config(file: Path) -> str:
    sizes = "alternatives = 2\njudges = 1"
    preset = f'[presets.mine]\nstrategy = "best_of_n"\n{sizes}\nverifier = "python:{file}"\n'
    return CONFIG.replace(f'strategy = "cort"\nrounds = 2\n{sizes}', 'preset = "mine"') + preset


def _type(window: MainWindow, question: str) -> None:
    window.chat.composer.edit.setPlainText(question)
    QTest.keyClick(window.chat.composer.edit, Qt.Key.Key_Return)


async def _dialog(window: MainWindow) -> ConsentDialog:
    await until(lambda: window.findChildren(ConsentDialog), "the question")
    return window.findChildren(ConsentDialog)[0]


async def _answer(window: MainWindow, *, yes: bool) -> None:
    dialog = await _dialog(window)
    if yes:
        button = dialog.findChild(QPushButton, "consentYes")
        assert button is not None
        button.click()
    else:
        QTest.keyClick(dialog, Qt.Key.Key_Return)
    await until(lambda: not window.findChildren(ConsentDialog), "the question to go")


def _words(dialog: ConsentDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(PlainLabel))


def test_tests_are_shown_agreed_to_and_asked_for_again_when_they_change(gui: Gui) -> None:
    gui.home.mkdir(parents=True, exist_ok=True)
    file = gui.home / "tests.py"
    file.write_text(TESTS, encoding="utf-8")

    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            _type(window, "Why?")
            dialog = await _dialog(window)
            text = dialog.findChild(QPlainTextEdit, "consentTests")
            assert text is not None
            assert text.toPlainText() == TESTS
            assert "was never run here" in _words(dialog)
            assert "an empty environment" in _words(dialog)
            await _answer(window, yes=False)
            await at_rest(ui)
            assert window.chat.composer.edit.toPlainText() == "Why?"
            assert not await ui.app.library.conversations()
            await asyncio.to_thread(file.write_text, TESTS + "# more\n", "utf-8")
            _type(window, "Why?")
            assert "was never run here" in _words(await _dialog(window))  # what was refused is not known
            await _answer(window, yes=True)
            await until(ui.app.chat.working, "the run")
            await at_rest(ui)
            assert window.selection.feed is not None
            assert window.selection.feed.state.checks
            _type(window, "And now?")
            await until(ui.app.chat.working, "a run without a question")
            await at_rest(ui)
            await asyncio.to_thread(file.write_text, TESTS, "utf-8")
            _type(window, "And then?")
            assert "has changed since you agreed to it" in _words(await _dialog(window))
            await _answer(window, yes=False)
            await at_rest(ui)

    gui.run(main, good_model(seconds=0.01), _config(file))
