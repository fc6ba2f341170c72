"""A hostile person at the real window: everything at once, in any order, at the wrong moment.

No error may get lost, nothing may be left over (``Gui.run`` looks), and what was asked is in the library.
"""

from __future__ import annotations

import asyncio
import random

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QMessageBox

from cort_desktop.domain.calls import ChatRequest, Completion, Notify
from cort_desktop.errors import UsageError
from cort_desktop.gui.main_window import MainWindow
from cort_desktop.gui.ui import Ui
from tests.fakes.key_stores import HangingBackend, named
from tests.fakes.models import Reply, ScriptedModel, good_model
from tests.fakes.whole_window import Turns, ask, at_rest, close_dialogs, main_window, reference_ms
from tests.fakes.window import CONFIG, Gui, until

pytestmark = pytest.mark.qt_log_ignore(
    "propagateSizeHints", "does not support", "OpenType support missing", "unknown user type"
)
SINGLE = CONFIG.replace('"cort"', '"single"')
STEPS = 160
KEYS = (
    "Return", "Escape", "Down", "Up", "Left", "Right", "Tab", "Delete", "Space", "F2", "Home", "End",
    "PageDown",
)  # fmt: skip


def slow(seconds: float = 0.2) -> ScriptedModel:
    return ScriptedModel(lambda _request, nth: Reply(text=f"Answer {nth}.", seconds=seconds))


class Held(ScriptedModel):
    """Answers only once ``go`` is set."""

    def __init__(self) -> None:
        super().__init__(lambda _request, nth: Reply(text=f"Answer {nth}.", seconds=0))
        self.go = asyncio.Event()

    async def _attempt(self, request: ChatRequest, reply: Reply, notify: Notify) -> Completion:
        await self.go.wait()
        return await super()._attempt(request, reply, notify)


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
@pytest.mark.parametrize("seed", [*(pytest.param(n, marks=pytest.mark.endurance) for n in (1, 2)), 3])
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
            # What was still offered while the run was ending, or its turn was deleted, is refused in words.
            gui.errors[:] = [error for error in gui.errors if not isinstance(error, UsageError)]

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


@pytest.mark.endurance
def test_thirty_conversations_think_at_once_while_one_types_and_turns(gui: Gui) -> None:
    model = Held()

    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            for number in range(30):
                window.chat.new()
                window.chat.composer.edit.setPlainText(f"Question {number}?")
                QTest.keyClick(window.chat.composer.edit, Qt.Key.Key_Return)
                await until(lambda: window.chat.conversation is not None, "a conversation")
            assert len(ui.app.chat.working()) == 30
            window.chat.new()
            edit = window.chat.composer.edit
            edit.setFocus()
            for step in range(40):
                QTest.keyClicks(edit, "word ")
                ui.actions["chat.next"].trigger()
                await asyncio.sleep(0.01)
                ui.actions["chat.new"].trigger()
                await asyncio.sleep(0.01)
                if step == 10:
                    model.go.set()
            await at_rest(ui)
            assert "word word" in edit.toPlainText()
            found = await ui.app.library.conversations()
            assert {each.title for each in found} == {f"Question {number}?" for number in range(30)}
            for each in found:
                (turn,) = (await ui.app.library.show(each.id)).turns
                assert turn.active is not None
                assert turn.active.status == "complete"

    gui.run(main, model, SINGLE)


def test_the_open_conversation_is_deleted_while_it_works(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            window.chat.composer.edit.setPlainText("Why?")
            QTest.keyClick(window.chat.composer.edit, Qt.Key.Key_Return)
            await until(lambda: window.chat.conversation and ui.app.chat.working(), "a run")
            deleted = window.chat.conversation
            await until(ui.actions["library.delete"].isEnabled, "the verb")
            ui.actions["library.delete"].trigger()
            question = QApplication.activeModalWidget()
            assert isinstance(question, QMessageBox)
            yes = next(each for each in question.buttons() if "Stop" in each.text())
            yes.click()
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
            await until(ui.app.chat.working, "the run")
            await at_rest(ui)
            (one,) = await ui.app.library.conversations()
            assert one.turns == 1

    gui.run(main, slow(), SINGLE)


@pytest.mark.endurance
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


@pytest.mark.reliability(58)
@pytest.mark.expects_log
def test_a_key_store_that_hangs_holds_nothing_up(gui: Gui, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it hangs the settings open, close and are written, and a question is asked and answered."""
    backend = HangingBackend()
    monkeypatch.setattr("cort_desktop.storage.secrets.open_backend", lambda _environment: named(backend)())

    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            turns = Turns(window)
            ui.actions["app.providers"].trigger()
            await until(backend.asked.is_set, "the key store")
            turns.begin()
            close_dialogs()
            await ui.app.preferences.change({("appearance", "text_size"): 110})
            window.chat.composer.edit.setPlainText("Why?")
            QTest.keyClick(window.chat.composer.edit, Qt.Key.Key_Return)
            await until(lambda: window.chat.transcript.last_made is not None, "the question")
            assert turns.end() < 60 * reference_ms(ui.theme.font("body"))
            await at_rest(ui)
            assert len(await ui.app.library.conversations()) == 1
            backend.released.set()
            await at_rest(ui)

    try:
        gui.run(main, slow(0), SINGLE)
    finally:
        backend.released.set()
