"""What a person asks of a run on top, in the whole window: forms, prices first, and what comes of it."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QLineEdit,
    QListWidget,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
)

from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.gui.main_window import MainWindow
from cort_desktop.gui.ui import Ui
from tests.fakes.models import good_model
from tests.fakes.whole_window import ask, at_rest, main_window
from tests.fakes.window import CONFIG, Gui, until

QUICK_S = 0.01
A1 = NodeName("R1.A1")


async def _form(window: MainWindow, name: str) -> QDialog:
    await until(lambda: window.findChild(QDialog, name) is not None, f"the form {name}")
    found = window.findChild(QDialog, name)
    assert isinstance(found, QDialog)
    return found


async def _yes(ui: Ui, window: MainWindow) -> str:
    """Agree to the price; what was said."""
    await until(lambda: window.findChild(QMessageBox, "roundsQuestion") is not None, "the price")
    box = window.findChild(QMessageBox, "roundsQuestion")
    assert isinstance(box, QMessageBox)
    words = box.informativeText()
    next(b for b in box.findChildren(QPushButton) if box.buttonRole(b) == box.ButtonRole.AcceptRole).click()
    await until(lambda: window.findChild(QMessageBox, "roundsQuestion") is None, "the question to go")
    await at_rest(ui)
    return words


def _state(window: MainWindow) -> RunState:
    feed = window.selection.feed
    assert feed is not None
    return feed.state


def test_a_round_is_added_after_its_price_and_the_tree_shows_it(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            await ask(ui, window, "Why?")
            before = len(_state(window).rounds)
            assert ui.actions["tree.add_round"].isEnabled()
            ui.actions["tree.add_round"].trigger()
            words = await _yes(ui, window)
            assert "This takes about" in words
            assert "calls" in words
            state = _state(window)
            assert len(state.rounds) == before + 1
            assert state.finished is not None
            assert state.rounds[max(state.rounds)].added is not None

    gui.run(main, good_model(seconds=QUICK_S))


def test_judging_again_is_shown_beside_the_first_and_changes_nothing(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            await ask(ui, window, "Why?")
            answer = _state(window).answer_node
            window.selection.select(A1)
            ui.actions["tree.rejudge"].trigger()
            form = await _form(window, "judgeAgain")
            boxes = form.findChildren(QComboBox)
            assert boxes[0].currentData() == 1
            form.findChildren(QLineEdit)[-1].setText("brevity, Is it kind?")
            form.accept()
            words = await _yes(ui, window)
            assert "The answer stays as it is" in words
            state = _state(window)
            assert state.answer_node == answer
            (wish,) = state.wishes
            assert [criterion.id for criterion in wish.criteria] == ["brevity", "is_it_kind"]
            assert wish.result is not None
            assert window.rounds.model is not None

    gui.run(main, good_model(seconds=QUICK_S))


def test_ones_own_candidate_and_an_alternative_meet_the_answer(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            await ask(ui, window, "Why?")
            ui.actions["tree.own"].trigger()
            form = await _form(window, "ownCandidate")
            edit = form.findChild(QPlainTextEdit)
            assert edit is not None
            edit.setPlainText("My own answer. " * 40)
            form.accept()
            await _yes(ui, window)
            own = [node for node in _state(window).nodes.values() if node.role == "person"]
            assert [node.text for node in own] == ["My own answer. " * 40]
            assert _state(window).answer_node == own[0].name
            ui.actions["tree.add"].trigger()
            form = await _form(window, "addAlternative")
            form.findChildren(QComboBox)[0].setCurrentIndex(2)
            form.accept()
            await _yes(ui, window)
            added = [node for node in _state(window).nodes.values() if node.wish == 2]
            assert [node.move for node in added] == ["other_method"]

    gui.run(main, good_model(seconds=QUICK_S))


def test_who_is_out_is_marked_and_put_back_by_undo(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            await ask(ui, window, "Why?")
            answer = _state(window).answer_node
            assert answer is not None
            window.selection.select(answer)
            ui.actions["tree.drop"].trigger()
            await at_rest(ui)
            assert _state(window).out == {answer}
            assert _state(window).answer_node != answer
            assert ui.actions["library.undo"].text() == f"Undo taking {answer} out of the contest"
            ui.actions["library.undo"].trigger()
            await at_rest(ui)
            assert not _state(window).out
            assert _state(window).answer_node == answer
            assert ui.undo.last is None
            for _ in range(2):
                ui.actions["tree.drop"].trigger()
                await at_rest(ui)
            assert not _state(window).out
            assert ui.actions["library.undo"].text() == f"Undo putting {answer} back into the contest"

    gui.run(main, good_model(seconds=QUICK_S))


def test_ranking_is_blind_and_kept(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            await ask(ui, window, "Why?")
            window.selection.select(A1)
            ui.actions["tree.rank"].trigger()
            form = await _form(window, "rankBlind")
            shown = form.findChild(QListWidget)
            assert shown is not None
            assert shown.count() > 1
            assert not any("R1." in shown.item(at).text() for at in range(shown.count()))
            form.accept()
            await at_rest(ui)
            (word,) = _state(window).user
            assert word.verb == "ranked"
            assert word.ranking is not None
            assert len(word.ranking) > 1

    gui.run(main, good_model(seconds=QUICK_S))


def test_a_form_is_about_the_run_it_was_opened_for(gui: Gui) -> None:
    """The next question begins while it is filled in."""

    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            await ask(ui, window, "Why?")
            window.selection.select(A1)
            first = window.selection.feed
            assert first is not None
            ui.actions["tree.rank"].trigger()
            form = await _form(window, "rankBlind")
            await ask(ui, window, "How?")
            second = window.selection.feed
            assert second is not None
            assert second is not first
            form.accept()
            await at_rest(ui)
            assert [word.verb for word in first.state.user] == ["ranked"]
            assert not second.state.user

    gui.run(main, good_model(seconds=QUICK_S), CONFIG.replace("rounds = 2", "rounds = 1"))


def test_ones_own_candidate_is_there_again_until_it_is_judged(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            await ask(ui, window, "Why?")

            async def opened() -> tuple[QDialog, QPlainTextEdit]:
                ui.actions["tree.own"].trigger()
                form = await _form(window, "ownCandidate")
                edit = form.findChild(QPlainTextEdit)
                assert edit is not None
                return form, edit

            form, edit = await opened()
            edit.setPlainText("My own answer.")
            form.reject()  # Esc
            await at_rest(ui)
            form, edit = await opened()
            assert edit.toPlainText() == "My own answer."
            form.accept()
            await until(lambda: window.findChild(QMessageBox, "roundsQuestion") is not None, "the price")
            box = window.findChild(QMessageBox, "roundsQuestion")
            assert isinstance(box, QMessageBox)
            box.reject()  # too dear
            await at_rest(ui)
            form, edit = await opened()
            assert edit.toPlainText() == "My own answer."
            form.accept()
            await _yes(ui, window)
            form, edit = await opened()
            assert edit.toPlainText() == ""
            form.reject()

    gui.run(main, good_model(seconds=QUICK_S), CONFIG.replace("rounds = 2", "rounds = 1"))


def test_a_working_run_is_paused_after_its_round_and_goes_on(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            window.chat.composer.edit.setPlainText("Why?")
            ui.actions["chat.send"].trigger()
            await until(ui.actions["chat.pause"].isEnabled, "a run to pause")
            ui.actions["chat.pause"].trigger()
            feed = ui.feeds.working()[0]
            await until(lambda: feed.state.is_held, "the pause")
            assert ui.app.chat.working() == (feed.run,)
            assert ui.actions["chat.go_on"].isEnabled()
            await until(lambda: window.chat.foot.line.pause.text() == "Go on", "the way on")
            ui.actions["chat.go_on"].trigger()
            await at_rest(ui)
            assert feed.state.finished is not None
            assert feed.state.finished.status == "complete"

    gui.run(main, good_model(seconds=0.1))


def test_going_on_from_a_loser_leaves_the_conversation_as_it_is(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            await ask(ui, window, "Why?")
            state = _state(window)
            loser = next(node.name for node in state.candidates() if node.name != state.answer_node)
            run, answer = state.run, state.answer_node
            window.selection.select(loser)
            ui.actions["tree.continue"].trigger()
            await at_rest(ui)
            assert _state(window).run != run
            assert _state(window).answer_node == loser
            replayed = RunState(run).fold(await ui.app.chat.replay(run))
            assert replayed.answer_node == answer
            assert window.chat.composer.edit.hasFocus() or not window.isActiveWindow()

    gui.run(main, good_model(seconds=QUICK_S))
