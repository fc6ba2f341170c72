"""A turn is pinned where it stands, and says so."""

from __future__ import annotations

from cort_desktop.gui.chat.chat_pane import ChatPane
from cort_desktop.gui.chat.quiet import QuietButton
from cort_desktop.gui.chat.turn import TurnWidget
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import PlainLabel
from tests.fakes.window import Gui, until
from tests.gui.chat.chatting import ask, chat_pane, quick_model

PIN, UNPIN = "Pin this turn: always tell it to the model", "Unpin this turn"


def named(pane: ChatPane, name: str) -> list[QuietButton]:
    return [each for each in pane.findChildren(QuietButton) if each.accessibleName() == name]


def test_a_turn_is_pinned_and_says_so_and_back(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            await ask(pane, "Why?")
            await ask(pane, "And at dusk?")
            await until(lambda: len(named(pane, PIN)) == 2)
            (first,) = [w for w in pane.findChildren(TurnWidget) if w.question._text == "Why?"]
            (button,) = [b for b in named(pane, PIN) if first.isAncestorOf(b)]
            button.click()
            await until(lambda: len(named(pane, UNPIN)) == 1)
            words = [each for each in first.findChildren(PlainLabel) if each.text().startswith("Pinned")]
            assert [each.isVisible() for each in words] == [True]
            assert pane.conversation is not None
            stored = await ui.app.library.show(pane.conversation)
            assert [turn.turn.pinned for turn in stored.turns] == [True, False]
            named(pane, UNPIN)[0].click()
            await until(lambda: not named(pane, UNPIN))
            assert not words[0].isVisible()

    gui.run(main, quick_model())


def test_a_temporary_turn_is_not_pinned_and_says_why(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            pane.new(temporary=True)
            await ask(pane, "Why?")
            await until(lambda: named(pane, PIN))
            named(pane, PIN)[0].click()
            await until(lambda: any("temporary" in each.text for each in ui.notices.bars.values()))

    gui.run(main, quick_model())
