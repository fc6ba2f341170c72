"""The timeline in a real window: rows for keyboard and screen reader, live growth, replay, what is played."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from cort_desktop.gui.rounds.replay_desk import ReplayDesk
from cort_desktop.gui.rounds.timeline import Timeline
from cort_desktop.gui.rounds.timeline_model import TimelineModel
from cort_desktop.gui.selection import Selection
from cort_desktop.gui.theme import Mode
from cort_desktop.gui.ui import Ui
from tests.fakes.contest import contest, crowd
from tests.fakes.item_models import under_tester
from tests.fakes.looking import beat, fed, looking_at, on_screen, words
from tests.fakes.runs import snapshot
from tests.fakes.story import Story, n
from tests.fakes.window import Gui, until

pytestmark = pytest.mark.qt_log_ignore(
    "propagateSizeHints", "raise()"
)  # the platform without a screen has no frames


def labels(pane: Timeline) -> list[str]:
    model = pane.view.calls
    return [model.index(row).data() for row in range(model.rowCount())]


def is_replaying(pane: Timeline) -> bool:
    return pane.desk.player is not None


def test_it_lists_the_calls_and_tells_the_whole(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        pane = Timeline(ui, looking_at(ui, contest(), "R2.A3"))
        with on_screen(pane, height=240):
            assert (pane.objectName(), pane.accessibleName()) == ("timeline", "Timeline")
            assert pane.view.accessibleName()
            assert labels(pane)[:5] == ["D", "R1.A1", "R1.A2", "R1.A3", "R1.J1–3"]
            assert "5.8 s · 14 calls · 4 at once" in words(pane)
            assert pane.view.currentIndex().data() == "R2.A3"

    gui.run(main)


def test_rows_are_read_aloud(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        pane = Timeline(ui, looking_at(ui, contest()))
        with on_screen(pane):
            said = pane.view.calls.index(3).data(Qt.ItemDataRole.AccessibleTextRole)
            assert said.startswith("R1.A3, fresh attempt: failed: my-server answered 502")
            assert "waited 0.5 s" in said
            judges = pane.view.calls.index(4).data(Qt.ItemDataRole.AccessibleTextRole)
            assert judges.startswith("R1.J1–3, 3 calls. from 2.0 s to 2.8 s. R1.J1, judge: ")

    gui.run(main)


def test_arrow_keys_walk_rows_and_the_calls_of_a_row(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        selection = looking_at(ui, contest(), "R1.A3")
        pane = Timeline(ui, selection)
        with on_screen(pane):
            pane.activateWindow()
            pane.view.setFocus()
            await until(pane.view.hasFocus)
            seen = []
            for key in (
                Qt.Key.Key_Down,
                Qt.Key.Key_Right,
                Qt.Key.Key_Right,
                Qt.Key.Key_Right,
                Qt.Key.Key_Left,
            ):
                QTest.keyClick(pane.view, key)
                beat(ui)
                seen.append(selection.node)
            assert seen == ["R1.J1", "R1.J2", "R1.J3", "R1.J3", "R1.J2"]
            assert pane.view.accessibleDescription().startswith("R1.J2, judge: ")
            QTest.keyClick(pane.view, Qt.Key.Key_Up)
            assert selection.node == "R1.A3"

    gui.run(main)


def test_a_click_selects_the_very_call(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        selection = looking_at(ui, contest(), "D")
        pane = Timeline(ui, selection)
        with on_screen(pane):
            view = pane.view
            row = view.calls.rows[4]
            rect = view.visualRect(view.calls.index(4))
            lane = view.bars.lane_rect(row, rect, 1)
            x = view.bars.drawn.scale.x(2.4)
            QTest.mouseClick(
                view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(lane.center().y()))
            )
            assert selection.node == "R1.J2"

    gui.run(main)


@pytest.mark.reliability(53)
def test_a_tooltip_tells_a_call_and_what_looks_like_html_is_text(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        story = Story().start("D", "draft").wait(1).fail("D", "<img src='file:///etc/passwd'> & more")
        pane = Timeline(ui, looking_at(ui, story))
        with on_screen(pane):
            at = pane.view.visualRect(pane.view.calls.index(0)).center()
            event = QHelpEvent(QEvent.Type.ToolTip, at, pane.view.viewport().mapToGlobal(at))
            QApplication.sendEvent(pane.view.viewport(), event)
            assert "&lt;img src=" in QToolTip.text()
            assert "<img" not in QToolTip.text()
            QToolTip.hideText()
            beat(ui)

    gui.run(main)


@pytest.mark.endurance
def test_models_keep_their_promises_while_a_run_works(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        story = contest()
        feed = fed(ui, story, 1)
        selection = Selection()
        selection.show(feed)
        pane = Timeline(ui, selection)
        with on_screen(pane):
            tester = under_tester(pane.view.calls, TimelineModel, pane)
            resets: list[None] = []
            assert words(pane) == ["Timeline", "No call has been made yet."]
            feed.show(story.events[1])
            beat(ui)
            pane.view.calls.modelReset.connect(lambda: resets.append(None))
            for event in story.events[2:]:
                feed.show(event)
                beat(ui)
            assert labels(pane)[-1] == "R2.J1–3"
            assert not resets
            assert tester.model() is pane.view.calls

    gui.run(main)


def test_bars_of_a_working_run_grow_with_the_clock(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        story = contest()
        feed = fed(ui, story, 12)
        feed.set_working(True)
        start = story.events[11].at
        feed.play_at(start + timedelta(seconds=1))
        selection = Selection()
        selection.show(feed)
        pane = Timeline(ui, selection)
        with on_screen(pane):
            assert pane._grow.isActive()
            before = pane.view.bars.drawn.now
            feed.play_at(start + timedelta(seconds=3))
            await until(lambda: pane.view.bars.drawn.now > before)
            assert pane.view.bars.drawn.now == pytest.approx(before + 2)
            assert not pane.slider.isEnabled()
            assert not ui.actions["tree.replay"].isEnabled()
            pane.hide()
            assert not pane._grow.isActive()
            pane.show()
            feed.set_working(False)
            beat(ui)
            assert not pane._grow.isActive()

    gui.run(main)


def test_the_scale_of_a_working_run_seldom_moves(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        story = contest()
        feed = fed(ui, story, 12)
        feed.set_working(True)
        selection = Selection()
        selection.show(feed)
        pane = Timeline(ui, selection)
        with on_screen(pane):
            lengths = []
            for tenth in range(100):
                feed.play_at(story.events[11].at + timedelta(seconds=tenth / 10))
                pane.draw()
                lengths.append(pane.view.bars.drawn.scale.seconds)
                assert lengths[-1] > pane.view.bars.drawn.now
            assert lengths == sorted(lengths)
            assert len(set(lengths)) < 12
        feed.set_working(False)

    gui.run(main)


def test_stepping_back_shows_the_run_as_it_was_and_leaves_the_stored_one_alone(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        story = contest()
        selection = looking_at(ui, story, "R2.A3")
        stored = selection.feed
        assert stored is not None
        before = snapshot(stored.state)
        pane = Timeline(ui, selection)
        with on_screen(pane):
            ui.actions["tree.step_back"].trigger()
            assert selection.feed is not stored
            assert selection.feed is not None
            assert selection.feed.state.finished is None
            assert selection.feed.is_working
            assert (selection.feed.origin, stored.origin) == ("replay", "run")
            assert selection.node == "R2.A3"
            beat(ui)
            assert f"event {len(story.events) - 1} of {len(story.events)}" in " ".join(words(pane))
            assert labels(pane)[-1] == "R2.J1–3"
            ui.actions["tree.step"].trigger()
            assert selection.feed is stored
            assert snapshot(stored.state) == before

    gui.run(main)


def test_the_slider_scrubs_to_a_second(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        selection = looking_at(ui, contest(), "R2.A3")
        stored = selection.feed
        pane = Timeline(ui, selection)
        with on_screen(pane):
            pane.slider.setFocus()
            QTest.mouseClick(pane.slider, Qt.MouseButton.LeftButton, pos=QPoint(6, pane.slider.height() // 2))
            beat(ui)
            assert selection.feed is not None
            assert (
                selection.feed.state.nodes.get(n("D")) is None
                or selection.feed.state.nodes[n("D")].status == "running"
            )
            assert selection.node is None
            QTest.keyClick(pane.slider, Qt.Key.Key_Right)
            QTest.keyClick(pane.slider, Qt.Key.Key_End)
            beat(ui)
            assert selection.feed is stored

    gui.run(main)


@pytest.mark.parametrize("is_by_hand", [False, True])
def test_scrubbing_back_chooses_nothing_in_a_persons_name(gui: Gui, is_by_hand: bool) -> None:
    async def main(ui: Ui) -> None:
        selection = looking_at(ui, contest())
        pane = Timeline(ui, selection)
        with on_screen(pane):
            if is_by_hand:
                selection.select(n("D"))
            pane.desk.step(-1)
            pane.desk.step(-1)
            assert selection.node == (n("D") if is_by_hand else n("R2.A3"))
            assert selection.is_by_hand is is_by_hand
            pane.desk.leave()
            assert selection.is_by_hand is is_by_hand

    gui.run(main)


def test_replay_plays_to_the_end_and_gives_the_stored_run_back(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        selection = looking_at(ui, contest(), "R2.A3")
        stored = selection.feed
        pane = Timeline(ui, selection)
        with on_screen(pane):
            for _ in range(3):
                pane.desk.next_speed()
            assert pane.desk.speed == 8
            ui.actions["tree.replay"].trigger()
            assert pane.desk.is_playing
            assert selection.node is None
            beat(ui)
            assert pane._replay.accessibleName() == "Pause the replay"
            await until(lambda: selection.feed is stored)
            assert not is_replaying(pane)

    gui.run(main)


def test_a_replay_pauses_and_goes_on(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        selection = looking_at(ui, contest(), "R2.A3")
        pane = Timeline(ui, selection)
        with on_screen(pane):
            ui.actions["tree.replay"].trigger()
            ui.actions["tree.replay"].trigger()
            player = pane.desk.player
            assert player is not None
            assert not player.is_playing
            second = player.second
            ui.actions["tree.replay"].trigger()
            await until(lambda: player.second > second)
            pane.desk.leave()
            assert not is_replaying(pane)

    gui.run(main)


def test_going_to_another_run_ends_the_replay(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        selection = looking_at(ui, contest())
        other = fed(ui, Story("02run").start("D", "draft").finish("D", "x"))
        pane = Timeline(ui, selection)
        with on_screen(pane):
            ui.actions["tree.step_back"].trigger()
            assert is_replaying(pane)
            selection.show(other)
            assert not is_replaying(pane)
            beat(ui)
            assert labels(pane) == ["D"]

    gui.run(main)


def test_a_run_that_goes_on_ends_its_replay(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        story = contest()
        selection = looking_at(ui, story)
        stored = selection.feed
        assert stored is not None
        desk = ReplayDesk(ui, selection)
        desk.step(-1)
        assert selection.feed is not stored
        stored.set_working(True)
        beat(ui)
        assert selection.feed is stored
        assert not desk.can_replay
        desk.toggle()
        assert desk.player is None
        stored.set_working(False)
        desk.deleteLater()
        beat(ui)

    gui.run(main)


def test_two_thousand_calls_stand_in_few_rows(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        pane = Timeline(ui, looking_at(ui, crowd(20, 97), "R3.A7"))
        with on_screen(pane):
            assert len(pane.view.calls.trace.calls) == 2001
            assert pane.view.calls.rowCount() == 41
            assert pane.view.currentIndex().data() == "R3.A1–97"
            place = pane.view.visualRect(pane.view.currentIndex())
            assert pane.view.viewport().rect().intersects(place)

    gui.run(main)


def test_without_a_run_there_is_nothing_to_replay(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        pane = Timeline(ui, Selection())
        with on_screen(pane):
            pane.desk.toggle()
            pane.desk.step(-1)
            pane.desk.seek_second(1)
            pane.desk.leave()
            assert not is_replaying(pane)
            assert not ui.actions["tree.replay"].isEnabled()

    gui.run(main)


def test_it_is_painted_in_every_look(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        pane = Timeline(ui, looking_at(ui, contest(), "R1.A3"))
        with on_screen(pane, height=240):
            pictures = set()
            modes: tuple[Mode, ...] = ("light", "dark", "contrast")
            for mode in modes:
                gui.theme.use(mode=mode)
                beat(ui)
                image = pane.view.grab().toImage()
                colours = {image.pixelColor(x, y).name() for x in range(60, 400, 3) for y in range(0, 120, 2)}
                assert gui.theme.colour("bar").name() in colours
                assert gui.theme.colour("bar_failed").name() in colours
                assert gui.theme.colour("bar_judge").name() in colours
                pictures.add(frozenset(colours))
            assert len(pictures) == 3
            gui.theme.use(mode="system")

    gui.run(main)


def test_a_call_that_took_no_time_is_seen_beside_its_name_and_not_upon_it(gui: Gui) -> None:
    """The mark of one for which nothing was sent lay on its name, with the star of the winner."""

    async def main(ui: Ui) -> None:
        gui.theme.use(mode="light")
        story = Story(strategy="single")
        attempt = story.start("R1.A1").events.pop()  # its answer is taken from the cache: nothing is sent
        story._seq -= 1
        assert attempt.type == "attempt.started"
        story.finish("R1.A1", "x", cached=True).end("single", "one", answer="R1.A1")
        pane = Timeline(ui, looking_at(ui, story, "R1.A1"))
        with on_screen(pane, height=240):
            beat(ui)
            image = pane.view.grab().toImage()
            row = pane.view.visualRect(pane.view.calls.index(0))
            names = pane.view.bars.gutter() - 4

            def colours(left: int, right: int) -> set[str]:
                down = range(row.top(), row.bottom() + 1)
                return {image.pixelColor(x, y).name() for x in range(left, right) for y in down}

            marks = {gui.theme.colour(name).name() for name in ("accent", "good", "bar_won")}
            assert not colours(0, names) & marks
            assert colours(names, row.width()) >= {gui.theme.colour("bar_won").name()}
            gui.theme.use(mode="system")

    gui.run(main)
