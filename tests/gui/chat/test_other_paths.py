from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cort_desktop.gui.chat.chat_pane import ChatPane
from cort_desktop.gui.ui import Ui
from tests.fakes.window import Gui, until
from tests.gui.chat.chatting import ask, chat_pane, held_model, last, press, quick_model, rest, write


def _questions(pane: ChatPane) -> list[str]:
    view = pane.controller.conversation.view
    return [] if view is None else [each.turn.question for each in view.turns]


def test_looking_at_an_old_version_of_a_question_changes_nothing(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            await ask(pane, "Why?")
            await ask(pane, "And at dusk?")
            key = pane.conversation
            view = pane.controller.conversation.view
            assert key is not None
            assert view is not None
            old = view.turns[0].turn
            assert old.active is not None
            pane.controller.questions.edit(view.turns[0])
            await until(lambda: pane.composer.edit.toPlainText() == "Why?")
            await ask(pane, "Why not?")
            assert _questions(pane) == ["Why not?"]
            pane.new()
            pane.open(key, old.active)
            await until(lambda: _questions(pane) == ["Why?", "And at dusk?"])
            pane.reload()
            await until(lambda: not ui.tasks.names)
            assert _questions(pane) == ["Why?", "And at dusk?"]
            stored = await ui.app.library.show(key)
            assert [each.turn.question for each in stored.turns] == ["Why not?"]
            await ask(pane, "And at dawn?")
            assert _questions(pane) == ["Why?", "And at dusk?", "And at dawn?"]
            stored = await ui.app.library.show(key)
            assert [each.turn.question for each in stored.turns] == _questions(pane)
            assert not pane.controller.conversation.is_aside

    gui.run(main, quick_model())


def test_a_temporary_conversation_that_works_is_found_again(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            pane.new(temporary=True)
            write(pane, "Why?")
            press(pane, Qt.Key.Key_Return)
            await until(lambda: pane.controller.questions.working is not None and pane.conversation)
            temporary = pane.conversation
            pane.new()
            key = f"temporary:{temporary}"
            await until(lambda: key in ui.notices.bars)
            show, stop = ui.notices.bars[key].offers
            assert (show.text, stop.text) == ("Show", "Stop")
            show.call()
            await until(lambda: pane.conversation == temporary)
            assert key not in ui.notices.bars
            pane.new()
            await until(lambda: key in ui.notices.bars)
            ui.notices.bars[key].offers[1].call()
            await until(lambda: key not in ui.notices.bars)
            assert not ui.feeds.working()

    gui.run(main, held_model(1))


def test_escape_stops_from_wherever_the_focus_is_below_the_transcript(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            for widget in (pane.composer.stop, pane.composer.preset, pane.foot.line.enough):
                write(pane, "Why?")
                press(pane, Qt.Key.Key_Return)
                await until(lambda: pane.controller.questions.working is not None)
                QTest.keyClick(widget, Qt.Key.Key_Escape)
                await rest(pane)
                feed = last(pane).feed
                assert feed is not None
                assert feed.state.finished is not None
                assert feed.state.finished.reason.rule == "stopped"

    gui.run(main, held_model(1))


def test_the_seconds_of_a_run_pass_while_nothing_happens(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            write(pane, "Why?")
            press(pane, Qt.Key.Key_Return)
            await until(pane.foot.line.isVisible)
            line = pane.foot.line
            assert line._tick.isActive()
            line._spent.setText("")
            line._tick.timeout.emit()
            assert line._spent.text()
            press(pane, Qt.Key.Key_Escape)
            await rest(pane)
            assert not line._tick.isActive()
            assert not line.isVisible()

    gui.run(main, held_model(1))
