"""A hostile person at the real window: everything at once, in any order, at the wrong moment.

No error may get lost, nothing may be left over (``Gui.run`` looks), and what was asked must be in the library.
"""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QMessageBox

from cort_desktop.gui.main_window import MainWindow
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.window_state import WindowState, bring_into_reach
from tests.fakes.models import Reply, ScriptedModel, good_model
from tests.fakes.whole_window import ask, at_rest, close_dialogs, main_window
from tests.fakes.window import CONFIG, Gui, until

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "does not support", "OpenType support missing")
SINGLE = CONFIG.replace('"cort"', '"single"')
STEPS = 160
KEYS = (
    "Return", "Escape", "Down", "Up", "Left", "Right", "Tab", "Delete", "Space", "F2", "Home", "End",
    "PageDown",
)  # fmt: skip


def slow(seconds: float = 0.2) -> ScriptedModel:
    return ScriptedModel(lambda _request, nth: Reply(text=f"Answer {nth}.", seconds=seconds))


class Monkey:
    """Presses, types, opens, selects and resizes at random; closes what opens."""

    def __init__(self, ui: Ui, window: MainWindow, seed: int) -> None:
        self._ui, self._window = ui, window
        self._chance = random.Random(seed)
        self.done: list[str] = []

    async def play(self, steps: int) -> None:
        deeds = (self._trigger, self._press, self._ask, self._open, self._select, self._resize)
        for _ in range(steps):
            (deed,) = self._chance.choices(deeds, (65, 10, 8, 7, 5, 5))
            deed()
            await asyncio.sleep(self._chance.choice((0, 0, 0.01, 0.05)))
            self._close()

    def _trigger(self) -> None:
        found = [each for each in self._ui.actions if each.isEnabled() and each.objectName() != "app.quit"]
        action = self._chance.choice(found)
        self.done.append(action.objectName())
        action.trigger()

    def _press(self) -> None:
        focused = QApplication.focusWidget()
        key = self._chance.choice(KEYS)
        self.done.append(key)
        if focused is not None:
            QTest.keyClick(focused, getattr(Qt.Key, f"Key_{key}"))

    def _ask(self) -> None:
        self.done.append("ask")
        edit = self._window.chat.composer.edit
        edit.setPlainText(self._chance.choice(("Why?", "  ", "x" * 5_000)))
        QTest.keyClick(edit, Qt.Key.Key_Return)

    def _open(self) -> None:
        found = self._window.library.controller.conversations
        if found:
            self.done.append("open")
            self._window.open(self._chance.choice(found).id)

    def _select(self) -> None:
        feed = self._window.selection.feed
        if feed is not None and feed.state.nodes:
            self.done.append("select")
            self._window.selection.select(self._chance.choice(list(feed.state.nodes)))

    def _resize(self) -> None:
        self.done.append("resize")
        self._window.resize(self._chance.choice((320, 700, 1000, 1440)), self._chance.choice((240, 600, 900)))

    def _close(self) -> None:
        for each in QApplication.topLevelWidgets():
            if not isinstance(each, QDialog | QMenu) or not each.isVisible():
                continue
            buttons = each.buttons() if isinstance(each, QMessageBox) else []
            if buttons and self._chance.random() < 0.5:
                self._chance.choice(buttons).click()
            else:
                each.close()


@pytest.mark.reliability(66)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_everything_in_any_order(gui: Gui, seed: int) -> None:
    good = good_model(seed, seconds=0.05)

    def script(request: object, nth: int) -> Reply:
        reply = good.script(request, nth)  # type: ignore[arg-type]
        if nth % 17 == 0:
            return Reply(error="unavailable", text=reply.text, seconds=0.02)
        return Reply(text=reply.text, seconds=1.0) if nth % 9 == 0 else reply

    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            monkey = Monkey(ui, window, seed)
            try:
                for question in ("One?", "Two?", "Three?"):
                    window.chat.new()
                    window.chat.composer.edit.setPlainText(question)
                    QTest.keyClick(window.chat.composer.edit, Qt.Key.Key_Return)
                    await asyncio.sleep(0.05)
                await monkey.play(STEPS)
            finally:
                print(monkey.done[-20:])  # noqa: T201 - where it happened
            assert "surprise" not in ui.notices.bars
            for each in await ui.app.library.conversations():
                assert (await ui.app.library.show(each.id)).turns

    gui.run(main, ScriptedModel(script))


def test_settings_closed_while_they_are_looked_up_and_saved(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home):
            for pause in (0, 0, 0.01, 0, 0.02):
                ui.actions["app.settings"].trigger()
                await asyncio.sleep(pause)
                close_dialogs()
                await asyncio.sleep(pause)
            await at_rest(ui)

    gui.run(main)


def test_thirty_conversations_think_at_once_while_one_types_and_turns(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            for number in range(30):
                window.chat.new()
                window.chat.composer.edit.setPlainText(f"Question {number}?")
                QTest.keyClick(window.chat.composer.edit, Qt.Key.Key_Return)
                await until(lambda n=number: len(ui.app.chat.working()) > n, "one more at work")
            window.chat.new()
            edit = window.chat.composer.edit
            edit.setFocus()
            while ui.app.chat.working():
                QTest.keyClicks(edit, "word ")
                ui.actions["chat.next"].trigger()
                await asyncio.sleep(0.01)
                ui.actions["chat.new"].trigger()
                await asyncio.sleep(0.01)
            await at_rest(ui)
            assert "word word" in edit.toPlainText()
            found = await ui.app.library.conversations()
            assert {each.title for each in found} == {f"Question {number}?" for number in range(30)}
            for each in found:
                (turn,) = (await ui.app.library.show(each.id)).turns
                assert turn.active is not None
                assert turn.active.status == "complete"

    gui.run(main, slow(2.0), SINGLE)


def test_the_open_conversation_is_deleted_while_it_works(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            window.chat.composer.edit.setPlainText("Why?")
            QTest.keyClick(window.chat.composer.edit, Qt.Key.Key_Return)
            await until(lambda: window.chat.conversation and ui.app.chat.working(), "a run")
            deleted = window.chat.conversation
            await until(lambda: ui.actions["library.delete"].isEnabled(), "the verb")
            ui.actions["library.delete"].trigger()
            await until(lambda: window.chat.conversation is None, "another conversation")
            await at_rest(ui)
            assert [each.id for each in await ui.app.library.bin()] == [deleted]
            ui.actions["library.undo"].trigger()
            await at_rest(ui)
            assert [each.id for each in await ui.app.library.conversations()] == [deleted]
            assert not ui.app.chat.working()

    gui.run(main, slow(1.0), SINGLE)


def test_enter_twice_asks_once_and_blanks_ask_nothing(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            edit = window.chat.composer.edit
            for blank in ("", "   ", "\n\n\t", "\u00a0\u2003"):
                edit.setPlainText(blank)
                QTest.keyClick(edit, Qt.Key.Key_Return)
            await at_rest(ui)
            assert await ui.app.library.conversations() == []
            edit.setPlainText("Why?")
            QTest.keyClick(edit, Qt.Key.Key_Return)
            QTest.keyClick(edit, Qt.Key.Key_Return)
            QTest.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
            await until(lambda: ui.app.chat.working(), "the run")
            await at_rest(ui)
            (one,) = await ui.app.library.conversations()
            assert one.turns == 1

    gui.run(main, slow(), SINGLE)


def test_a_temporary_conversation_offers_nothing_that_needs_the_library(gui: Gui) -> None:
    """Its runs are in no library: verbs that would look for them there are not offered."""

    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            ui.actions["chat.new_temporary"].trigger()
            await ask(ui, window, "Why?", anew=False)
            feed = window.selection.feed
            assert feed is not None
            for name in feed.state.nodes:
                window.selection.select(name)
                for action in ui.actions:
                    if action.objectName().startswith("tree.") and action.isEnabled():
                        action.trigger()
                        await at_rest(ui)
                        close_dialogs()
            assert not [text for text in ui.notices.bars if text.startswith("error")]
            assert gui.errors == []

    gui.run(main)


def test_a_window_that_lost_its_screen_comes_back_into_reach(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home, 900, 600) as window:
            screen = QGuiApplication.primaryScreen().availableGeometry()
            for place in (
                QRect(-9000, 40, 900, 600),
                QRect(9000, 9000, 900, 600),
                QRect(100, -5000, 900, 600),
            ):
                window.setGeometry(place)
                bring_into_reach(window)
                assert screen.intersects(window.frameGeometry())
                assert window.frameGeometry().top() >= screen.top()

    gui.run(main)


GARBAGE = {
    "noise": b"\x00\xff\xfe garbage \x80" * 500,
    "a geometry that is none": b'[General]\ngeometry="@ByteArray(\\x1\\xd9\\xd0\\xcb\\0\\x3)"\nlayout=7\nsplitter=x\n',
    "numbers that are none": b"[General]\nlibrary=maybe\nrounds=99999999999999999999\nmenu_bar=[]\n",
    "huge": b"[General]\ngeometry=" + b"A" * 3_000_000,
    "variants": b"[General]\ngeometry=@Variant(\\0\\0\\0\\x7f)\nlibrary=@Rect(1 2 3 4)\nlayout=@Invalid()\n",
    "all far away": (
        b'[General]\ngeometry="@Rect(-30000 -30000 1 1)"\nsplitter="@ByteArray(\\0\\0\\0\\xff)"\n'
    ),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_a_garbled_memory_of_the_window_is_no_trouble(gui: Gui, name: str) -> None:
    async def main(ui: Ui) -> None:
        (gui.home / "window.ini").write_bytes(GARBAGE[name])
        async with main_window(ui, gui.home, 1200, 800) as window:
            bring_into_reach(window)
            assert window.isVisible()
            assert window.chat.isVisible()
            window.grab()

    gui.run(main)


def test_a_memory_that_cannot_be_written_is_no_trouble(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, tmp_path / "no" / "such" / "folder"):
            pass
        state = WindowState(Path("/dev/null/x"))
        state.set_number("library", 1)
        state.flush()

    gui.run(main)


CONFIGS = {
    "appearance": '[appearance]\ntheme = "neon"\ntext_size = 100000\nreduce_motion = "yes"\n',
    "wrong sorts": "appearance = 7\nshortcuts = []\n",
    "shortcuts": '[shortcuts]\n"chat.new" = "\\u202eNo+Such+Key"\n"no.action" = ["Ctrl+N"]\n"chat.send" = 3\n',
    "one key for two": '[shortcuts]\n"chat.new" = ["Ctrl+K"]\n"view.library" = ["Ctrl+K"]\n',
}


@pytest.mark.parametrize("name", CONFIGS)
def test_garbled_settings_are_told_and_the_window_works(gui: Gui, name: str) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            ui.actions.rebind(ui.app.preferences.settings.shortcuts)
            if name != "one key for two":
                assert ui.app.notices
            await ask(ui, window, "Why?")
            assert (await ui.app.library.conversations())[0].turns == 1

    config = CONFIGS[name] + SINGLE if name == "wrong sorts" else SINGLE + CONFIGS[name]
    gui.run(main, slow(0), config)


SCRIPTS = "漢字 かな 한국어 العربية עברית हिन्दी ไทย 👩‍👩‍👧‍👦 🏴󠁧󠁢󠁳󠁣󠁴󠁿 𓀀 ᚠ ⠿ 🀄 ﷽ Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞"


def test_scripts_without_a_font_are_boxes_and_no_trouble(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            await ask(ui, window, SCRIPTS)
            window.grab()
            turn = window.chat.transcript.last_made
            assert turn is not None
            assert turn.answer.look.text == SCRIPTS * 20
            assert SCRIPTS[:20] in window.windowTitle()

    gui.run(main, ScriptedModel(lambda _r, _n: Reply(text=SCRIPTS * 20, seconds=0)), SINGLE)
