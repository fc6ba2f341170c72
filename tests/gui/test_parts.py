"""The small shared parts: pulse, tasks, notices, selection, feeds."""

import asyncio
import sys

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import NodeName
from cort_desktop.errors import UsageError
from cort_desktop.gui.notice_widgets import NoticeBars, Toasts
from cort_desktop.gui.notices import Notices, Offer
from cort_desktop.gui.pulse import Pulse
from cort_desktop.gui.run_feed import Changes, RunFeed
from cort_desktop.gui.run_feeds import KEPT
from cort_desktop.gui.selection import Selection
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import PlainLabel, button, plain_tooltip
from cort_desktop.services.planning import Ask
from tests.fakes.window import Gui, flush_deletions, gone, shown, until


def test_a_pulse_calls_once_however_often_it_was_asked(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        calls: list[str] = []

        def call() -> None:
            calls.append("beat")

        for _ in range(50):
            ui.pulse.ask(call)
        await until(lambda: calls)
        await asyncio.sleep(0.1)
        assert calls == ["beat"]
        ui.pulse.ask(call)
        ui.pulse.forget(call)
        await asyncio.sleep(0.1)
        assert calls == ["beat"]

    gui.run(main)


def test_a_pulse_drops_what_belonged_to_a_dead_widget(gui: Gui) -> None:
    class Part(QObject):
        def beat(self) -> None:
            raise AssertionError("it is gone")

    pulse = Pulse(gui.theme)
    part = Part()
    pulse.ask(part.beat)
    part.deleteLater()
    flush_deletions()
    pulse.beat()


def test_a_task_tells_its_failure_to_who_asked(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        told: list[str] = []

        async def fail() -> None:
            raise UsageError("There is no such thing.")

        ui.tasks.start(fail(), name="mine", failed=lambda error: told.append(str(error)))
        await until(lambda: told)
        ui.tasks.start(fail(), name="nobody's")
        await until(lambda: gui.errors)
        assert [str(error) for error in gui.errors] == ["There is no such thing."]
        gui.errors.clear()

    gui.run(main)


def test_tasks_end_with_the_window(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        ended: list[str] = []

        async def wait() -> None:
            try:
                await asyncio.sleep(3600)
            finally:
                ended.append("ended")

        ui.tasks.start(wait(), name="long")
        await asyncio.sleep(0)
        assert ui.tasks.names == ["long"]
        await ui.tasks.aclose()
        assert ended == ["ended"]
        assert ui.tasks.start(wait(), name="late") is None

    gui.run(main)


def test_bars_stand_until_they_are_settled(gui: Gui) -> None:
    notices = Notices(gui.theme)
    place = QWidget()
    bars = NoticeBars(notices, gui.theme, place)
    shown(place, 600, 200)
    assert bars.isHidden()
    done: list[str] = []
    notices.bar(
        "one", "<b>The disk is full.</b>", "bad", (Offer(text="Save", call=lambda: done.append("x")),)
    )
    assert not bars.isHidden()
    labels = [each for each in bars.findChildren(PlainLabel) if each.text()]
    assert [each.text() for each in labels] == ["<b>The disk is full.</b>"]
    assert labels[0].textFormat().name == "PlainText"
    notices.clear("one")
    assert bars.isHidden()
    gone(place)


def test_a_toast_offers_undo_and_passes(gui: Gui) -> None:
    async def main(_ui: Ui) -> None:
        place = shown(QWidget(), 500, 300)
        notices = Notices(place)
        Toasts(notices, place)
        done: list[str] = []
        notices.say("Deleted “x”.", offer=Offer(text="Undo", call=lambda: done.append("undo")), seconds=0.05)
        buttons = [each for each in place.findChildren(type(button(""))) if each.isVisible()]
        assert [each.text() for each in buttons] == ["Undo"]
        buttons[0].click()
        assert done == ["undo"]
        notices.say("Saved.", seconds=0.01)
        await until(lambda: not [each for each in place.findChildren(PlainLabel) if each.isVisible()])
        gone(place)

    gui.run(main)


@pytest.mark.reliability(53)
def test_foreign_text_in_a_tooltip_is_shown_not_rendered(gui: Gui) -> None:
    label = PlainLabel()
    plain_tooltip(label, '<img src="http://127.0.0.1:9/x">')
    assert label.toolTip() == "<span>&lt;img src=&quot;http://127.0.0.1:9/x&quot;&gt;</span>"
    plain_tooltip(label, "plain words")
    assert label.toolTip() == "plain words"
    gone(label)
    assert gui is not None


def test_a_feed_is_the_same_live_and_read_again(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        feeds: list[RunFeed] = []
        changes: list[Changes] = []

        def show(event: ev.Event) -> None:
            if not feeds:
                feeds.append(ui.feeds.begin(event.run))
                feeds[0].changed.connect(changes.append)
            feeds[0].show(event)

        outcome = await ui.app.chat.ask(Ask(question="Why?"), show)
        await until(lambda: any(isinstance(e.body, ev.RunFinished) for c in changes for e in c.events))
        live = feeds[0]
        ui.feeds.forget(outcome.run)
        again = await ui.feeds.read(outcome.run)
        assert again is not live
        assert again.state.finished == live.state.finished
        assert {name: again.text(name) for name in again.state.nodes} == {
            name: live.text(name) for name in live.state.nodes
        }
        assert await ui.feeds.read(outcome.run) is again

    gui.run(main)


def test_runs_at_rest_do_not_pile_up(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        watched = ui.feeds.begin("watched")  # type: ignore[arg-type]
        watched.changed.connect(lambda _changes: None)
        working = ui.feeds.begin("working")  # type: ignore[arg-type]
        working.set_working(True)
        for number in range(3 * KEPT):
            ui.feeds.begin(f"r{number}")  # type: ignore[arg-type]
        assert ui.feeds.known("r0") is None  # type: ignore[arg-type]
        assert ui.feeds.known("watched") is watched  # type: ignore[arg-type]
        assert ui.feeds.known("working") is working  # type: ignore[arg-type]
        working.set_working(False)

    gui.run(main)


def test_the_selection_is_not_the_answer_and_stays_where_a_person_put_it(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        outcome = await ui.app.chat.ask(Ask(question="Why?"), lambda _event: None)
        feed = await ui.feeds.read(outcome.run)
        selection = Selection(ui.feeds)
        heard: list[object] = []
        selection.changed.connect(lambda: heard.append(selection.node))
        selection.show(feed)
        answer = feed.state.answer_node
        assert heard == [answer]
        other = next(node.name for node in feed.state.candidates() if node.name != answer)
        selection.select(other)
        assert feed.state.answer_node == answer
        selection.select(answer, by_hand=False)
        assert selection.node == other
        selection.mark(answer)
        assert selection.marked == answer
        selection.mark(answer)
        assert selection.marked is None
        selection.select(NodeName("R1.A1"))
        assert selection.last_visited_child(NodeName("D")) == "R1.A1"

    gui.run(main)


@pytest.mark.reliability(68)
def test_qt_keeps_its_hands_off_none(gui: Gui) -> None:
    """PySide6 6.12.0 on Python 3.11 drops a reference of None with every void call."""
    label = PlainLabel()
    before = sys.getrefcount(None)
    for _ in range(1000):
        label.setText("x")
        label.updateGeometry()
    assert abs(sys.getrefcount(None) - before) < 100
    gone(label)
    assert gui is not None
