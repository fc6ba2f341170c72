"""The pane of the rounds as a whole: three views on one selection, commands by key, questions, emptiness."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox, QPlainTextEdit

from cort_desktop.domain import events as ev
from cort_desktop.gui.notices import Notice
from cort_desktop.gui.rounds.request_dialog import RequestDialog
from cort_desktop.gui.rounds.rounds_commands import MENU
from cort_desktop.gui.rounds.rounds_pane import (
    CANDIDATE,
    COLUMNS,
    COMPARE,
    EMPTY,
    MAP,
    OUTLINE,
    WHY,
    RoundsPane,
)
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.gui.selection import Selection
from cort_desktop.gui.ui import Ui
from cort_desktop.services.planning import Ask
from tests.fakes.models import good_model
from tests.fakes.rounds import drawn_run
from tests.fakes.story import Story, n
from tests.fakes.window import Gui, gone, shown, until

QUICK_S = 0.01
# What the platform without a screen says of itself when a window has a smallest size, or a menu opens.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


def stood_up(ui: Ui, width: int = 452, height: int = 860) -> RoundsPane:
    pane = RoundsPane(ui, Selection())
    pane.selection.setParent(pane)
    shown(pane, width, height)
    pane.activateWindow()
    return pane


def told(ui: Ui, story: Story) -> RunFeed:
    feed = ui.feeds.begin(story.run)
    feed.show_all(story.events)
    ui.pulse.beat()
    return feed


def in_a_pane(gui: Gui, test: Callable[[Ui, RoundsPane], None], story: Story | None = None) -> None:
    async def main(ui: Ui) -> None:
        pane = stood_up(ui)
        pane.selection.show(told(ui, drawn_run() if story is None else story))
        QApplication.processEvents()
        test(ui, pane)
        gone(pane)

    gui.run(main)


def test_without_a_run_it_says_what_will_be_here(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        pane = stood_up(ui)
        assert pane.views.currentIndex() == EMPTY
        assert pane.tabs.isHidden()
        feed = ui.feeds.begin(drawn_run().run)
        pane.selection.show(feed)
        assert pane.views.currentIndex() == EMPTY  # nothing has happened yet
        feed.show_all(drawn_run().events)
        ui.pulse.beat()
        assert pane.views.currentIndex() == OUTLINE
        assert pane.tabs.isVisible()
        assert pane.timeline.isVisible()
        gone(pane)

    gui.run(main)


def test_three_views_one_selection(gui: Gui) -> None:
    def check(_ui: Ui, pane: RoundsPane) -> None:
        pane.selection.select(n("R1.A1"))
        for view in (MAP, COLUMNS, OUTLINE):
            pane.show_view(view)
            assert pane.views.currentIndex() == view
            assert pane.segments.index == view
            QApplication.processEvents()
        assert pane.model.node(pane.outline.currentIndex()) == "R1.A1"
        assert pane.columns.number == 1
        assert pane.map.accessibleDescription().startswith("R1.A1")

    in_a_pane(gui, check)


def test_the_keyboard_alone(gui: Gui) -> None:
    def check(ui: Ui, pane: RoundsPane) -> None:
        tree = pane.outline
        tree.setFocus()
        alt = Qt.KeyboardModifier.AltModifier
        walked = []
        for key in (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Down):
            QTest.keyClick(tree, key, alt)
            walked.append(pane.selection.node)
        assert walked == ["R1.A2", "R1.A1", "D", "R1.A1", "R1.A2"]
        QTest.keyClick(tree, Qt.Key.Key_W)
        assert pane.tabs.currentIndex() == WHY
        QTest.keyClick(tree, Qt.Key.Key_Return)
        assert pane.tabs.currentIndex() == CANDIDATE
        QTest.keyClick(tree, Qt.Key.Key_Space)
        assert pane.selection.marked == "R1.A2"
        QTest.keyClick(tree, Qt.Key.Key_Up, alt)
        QTest.keyClick(tree, Qt.Key.Key_C)
        assert pane.tabs.currentIndex() == COMPARE
        QTest.keyClick(tree, Qt.Key.Key_F)
        assert pane.views.currentIndex() == MAP
        assert not ui.actions["tree.cancel"].isEnabled()

    in_a_pane(gui, check)


def test_compare_with_the_winner_and_the_winner_with_the_draft(gui: Gui) -> None:
    def check(ui: Ui, pane: RoundsPane) -> None:
        ui.actions["tree.diff"].trigger()
        assert (pane.selection.node, pane.selection.marked) == ("R2.A3", "D")
        pane.selection.select(n("R1.A1"))
        ui.actions["tree.diff"].trigger()
        assert pane.selection.marked == "R2.A3"
        ui.actions["tree.diff"].trigger()
        assert pane.selection.marked == "R2.A3"  # asked twice, it stays
        assert pane.tabs.currentIndex() == COMPARE

    in_a_pane(gui, check)


def test_compare_without_a_mark_says_what_to_do(gui: Gui) -> None:
    def check(ui: Ui, pane: RoundsPane) -> None:
        said: list[Notice] = []
        ui.notices.said.connect(said.append)
        ui.actions["tree.compare"].trigger()
        assert "Mark another candidate first" in said[0].text
        assert pane.tabs.currentIndex() == CANDIDATE

    in_a_pane(gui, check)


def menu_of(pane: RoundsPane) -> QMenu | None:
    return next((each for each in pane.findChildren(QMenu) if each.isVisible()), None)


def test_the_menu_has_what_the_node_allows(gui: Gui) -> None:
    def check(ui: Ui, pane: RoundsPane) -> None:
        pane.selection.select(n("R1.A3"))
        pane.commands.open_menu(pane.mapToGlobal(QPoint(50, 50)))
        menu = menu_of(pane)
        assert menu is not None
        ids = {action.objectName() for action in menu.actions() if not action.isSeparator()}
        assert "tree.retry" in ids
        assert "tree.override" not in ids
        assert ids <= {verb for group in MENU for verb in group}
        menu.close()

    in_a_pane(gui, check)


def test_the_inspector_can_be_hidden_and_comes_back_when_it_is_needed(gui: Gui) -> None:
    def check(ui: Ui, pane: RoundsPane) -> None:
        ui.actions["view.inspector"].trigger()
        assert pane.tabs.isHidden()
        assert not ui.actions["view.inspector"].isChecked()
        ui.actions["tree.why"].trigger()
        assert pane.tabs.isVisible()
        assert ui.actions["view.inspector"].isChecked()

    in_a_pane(gui, check)


def test_an_override_a_request_and_a_replay_in_the_pane(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        outcome = await ui.app.chat.ask(Ask(question="Why?"), lambda _event: None)
        feed = await ui.feeds.read(outcome.run)
        ui.pulse.beat()
        pane = stood_up(ui)
        pane.selection.show(feed)
        QApplication.processEvents()
        changed: list[object] = []
        pane.answer_changed.connect(changed.append)
        other = next(node.name for node in feed.state.candidates() if node.name != feed.state.answer_node)
        pane.selection.select(other)
        ui.actions["tree.override"].trigger()
        await until(lambda: changed)
        assert feed.state.answer_node == other
        await until(lambda: not ui.actions["tree.override"].isEnabled())
        ui.actions["tree.inspect"].trigger()
        await until(lambda: pane.findChild(RequestDialog))
        dialog = pane.findChild(RequestDialog)
        assert dialog is not None
        field = dialog.findChild(QPlainTextEdit)
        assert field is not None
        assert "Why?" in field.toPlainText()
        dialog.close()
        gone(pane)

    gui.run(main, good_model(seconds=QUICK_S))


def test_a_question_is_asked_in_a_box_that_does_nothing_by_itself(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        outcome = await ui.app.chat.ask(Ask(question="Why?"), lambda _event: None)
        started = outcome.state.started
        assert started is not None
        await ui.app.chat.ask(
            Ask(question="And then?", conversation=started.conversation), lambda _event: None
        )
        feed = await ui.feeds.read(outcome.run)
        ui.pulse.beat()
        pane = stood_up(ui)
        before = feed.state.answer_node
        other = next(node.name for node in feed.state.candidates() if node.name != before)
        pane.selection.show(feed, other)
        for button, answer in ((1, before), (0, other)):
            ui.actions["tree.override"].trigger()
            await until(lambda: pane.findChild(QMessageBox))
            box = pane.findChild(QMessageBox)
            assert box is not None
            assert box.textFormat() == Qt.TextFormat.PlainText
            roles = (QMessageBox.ButtonRole.AcceptRole, QMessageBox.ButtonRole.RejectRole)
            next(each for each in box.buttons() if box.buttonRole(each) == roles[button]).click()
            await until(lambda: pane.findChild(QMessageBox) is None and not ui.tasks.names)
            assert feed.state.answer_node == answer
        gone(pane)

    gui.run(main, good_model(seconds=QUICK_S))


def test_growing_in_every_view_leaves_nothing_behind(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        pane = stood_up(ui)
        for view in (OUTLINE, MAP, COLUMNS):
            story = drawn_run()
            feed = ui.feeds.begin(story.run)
            feed.set_working(True)
            pane.selection.show(feed)
            pane.segments.choose(view)
            for event in story.events:
                feed.play_at(event.at)
                feed.show(event)
                ui.pulse.beat()
                QApplication.processEvents()
            feed.set_working(False)
            ui.pulse.beat()
            assert pane.selection.node == "R2.A3"
            pane.selection.show(None)
        gone(pane)

    gui.run(main)


def test_a_single_answer_has_no_rounds_and_looks_right(gui: Gui) -> None:
    story = Story(strategy="single").start("D").finish("D", "a").end("one", "One was asked for.", answer="D")

    def check(_ui: Ui, pane: RoundsPane) -> None:
        assert pane.model.rowCount(pane.model.index(0, 0)) == 2
        for view in (MAP, COLUMNS):
            pane.show_view(view)
            QApplication.processEvents()
        assert list(pane.columns.cards) == ["D"]
        assert set(pane.map.cards.by_key) == {"D", None}

    in_a_pane(gui, check, story)


@pytest.mark.endurance
def test_a_hundred_runs_one_after_another(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        pane = stood_up(ui)
        for number in range(100):
            story = (
                Story(f"run{number}").start("D", "draft").finish("D", "a").start("R1.A1").finish("R1.A1", "b")
            )
            story.add(ev.RoundFinished(round=1, winner=n("R1.A1"), kept=False))
            pane.selection.show(told(ui, story))
            pane.segments.choose(number % 3)
            QApplication.processEvents()
        pane.selection.show(None)
        gone(pane)

    gui.run(main)


def test_escape_stops_the_run_from_wherever_the_focus_is_in_the_rounds(gui: Gui) -> None:
    def check(ui: Ui, pane: RoundsPane) -> None:
        stopped: list[int] = []
        ui.actions.on("chat.stop", lambda: stopped.append(1))
        for number, view in enumerate((pane.outline, pane.map), start=1):
            pane.show_view(number - 1)
            QApplication.processEvents()
            assert view.hasFocus()
            QTest.keyClick(view, Qt.Key.Key_Escape)
            assert len(stopped) == number
        pane.tabs.tabBar().setFocus()
        QTest.keyClick(pane.tabs.tabBar(), Qt.Key.Key_Escape)
        assert len(stopped) == 3
        ui.actions["chat.stop"].setEnabled(False)
        QTest.keyClick(pane.tabs.tabBar(), Qt.Key.Key_Escape)
        assert len(stopped) == 3

    in_a_pane(gui, check)
