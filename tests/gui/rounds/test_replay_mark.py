"""A replay is told at the head of the rounds, and ends where the finished run stands."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication

from cort_desktop.gui.rounds.rounds_pane import RoundsPane
from cort_desktop.gui.selection import Selection
from cort_desktop.gui.ui import Ui
from tests.fakes.looking import beat, fed
from tests.fakes.rounds import drawn_run
from tests.fakes.window import Gui, gone, shown

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


def in_a_pane(gui: Gui, check: Callable[[Ui, RoundsPane], None], width: int = 452) -> None:
    async def main(ui: Ui) -> None:
        pane = RoundsPane(ui, Selection())
        pane.selection.setParent(pane)
        shown(pane, width, 860)
        pane.selection.show(fed(ui, drawn_run()))
        QApplication.processEvents()
        beat(ui)
        check(ui, pane)
        gone(pane)

    gui.run(main)


def test_it_says_what_is_played_and_how_fast(gui: Gui) -> None:
    def check(ui: Ui, pane: RoundsPane) -> None:
        stored, desk, mark = pane.selection.feed, pane.timeline.desk, pane.replay_mark
        assert mark.isHidden()
        desk.next_speed()
        ui.actions["tree.replay"].trigger()
        assert mark.words.text() == "Replay, 2×"
        assert mark.isVisible()
        assert pane.selection.feed is not stored
        ui.actions["tree.replay"].trigger()
        assert mark.words.text() == "Replay, paused"
        mark.end.click()
        assert mark.isHidden()
        assert pane.selection.feed is stored

    in_a_pane(gui, check)


def test_its_end_is_the_finished_run(gui: Gui) -> None:
    def check(ui: Ui, pane: RoundsPane) -> None:
        stored, desk, mark = pane.selection.feed, pane.timeline.desk, pane.replay_mark
        desk.seek_second(1.0)
        assert desk.player is not None
        assert not mark.isHidden()
        desk.player.seek(len(desk.player.schedule.events) - 1)
        desk.step(1)  # its last event: nothing is left to play
        assert mark.isHidden()
        assert pane.selection.feed is stored
        gone_player: object = desk.player
        assert gone_player is None
        beat(ui)
        run = pane.model.index(0, 0)
        last = pane.model.told(pane.model.index(pane.model.rowCount(run) - 1, 0, run))
        assert last is not None
        assert last.mark == "end"

    in_a_pane(gui, check)


def test_the_pane_gets_no_wider_by_it(gui: Gui) -> None:
    def check(_ui: Ui, pane: RoundsPane) -> None:
        pane.timeline.desk.seek_second(1.0)
        QApplication.processEvents()
        assert pane.width() == 340

    in_a_pane(gui, check, width=340)
