"""What is written, attached and picked but not sent: it stays whatever else happens meanwhile."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import pytest

from cort_desktop.domain.ids import ConversationId
from cort_desktop.domain.settings import PresetSettings
from cort_desktop.gui.chat import keeping
from cort_desktop.gui.chat.desk import Desk
from cort_desktop.gui.chat.drafts import Thinking
from cort_desktop.gui.chat.system_prompt import SystemPrompt
from cort_desktop.gui.ui import Ui
from cort_desktop.services.planning import Ask
from tests.fakes.window import CONFIG, Gui, until
from tests.gui.chat.chatting import (
    ask,
    chat_pane,
    failing_model,
    held_model,
    quick_model,
    reading_waits,
    two_asked,
    write,
)

SINGLE = CONFIG.replace('strategy = "cort"', 'strategy = "single"')
PICTURE = b"\x89PNG\r\n\x1a\n\0\0"


def test_an_old_question_that_is_being_written_anew_keeps_what_was_written(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            await ask(pane, "Why?")
            await ask(pane, "And how?")
            pane.composer.edit.setPlainText("something new")
            first, last = pane.transcript.turns
            edit = pane.composer.edit
            for turn, added in ((last, " exactly"), (first, " really")):
                pane.commands.edit(turn)
                await until(lambda: edit.toPlainText() in ("Why?", "And how?"))
                edit.setPlainText(edit.toPlainText() + added)
            ui.actions["chat.edit_last"].trigger()  # the one that was left before
            await until(lambda: edit.toPlainText() == "And how? exactly")
            ui.actions["chat.edit_last"].trigger()  # once more, by a slip of the hand
            await until(lambda: not ui.tasks.names)
            assert edit.toPlainText() == "And how? exactly"
            assert pane.controller.desk.draft.edits == last.turn.id
            pane.composer.edit_dropped.emit()
            assert edit.toPlainText() == "something new"
            ui.actions["chat.edit_last"].trigger()  # it was dropped: it begins with the question again
            await until(lambda: edit.toPlainText() == "And how?")

    gui.run(main, quick_model(), SINGLE)


def test_each_file_that_is_refused_is_named(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        for name in ("one.png", "two.png"):
            (tmp_path / name).write_bytes(PICTURE)
        async with chat_pane(ui) as pane:
            pane.composer.dropped.emit([tmp_path / "one.png", tmp_path / "two.png"])
            await until(lambda: not ui.tasks.names)
            assert "one.png" in pane.composer._refusal.text()
            assert "two.png" in pane.composer._refusal.text()

    gui.run(main, quick_model(), SINGLE)


@pytest.mark.parametrize("goes", [True, False], ids=["elsewhere", "not wanted"])
def test_a_refused_file_is_told_where_it_was_wanted(
    gui: Gui, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, goes: bool
) -> None:
    may_read = reading_waits(monkeypatch)
    (tmp_path / "one.png").write_bytes(PICTURE)

    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            pane.composer.dropped.emit([tmp_path / "one.png"])
            await until(lambda: pane.controller.desk.readings)
            if goes:
                pane.new(temporary=True)
            else:
                pane.controller.desk.drop_reading(pane.controller.desk.readings[0])
            may_read.set()
            await until(lambda: not ui.tasks.names)
            assert pane.composer._refusal.text() == ""
            told = [each.text for each in ui.notices.bars.values()]
            assert len(told) == int(goes)
            assert all("one.png" in each for each in told)

    gui.run(main, quick_model(), SINGLE)


def test_a_preset_that_is_gone_is_not_asked_with(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        await ui.app.preferences.save_preset(PresetSettings(name="mine", strategy="single"))
        async with chat_pane(ui) as pane:
            pane.controller.desk.pick(thinking=Thinking(preset="mine"))
            await ask(pane, "Why?")
            assert pane.composer.preset.currentText() == "mine"
            await ui.app.preferences.remove_preset("mine")
            shown = pane.composer.preset.currentText()
            assert shown != "mine"
            turn = await ask(pane, "And how?")
            assert pane.composer._refusal.text() == ""
            assert turn.feed is not None
            assert turn.feed.state.started is not None
            assert turn.feed.state.started.question == "And how?"
            assert pane.composer.preset.currentText() == shown

    gui.run(main, quick_model(), SINGLE)


def test_a_question_that_was_taken_elsewhere_is_no_longer_kept(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        desk = Desk(ui)
        desk.write("Why?")
        desk.turn_to(ConversationId("other"))
        heard: list[bool] = []
        desk.kept_changed.connect(lambda: heard.append(True))
        desk.sent(Ask(question="Why?"), None)
        assert desk.kept().drafts == {}
        assert heard
        desk.deleteLater()

    gui.run(main, quick_model(), SINGLE)


def test_the_last_words_win_over_those_that_are_being_written(
    gui: Gui, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The window closes while an earlier state is on its way to the disk."""
    save, began = keeping._save, threading.Event()

    def slowly(path: Path, text: str) -> bool:
        if "last words" not in text:
            began.set()
            time.sleep(0.05)
        return save(path, text)

    monkeypatch.setattr(keeping, "_save", slowly)

    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            pane.keep_in(tmp_path)
            await until(lambda: not ui.tasks.names)
            assert pane._keeping is not None
            write(pane, "first")
            pane._keeping._write_soon()
            await asyncio.to_thread(began.wait, 20)
            write(pane, " last words")
            pane.finish()
            await until(lambda: not ui.tasks.names)
            assert "first last words" in (tmp_path / keeping.FILE).read_text()

    gui.run(main, quick_model(), SINGLE)


def test_going_on_twice_is_going_on_once(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            write(pane, "Why?")
            pane.controller.questions.ask()
            await until(lambda: pane.controller.questions.working is not None)
            feed = pane.controller.questions.working
            assert feed is not None
            await until(lambda: feed.texts)
            pane.controller.questions.stop()
            await until(lambda: not feed.is_working and not ui.tasks.names)
            for _ in range(2):
                pane.controller.questions.resume(feed.run)
            await until(lambda: feed.state.running and ui.tasks.names == ["resume"])
            assert feed.is_working
            assert not pane.controller.asking.problems

    gui.run(main, held_model(0), SINGLE)


def test_a_system_prompt_is_that_of_the_conversation_it_was_opened_for(gui: Gui) -> None:
    """Another one comes to the front meanwhile: a second start asked for it."""

    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            first, second = await two_asked(pane)
            pane.commands.edit_system()
            (dialog,) = pane.findChildren(SystemPrompt)
            pane.open(first)
            await until(lambda: pane.conversation == first)
            dialog.chosen.emit("Be brief.")
            dialog.close()
            await until(lambda: not ui.tasks.names)
            assert pane.controller.conversation.system is None
            assert (await ui.app.library.get(first)).system is None
            assert (await ui.app.library.get(second)).system == "Be brief."

    gui.run(main, quick_model(), SINGLE)


def test_what_is_not_there_is_not_copied(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        said: list[str] = []
        ui.notices.said.connect(lambda notice: said.append(notice.text))
        async with chat_pane(ui) as pane:
            await ask(pane, "Why?")
            gui.app.clipboard().setText("before")
            ui.actions["chat.copy_answer"].trigger()
            assert gui.app.clipboard().text() == "before"
            assert said == ["There is no answer to copy yet."]

    gui.run(main, failing_model(), SINGLE)
