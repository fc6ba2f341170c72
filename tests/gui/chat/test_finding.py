"""The bar that finds words, while the conversation below it goes on."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit

from cort_desktop.gui.ui import Ui
from tests.fakes.window import CONFIG, Gui, until
from tests.gui.chat.chatting import ask, chat_pane, quick_model, two_asked

SINGLE = CONFIG.replace('strategy = "cort"', 'strategy = "single"')


def test_what_comes_while_words_are_looked_for_is_found_too(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            await ask(pane, "Zebras, why?")
            pane.finding.open()
            pane.finding._field.setText("zebras")
            await until(lambda: not ui.tasks.names)
            assert pane.finding._count.text() == "1 of 1"
            await ask(pane, "And how, of all zebras?")
            assert pane.finding._count.text() == "1 of 2"
            ui.actions["find.next"].trigger()
            assert pane.finding._count.text() == "2 of 2"
            pane.commands.edit(pane.transcript.turns[1])
            await until(lambda: pane.controller.desk.draft.edits is not None)
            await ask(pane, "And how?")
            assert len(pane.transcript.turns) == 2
            assert pane.finding._count.text() == "1 of 1"

    gui.run(main, quick_model(), SINGLE)


def test_another_conversation_closes_the_bar_and_leaves_the_focus(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            first, _ = await two_asked(pane)
            pane.finding.open()
            other = QLineEdit(pane.window())
            other.show()
            other.setFocus()
            assert first is not None
            pane.open(first)
            await until(lambda: pane.conversation == first)
            assert not pane.finding.isVisible()
            assert other.hasFocus()
            pane.finding.open()
            pane.finding.close_bar()
            assert pane.composer.edit.hasFocus()

    gui.run(main, quick_model(), SINGLE)
