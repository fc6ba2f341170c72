from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QWidget

from cort_desktop.domain.ids import DRAFT
from cort_desktop.gui.chat.drafts import Thinking
from cort_desktop.gui.chat.system_prompt import SystemPrompt
from cort_desktop.gui.ui import Ui
from cort_desktop.services.planning import Ask
from tests.fakes.window import CONFIG, Gui, until
from tests.gui.chat.chatting import (
    ask,
    chat_pane,
    confirm_price,
    failing_model,
    held_model,
    last,
    press,
    quick_model,
    rest,
    write,
)

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
SINGLE = CONFIG.replace('strategy = "cort"', 'strategy = "single"')


def test_a_question_is_asked_by_enter_and_answered_in_place(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            shown: list[object] = []
            pane.conversation_shown.connect(shown.append)
            runs: list[object] = []
            pane.run_shown.connect(runs.append)
            assert pane.welcome.isVisible()
            write(pane, "Why is the sky blue?")
            assert pane.composer.send.isEnabled()
            press(pane, Qt.Key.Key_Return)
            await rest(pane)
            turn = last(pane)
            assert pane.composer.edit.toPlainText() == ""
            assert turn.question.text_widget.toPlainText() == "Why is the sky blue?"
            assert turn.answer.view.plain_text().startswith("Try")
            assert "won" in turn.answer.look.winner
            assert turn.feed is runs[-1]
            assert pane.conversation is not None
            assert shown[-1] is pane.controller.conversation.view
            assert not pane.welcome.isVisible()
            second = await ask(pane, "And at dusk?")
            assert second.question.text_widget.accessibleName() == "Question 2"
            assert second.answer.view.accessibleName() == "Answer 2"

    gui.run(main, quick_model())


def test_the_names_of_the_contract(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            names = {
                "transcript": "Conversation",
                "composer": "Message",
                "sendButton": "Send",
                "stopButton": "Stop",
                "presetPicker": "Thinking",
                "modelPicker": "Model",
                "budgetBar": "Budget",
            }
            for name, accessible in names.items():
                found = pane.findChildren(QWidget, name)
                assert len(found) == 1, name
                assert found[0].accessibleName() == accessible
            buddies = {label.buddy(): label.text() for label in pane.findChildren(QLabel)}
            assert buddies[pane.composer.preset] == "Thinking"
            assert buddies[pane.composer.model] == "Model"
            for each in [one for one in pane.findChildren(QPushButton) if not one.isHidden()]:
                assert each.accessibleName() or each.text()

    gui.run(main, quick_model())


def test_shift_enter_is_a_new_line_and_the_field_grows(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            low = pane.composer.edit.height()
            write(pane, "one")
            press(pane, Qt.Key.Key_Return, SHIFT)
            write(pane, "two")
            assert pane.composer.edit.toPlainText() == "one\ntwo"
            assert pane.composer.edit.height() > low
            pane.composer.edit.setPlainText("\n".join(map(str, range(40))))
            most = pane.composer.edit.height()
            pane.composer.edit.setPlainText("\n".join(map(str, range(400))))
            assert pane.composer.edit.height() == most
            assert pane.controller.conversation.view is None

    gui.run(main, quick_model())


def test_a_working_run_is_shown_stopped_and_gone_on_with(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            working: list[dict[str, str]] = []
            pane.working_changed.connect(working.append)
            write(pane, "Why?")
            press(pane, Qt.Key.Key_Return)
            await until(lambda: pane.transcript.last_made and last(pane).answer.look.badge == "so far: D")
            assert pane.composer.stop.isVisible()
            assert not pane.composer.send.isVisible()
            assert pane.foot.line.isVisible()
            await until(lambda: working and "R1" in working[-1].values())
            write(pane, "and then?")
            press(pane, Qt.Key.Key_Return)
            assert pane.composer.edit.toPlainText() == "and then?"
            press(pane, Qt.Key.Key_Escape)
            await rest(pane)
            assert working[-1] == {}
            look = last(pane).answer.look
            assert look.trouble is not None
            assert look.trouble.offers == ("resume",)
            assert pane.composer.edit.toPlainText() == "and then?"
            assert not pane.foot.line.isVisible()
            assert ui.actions["chat.resume"].isEnabled()
            model.script = quick_model().script
            ui.actions["chat.resume"].trigger()
            await until(lambda: pane.controller.questions.working is not None)
            await rest(pane)
            assert "won" in last(pane).answer.look.winner

    model = held_model(1)
    gui.run(main, model)


def test_good_enough_ends_with_the_best_so_far(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            write(pane, "Why?")
            press(pane, Qt.Key.Key_Return)
            await until(ui.actions["chat.enough"].isEnabled)
            pane.foot.line.enough.click()
            await rest(pane)
            assert last(pane).answer.look.node == "D"

    gui.run(main, held_model(1))


def test_a_run_goes_on_while_another_conversation_is_looked_at(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            write(pane, "First?")
            press(pane, Qt.Key.Key_Return)
            await until(lambda: pane.controller.questions.working is not None)
            await until(lambda: pane.conversation is not None)
            first = pane.conversation
            assert first is not None
            write(pane, "unsent")
            pane.new()
            assert pane.composer.edit.toPlainText() == ""
            assert pane.composer.send.isVisible()
            write(pane, "Second?")
            press(pane, Qt.Key.Key_Return)
            await until(lambda: len(ui.feeds.working()) == 2)
            await until(lambda: pane.conversation not in (None, first))
            pane.controller.questions.stop()
            await until(lambda: len(ui.feeds.working()) == 1)
            pane.open(first)
            await until(lambda: pane.conversation == first)
            assert pane.composer.edit.toPlainText() == "unsent"
            assert pane.composer.stop.isVisible()
            await until(lambda: pane.transcript.last_made and last(pane).answer.look.badge)

    gui.run(main, held_model(1))


def test_answers_and_questions_have_siblings(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            await ask(pane, "Why?")
            one = last(pane).answer.view.text
            ui.actions["chat.regenerate"].trigger()
            await confirm_price(pane)
            await until(lambda: pane.controller.questions.working is not None)
            await rest(pane)
            await until(lambda: last(pane).answer.view.text != one)
            view = pane.controller.conversation.last
            assert view is not None
            assert len(view.runs) == 2
            pane.controller.choose_run(view, 0)
            await until(lambda: last(pane).answer.view.text == one)
            write(pane, "something else")
            ui.actions["chat.edit_last"].trigger()
            await until(lambda: pane.composer.edit.toPlainText() == "Why?")
            turn = await ask(pane, "Why not?")
            assert pane.composer.edit.toPlainText() == "something else"
            pane.composer.edit.clear()
            assert turn.question.text_widget.toPlainText() == "Why not?"
            assert turn.question.pager.isVisible()
            view = pane.controller.conversation.last
            assert view is not None
            assert (view.place, len(view.siblings)) == (1, 2)
            assert len(pane.transcript.turns) == 1
            pane.controller.choose_sibling(view, 0)
            await until(lambda: last(pane).question.text_widget.toPlainText() == "Why?")
            assert last(pane).answer.view.text == one

    gui.run(main, quick_model())


def test_a_refused_question_is_kept_and_says_why(gui: Gui, monkeypatch: pytest.MonkeyPatch) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            ask = partial(replace, preset="nothing")  # it was taken away in this very moment
            monkeypatch.setattr(pane.controller.questions, "placed", ask)
            write(pane, "Why?")
            press(pane, Qt.Key.Key_Return)
            await until(lambda: "no preset" in pane.composer._refusal.text())
            assert pane.composer.edit.toPlainText() == "Why?"
            assert pane.composer._refusal_row.isVisible()
            assert pane.controller.conversation.view is None
            write(pane, "!")
            assert not pane.composer._refusal_row.isVisible()

    gui.run(main, quick_model())


def test_a_failed_run_is_a_state_of_its_turn(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            opened: list[object] = []
            ui.actions.on("app.providers", lambda: opened.append(1))
            turn = await ask(pane, "Why?")
            trouble = turn.answer.look.trouble
            assert trouble is not None
            assert trouble.kind == "bad"
            buttons = {each.text(): each for each in turn.findChildren(QPushButton) if each.isVisible()}
            buttons["Open provider settings"].click()
            assert opened
            model.script = quick_model().script
            buttons["Try again"].click()
            await confirm_price(pane)
            await until(lambda: pane.controller.questions.working is not None)
            await rest(pane)
            await until(lambda: "won" in last(pane).answer.look.winner)

    model = failing_model()
    gui.run(main, model)


def test_a_single_answer_streams(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            write(pane, "Why?")
            press(pane, Qt.Key.Key_Return)
            await until(lambda: pane.transcript.last_made and last(pane).answer.view.text.startswith("Try"))
            look = last(pane).answer.look
            assert (look.is_open, look.badge) == (True, "")
            pane.composer.stop.click()
            await rest(pane)
            assert last(pane).answer.look.partials

    gui.run(main, held_model(0), config=SINGLE)


def test_control_enter_thinks_even_where_no_contest_is_picked(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            write(pane, "Why?")
            press(pane, Qt.Key.Key_Return, CONTROL)
            await rest(pane)
            feed = last(pane).feed
            assert feed is not None
            assert feed.state.started is not None
            assert feed.state.started.preset == "balanced"

    gui.run(main, quick_model(), config=SINGLE)


def test_a_conversation_goes_on_as_it_was_asked(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        done = await ui.app.chat.ask(Ask(question="Why?", preset="quick"), lambda _event: None)
        async with chat_pane(ui) as pane:
            assert pane.controller.desk.thinking == Thinking(strategy="cort")
            pane.open(done.conversation)
            await until(lambda: pane.controller.desk.thinking == Thinking(preset="quick"))
            assert pane.composer.preset.currentText() == "Quick"
            turn = await ask(pane, "And?")
            assert turn.feed is not None
            assert turn.feed.state.strategy == "best_of_n"

    gui.run(main, quick_model())


def test_the_estimate_follows_what_is_picked(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            write(pane, "Why?")
            await until(lambda: "calls" in pane.composer.row.estimate.text())
            pane.composer.preset.picked.emit(Thinking(strategy="single"))
            await until(lambda: pane.composer.row.estimate.text().startswith("≈ 1 call · "))

    gui.run(main, quick_model())


@pytest.mark.qt_log_ignore("propagateSizeHints")  # what the off-screen platform says of every dialog
def test_files_go_along_or_say_why_not(gui: Gui, tmp_path: Path) -> None:
    (tmp_path / "plan.txt").write_text("Seq Scan\n" * 20)
    (tmp_path / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")

    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            data = QMimeData()
            data.setUrls([QUrl.fromLocalFile(str(tmp_path / name)) for name in ("plan.txt", "logo.png")])
            pane.composer.edit.insertFromMimeData(data)
            await until(lambda: "an image" in pane.composer._refusal.text())
            assert [each.name for each in pane.controller.desk.draft.files] == ["plan.txt"]
            assert pane.controller.desk.draft.files[0].tokens > 10
            turn = await ask(pane, "Which one?")
            assert not pane.controller.desk.draft.files
            assert turn.feed is not None
            assert turn.feed.state.started is not None
            assert [each.name for each in turn.feed.state.started.attachments] == ["plan.txt"]
            press(pane, Qt.Key.Key_Up, CONTROL)
            await until(lambda: pane.controller.desk.draft.files)
            pane.controller.desk.remove(pane.controller.desk.draft.files[0])
            assert not pane.composer._chip_area.isVisible()
            chips = [each for each in turn.findChildren(QPushButton) if "plan.txt" in each.text()]
            chips[0].click()
            await until(lambda: pane.findChildren(QDialog))
            dialog = pane.findChildren(QDialog)[0]
            dialog.close()

    gui.run(main, quick_model())


def test_a_temporary_conversation_leaves_nothing(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            said: list = []
            ui.notices.said.connect(said.append)
            ui.actions["chat.new_temporary"].trigger()
            await ask(pane, "Secret?")
            second = await ask(pane, "And?")
            assert second.question.text_widget.toPlainText() == "And?"
            assert len(pane.transcript.turns) == 2
            assert [each.text for each in model.requests[-1].messages].count("Secret?") <= 1
            told = [each.messages for each in model.requests if "And?" in each.messages[-1].text]
            assert any("Secret?" in str(messages) for messages in told)
            assert await ui.app.library.conversations() == []
            temporary = pane.conversation
            pane.controller.questions.edit(pane.transcript.turns[1])
            await until(lambda: pane.composer.edit.toPlainText() == "And?")
            await ask(pane, "But?")
            view = pane.controller.conversation.last
            assert view is not None
            assert (view.place, len(view.siblings)) == (1, 2)
            pane.new()
            assert pane.conversation is None
            said[-1].offers[0].call()
            await until(lambda: pane.conversation == temporary)
            assert len(pane.transcript.turns) == 2

    model = quick_model()
    gui.run(main, model)


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_the_system_prompt_holds_from_the_next_question(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            pane.controller.set_system("Be brief.")
            await ask(pane, "Why?")
            assert "Be brief." in str(model.requests[0].messages)
            pane.commands.edit_system()
            (dialog,) = pane.findChildren(SystemPrompt)
            dialog.chosen.emit("Be long.")
            dialog.close()
            await until(lambda: pane.controller.conversation.system == "Be long.")
            await until(lambda: not ui.tasks.names)
            model.requests.clear()
            await ask(pane, "And?")
            assert "Be long." in str(model.requests[0].messages)

    model = quick_model()
    gui.run(main, model)


def test_raw_view_and_copy(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            turn = await ask(pane, "Why?")
            ui.actions["chat.raw"].setChecked(True)
            ui.actions["chat.raw"].trigger()
            assert turn.answer.view.is_raw == ui.actions["chat.raw"].isChecked()
            ui.actions["chat.copy_answer"].trigger()
            assert QGuiApplication.clipboard().text() == turn.answer.look.text

    gui.run(main, quick_model())


def test_why_asks_for_the_winner(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            wanted: list[object] = []
            pane.why_wanted.connect(wanted.append)
            turn = await ask(pane, "Why?")
            turn.answer.why.emit()
            assert wanted == [turn.feed]

    gui.run(main, quick_model())


def test_a_hit_opens_the_very_node(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        done = await ui.app.chat.ask(Ask(question="Why?"), lambda _event: None)
        async with chat_pane(ui) as pane:
            wanted: list[object] = []
            pane.node_wanted.connect(lambda feed, node: wanted.append((feed.run, node)))
            pane.open(done.conversation, done.run, DRAFT)
            await until(lambda: wanted == [(done.run, "D")])

    gui.run(main, quick_model())


def test_the_stop_of_an_input_method_is_not_sending(gui: Gui) -> None:
    from PySide6.QtGui import QInputMethodEvent
    from PySide6.QtWidgets import QApplication

    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            write(pane, "a")
            QApplication.sendEvent(pane.composer.edit, QInputMethodEvent("に", []))
            press(pane, Qt.Key.Key_Return)
            assert not pane.controller.questions.is_starting
            done = QInputMethodEvent("", [])
            done.setCommitString("日")
            QApplication.sendEvent(pane.composer.edit, done)
            assert "日" in pane.composer.edit.toPlainText()
            press(pane, Qt.Key.Key_Return)
            await rest(pane)

    gui.run(main, quick_model())


@pytest.mark.parametrize("width", [340, 420, 1_400])
def test_nothing_is_wider_than_the_pane(gui: Gui, width: int) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui, width=width) as pane:
            turn = await ask(pane, "Why? " + "x" * 500)
            QTest.qWait(1)
            assert pane.width() == width
            assert turn.width() <= width
            assert pane.composer.send.mapTo(pane, pane.composer.send.rect().topRight()).x() <= width

    gui.run(main, quick_model())
