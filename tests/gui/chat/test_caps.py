from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDoubleSpinBox, QPushButton, QSpinBox

from cort_desktop.domain.budget import Budget
from cort_desktop.gui.chat.allowance import allowance_of
from cort_desktop.gui.chat.caps_dialog import CapsDialog
from cort_desktop.gui.chat.chat_pane import ChatPane
from cort_desktop.gui.ui import Ui
from tests.fakes.story import Story
from tests.fakes.window import CONFIG, Gui, gone, until
from tests.gui.chat.chatting import ask, chat_pane, last, quick_model, rest

CAPPED = CONFIG + "[budget]\ncalls = 3\n"


def _budget(pane: ChatPane) -> Budget:
    feed = last(pane).feed
    return Budget() if feed is None else feed.state.budget


def test_going_on_after_a_cap_says_what_it_grants(gui: Gui) -> None:
    """It granted the same allowance once more and said nothing of it."""

    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            turn = await ask(pane, "Why?")
            trouble = turn.answer.look.trouble
            assert trouble is not None
            assert trouble.offers == ("resume", "raise")
            assert trouble.allowance is not None
            assert trouble.allowance.words == "Go on with 3 calls more"
            assert "It spent 3 calls of 3 calls; the cap becomes 6 calls." in trouble.allowance.tip
            buttons = [each for each in turn.findChildren(QPushButton) if each.isVisible()]
            (go_on,) = [each for each in buttons if each.text() == "Go on with 3 calls more"]
            assert "the cap becomes 6 calls" in go_on.toolTip()
            go_on.click()
            await until(lambda: _budget(pane).calls == 6)
            await rest(pane)

    gui.run(main, quick_model(), CAPPED)


def test_a_cap_is_raised_for_one_run(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            turn = await ask(pane, "Why?")
            turn.answer.offered.emit("raise")
            (dialog,) = pane.window().findChildren(CapsDialog)
            (box,) = dialog.findChildren(QSpinBox)
            assert (box.value(), box.minimum(), box.accessibleName()) == (6, 4, "Calls")
            box.setValue(40)
            QTest.keyClick(dialog, Qt.Key.Key_Return)
            await until(lambda: _budget(pane).calls == 40)
            await rest(pane)
            feed = last(pane).feed
            finished = None if feed is None else feed.state.finished
            assert finished is not None
            assert finished.reason.rule not in ("calls", "tokens", "usd", "seconds")

    gui.run(main, quick_model(), CAPPED)


def test_every_cap_has_its_field(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        story = Story(budget=Budget(calls=5, tokens=20_000, cost_microusd=500_000, seconds=600.0))
        feed = ui.feeds.begin(story.run)
        feed.show_all(story.events)
        assert allowance_of(feed.state) is None
        dialog = CapsDialog(feed.state)
        assert [each.value() for each in dialog.findChildren(QSpinBox)] == [5, 20_000]
        assert [each.value() for each in dialog.findChildren(QDoubleSpinBox)] == [0.5, 600]
        assert dialog.caps() == Budget(calls=5, tokens=20_000, cost_microusd=500_000, seconds=600.0)
        gone(dialog)

    gui.run(main)
