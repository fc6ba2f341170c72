import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cort_desktop.domain.ids import ConversationId
from cort_desktop.gui.chat.chat_pane import ChatPane
from cort_desktop.gui.ui import Ui
from cort_desktop.services.planning import Ask
from tests.fakes.models import Reply, ScriptedModel
from tests.fakes.window import CONFIG, Gui, until
from tests.gui.chat.chatting import FAST_S, HELD_S, HeldModel, ask, chat_pane, held_model, last, press, write

SINGLE = CONFIG.replace('strategy = "cort"', 'strategy = "single"')
QUICK = CONFIG.replace('strategy = "cort"', 'strategy = "best_of_n"').replace("rounds = 2\n", "")
TEXT = "An answer with **bold** words.\n\n" + "\n\n".join(f"Paragraph {number}." for number in range(12))


def talkative() -> ScriptedModel:
    return ScriptedModel(lambda _request, nth: Reply(text=f"Answer {nth}. {TEXT}", seconds=FAST_S))


async def long_conversation(ui: Ui, turns: int) -> ConversationId:
    conversation = None
    for number in range(turns):
        done = await ui.app.chat.ask(
            Ask(question=f"Question {number + 1}?", conversation=conversation), lambda _event: None
        )
        conversation = done.conversation
    assert conversation is not None
    return conversation


async def opened(pane: ChatPane, conversation: ConversationId) -> None:
    pane.open(conversation)
    await until(lambda: pane.conversation == conversation and pane.transcript.last_made is not None)
    await until(lambda: not pane._ui.tasks.names and last(pane).feed is not None)


def test_a_long_conversation_opens_at_its_end_and_makes_what_is_near(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        conversation = await long_conversation(ui, 30)
        async with chat_pane(ui) as pane:
            await opened(pane, conversation)
            bar = pane.transcript.verticalScrollBar()
            assert bar.value() == bar.maximum() > 3_000
            assert len(list(pane.transcript.made)) < 8
            assert last(pane).question.text_widget.toPlainText() == "Question 30?"
            assert last(pane).geometry().bottom() <= bar.maximum() + pane.transcript.viewport().height()
            assert not pane.transcript._latest.isVisible()
            bar.setValue(0)
            await until(lambda: pane.transcript.made.get(pane.transcript.turns[0].turn.id))
            assert len(list(pane.transcript.made)) < 20
            assert pane.transcript._latest.isVisible()
            pane.transcript._latest.click()
            assert bar.value() == bar.maximum()

    gui.run(main, talkative(), config=SINGLE)


def test_nothing_moves_under_a_reader(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        conversation = await long_conversation(ui, 12)
        async with chat_pane(ui) as pane:
            await opened(pane, conversation)
            transcript, bar = pane.transcript, pane.transcript.verticalScrollBar()
            model.script = held_model(0).script
            await ask_only(pane, "One more?")
            await until(lambda: len(transcript.turns) == 13 and bar.value() == bar.maximum())
            bar.setValue(bar.maximum() // 2)
            await until(lambda: not [each for each in ui.tasks.names if each != "ask"])
            middle = transcript.middle
            assert middle is not None
            widget = transcript.made.get(middle.turn.id)
            assert widget is not None
            before = widget.y() - bar.value()
            end = bar.maximum()
            pane.controller.questions.stop()
            await until(lambda: pane.controller.questions.working is None and not ui.tasks.names)
            assert widget.y() - bar.value() == before
            assert end > 0
            pane.transcript.to_end()
            assert bar.value() == bar.maximum()

    model = talkative()
    gui.run(main, model, config=SINGLE)


def test_an_answer_that_comes_at_once_is_read_from_its_beginning(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui, height=420) as pane:
            turn = await ask(pane, "Why?")
            await until(lambda: turn.height() > pane.transcript.viewport().height())
            bar = pane.transcript.verticalScrollBar()
            await until(lambda: turn.y() == bar.value() < bar.maximum())
            assert pane.transcript._latest.isVisible()

    gui.run(main, talkative(), config=QUICK)


async def ask_only(pane: ChatPane, text: str) -> None:
    pane.composer.edit.setPlainText(text)
    press(pane, Qt.Key.Key_Return)
    await until(lambda: pane.controller.questions.working is not None)


def test_at_the_end_it_stays_at_the_end(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        conversation = await long_conversation(ui, 3)
        async with chat_pane(ui, height=420) as pane:
            await opened(pane, conversation)
            model.script = lambda _request, _nth: Reply(text=TEXT * 4, seconds=HELD_S)
            await ask_only(pane, "And?")
            bar = pane.transcript.verticalScrollBar()
            await until(lambda: len(pane.transcript.turns) == 4 and last(pane).answer.look.is_open)
            await until(lambda: last(pane).height() > pane.transcript.viewport().height())
            await until(lambda: bar.value() == bar.maximum())
            pane.controller.questions.stop()
            await until(lambda: pane.controller.questions.working is None and not ui.tasks.names)
            await until(lambda: bar.value() == bar.maximum())

    model = HeldModel(talkative().script)
    gui.run(main, model, config=SINGLE)


def test_another_width_keeps_the_place(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        conversation = await long_conversation(ui, 10)
        async with chat_pane(ui) as pane:
            await opened(pane, conversation)
            bar = pane.transcript.verticalScrollBar()
            bar.setValue(bar.maximum() // 3)
            middle = pane.transcript.middle
            pane.resize(420, 700)
            assert pane.transcript.middle is not None
            numbers = [each.turn.id for each in pane.transcript.turns]
            assert middle is not None
            moved = numbers.index(pane.transcript.middle.turn.id) - numbers.index(middle.turn.id)
            assert abs(moved) <= 1

    gui.run(main, talkative(), config=SINGLE)


def test_find_goes_through_all_turns(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        conversation = await long_conversation(ui, 15)
        async with chat_pane(ui) as pane:
            await opened(pane, conversation)
            ui.actions["find.open"].trigger()
            assert pane.finding.isVisible()
            QTest.keyClicks(pane.finding._field, "bold words")
            await until(lambda: pane.finding._count.text() == "15 of 15")
            QTest.keyClick(pane.finding._field, Qt.Key.Key_Return)
            assert pane.finding._count.text() == "1 of 15"
            first = pane.transcript.made.get(pane.transcript.turns[0].turn.id)
            assert first is not None
            assert first.visibleRegion().boundingRect().height() > 0
            ui.actions["find.next"].trigger()
            assert pane.finding._count.text() == "2 of 15"
            QTest.keyClicks(pane.finding._field, " and more")
            assert pane.finding._count.text() == "nothing found"
            pane.finding._field.setText("question 7?")
            assert pane.finding._count.text() == "1 of 1"
            QTest.keyClick(pane.finding._field, Qt.Key.Key_Escape)
            assert not pane.finding.isVisible()

    gui.run(main, talkative(), config=SINGLE)


def test_escape_closes_the_search_before_it_stops_the_run(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            write(pane, "Why?")
            press(pane, Qt.Key.Key_Return)
            await until(
                lambda: pane.controller.questions.working is not None and pane.conversation is not None
            )
            ui.actions["find.open"].trigger()
            press(pane, Qt.Key.Key_Escape)
            assert not pane.finding.isVisible()
            assert pane.controller.questions.working is not None
            QTest.keyClick(pane.transcript, Qt.Key.Key_Escape)
            await until(lambda: pane.controller.questions.working is None)

    gui.run(main, held_model(0), config=SINGLE)


@pytest.mark.endurance  # ``test_leaks`` does the same in the whole window
def test_a_hundred_conversations_leave_nothing(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        names = [await long_conversation(ui, 2) for _ in range(3)]
        async with chat_pane(ui) as pane:
            for number in range(100):
                await opened(pane, names[number % 3])
                assert len(list(pane.transcript.made)) <= 2
            pane.new()
            assert list(pane.transcript.made) == []

    gui.run(main, talkative(), config=SINGLE)
