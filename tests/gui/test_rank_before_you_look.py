"""“Rank before you look”: while it is on, neither the answer nor a verdict of a run is shown until the person
has ranked, chosen, or asked to see them."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QLabel, QPushButton

from cort_desktop.gui.chat.turn import TurnWidget
from cort_desktop.gui.main_window import MainWindow
from cort_desktop.gui.rounds.rounds_pane import OUTLINE, VEILED, WHY
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.window_state import WindowState
from tests.fakes.models import good_model
from tests.fakes.whole_window import ask, at_rest, main_window
from tests.fakes.window import Gui, until

QUICK_S = 0.01


def _answer(window: MainWindow) -> str:
    turns = window.chat.findChildren(TurnWidget)
    return turns[-1].answer._look.text


def _seen(window: MainWindow) -> str:
    """All words of labels that can be seen."""
    return "\n".join(label.text() for label in window.findChildren(QLabel) if label.isVisible())


def test_nothing_is_shown_until_the_person_has_ranked(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            ui.actions["tree.blind"].trigger()
            assert ui.actions["tree.blind"].isChecked()
            await ask(ui, window, "Why?")
            feed = window.selection.feed
            assert feed is not None
            winner = feed.state.answer_node
            assert winner is not None
            assert _answer(window) == ""
            assert window.rounds.views.currentIndex() == VEILED
            window.rounds.show_tab(WHY)
            assert not window.rounds.tabs.isVisible()
            assert not window.rounds.timeline.isVisible()
            assert not ui.actions["tree.override"].isEnabled()
            assert f"{winner} won" not in _seen(window)
            assert "Rank before you look" in _seen(window)
            rank = window.findChild(QPushButton, "veiledRank")
            assert rank is not None
            rank.click()
            await until(lambda: window.findChild(QDialog, "rankBlind") is not None, "the form")
            form = window.findChild(QDialog, "rankBlind")
            assert isinstance(form, QDialog)
            form.accept()
            await at_rest(ui)
            assert _answer(window) == feed.state.answer
            assert window.rounds.views.currentIndex() == OUTLINE
            assert [word.verb for word in feed.state.user] == ["ranked"]

    gui.run(main, good_model(seconds=QUICK_S))


def test_it_can_be_looked_at_all_the_same_and_the_switch_is_remembered(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            ui.actions["tree.blind"].trigger()
            await ask(ui, window, "Why?")
            assert ui.actions["tree.look"].isEnabled()
            ui.actions["tree.look"].trigger()
            await at_rest(ui)
            assert _answer(window)
            assert window.rounds.views.currentIndex() == OUTLINE
            assert not ui.actions["tree.look"].isEnabled()
            state = WindowState(gui.home)
            window.rounds.save(state)
            assert state.number("rankFirst", 0) == 1
            ui.actions["tree.blind"].trigger()
            await ask(ui, window, "And now?")
            assert _answer(window)

    gui.run(main, good_model(seconds=QUICK_S))
