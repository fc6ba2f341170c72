"""The rounds as a Qt model: every row where it belongs, live as after reading, never reset while it grows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication
from shiboken6 import delete

from cort_desktop.domain import events as ev
from cort_desktop.gui.pulse import Pulse
from cort_desktop.gui.rounds.items import TICKS
from cort_desktop.gui.rounds.model import BADGE, IS_ANSWER, IS_BEST, NODE, RunTreeModel
from cort_desktop.gui.rounds.row_columns import SCORE, TIME, TOKENS, WHAT
from cort_desktop.gui.run_feed import RunFeed
from tests.fakes.item_models import Mode, under_tester
from tests.fakes.rounds import long_run
from tests.fakes.story import Story, n, two_rounds
from tests.gui.rounds.desk import StoppedClock, no_qt_message


class Desk:
    """A model over a feed that a test fills by hand; every step is looked over by Qt's own tester."""

    def __init__(self) -> None:
        self.owner = QObject()
        self.pulse = Pulse(self.owner)
        self.model = RunTreeModel(self.owner)
        self.tester = under_tester(self.model, RunTreeModel, self.owner, Mode.Warning)

    def feed(self, story: Story, count: int | None = None) -> RunFeed:
        feed = RunFeed(story.run, self.pulse, StoppedClock(), self.owner)
        feed.show_all(story.events[:count])
        self.pulse.beat()
        return feed


@pytest.fixture
def desk(qt_app: QApplication) -> Iterator[Desk]:
    with no_qt_message():
        made = Desk()
        yield made
        made.model.show(None)
        made.owner.deleteLater()
        qt_app.processEvents()


def lines(model: RunTreeModel, parent: QModelIndex | None = None, depth: int = 0) -> list[str]:
    parent = QModelIndex() if parent is None else parent
    found = []
    for row in range(model.rowCount(parent)):
        index = model.index(row, WHAT, parent)
        found.append("  " * depth + model.data(index))
        found += lines(model, index, depth + 1)
    return found


TREE = """\
Why does my query get slower as it grows?
  D Draft
  R1 Round 1 R1.A2 won
    R1.A1 Fresh attempt
    R1.A2 Another method answer
    R1.A3 Fresh attempt 502 · 2 tries
    R1.J1–3 3 judges agreement 0.67 1 abstained, 1 in doubt
      R1.J1 Judge R1.A2 > R1.A1 > D
      R1.J2 Judge R1.A1 > R1.A2 = D counts half
      R1.J3 Judge abstained
  R2 Round 2 R1.A2 stays unstable
    R2.A1 Fresh attempt
    R2.J1–2 2 judges agreement 0.50
      R2.J1 Head to head R2.A1 > R1.A2
      R2.J2 Head to head R1.A2 > R2.A1
  Degraded The same answer won two rounds in a row."""


def test_a_finished_run(desk: Desk) -> None:
    desk.model.show(desk.feed(two_rounds()))
    assert lines(desk.model) == TREE.splitlines()


def test_growing_event_by_event_ends_where_reading_it_does_and_never_resets(desk: Desk) -> None:
    story = two_rounds()
    feed = desk.feed(story, 0)
    desk.model.show(feed)
    feed.set_working(True)
    resets = QSignalSpy(desk.model.modelAboutToBeReset)
    for event in story.events:
        feed.show(event)
        desk.pulse.beat()
        assert desk.model.rowCount() == 1
    feed.set_working(False)
    desk.pulse.beat()
    assert lines(desk.model) == TREE.splitlines()
    assert resets.count() == 0


def test_an_index_stays_with_its_node_while_rows_come_above_and_below(desk: Desk) -> None:
    story = two_rounds()
    feed = desk.feed(story, 8)
    desk.model.show(feed)
    kept = QPersistentModelIndex(desk.model.index_of(n("R1.A2")))
    feed.show_all(story.events[8:])
    desk.pulse.beat()
    assert kept.data(NODE) == "R1.A2"
    assert desk.model.index_of(n("R1.A2")) == kept


def test_one_judge_stands_in_the_row_that_several_share(desk: Desk) -> None:
    story = Story().start("D", "draft").finish("D", "a").start("R1.A1").finish("R1.A1", "b")
    story.start("R1.J1", role="judge")
    feed = desk.feed(story)
    desk.model.show(feed)
    index = desk.model.index_of(n("R1.J1"))
    assert desk.model.rowCount(index) == 0
    assert desk.model.data(index).startswith("R1.J1 Judge")
    before = len(story.events)
    story.start("R1.J2", role="judge")
    feed.show_all(story.events[before:])
    desk.pulse.beat()
    group = desk.model.index_of(n("R1.J1")).parent()
    assert desk.model.rowCount(group) == 2
    assert desk.model.data(group).startswith("R1.J1–2 2 judges")
    assert desk.model.node(group) is None


def test_a_late_candidate_comes_before_the_judges(desk: Desk) -> None:
    story = Story().start("D", "draft").start("R1.A1").start("R1.J1", role="judge")
    feed = desk.feed(story)
    desk.model.show(feed)
    before = len(story.events)
    story.start("R1.A2").start("X1", role="router")
    feed.show_all(story.events[before:])
    desk.pulse.beat()
    round_ = desk.model.index_of(n("R1.A2")).parent()
    assert [desk.model.node(desk.model.index(row, 0, round_)) for row in range(3)] == [
        "R1.A1",
        "R1.A2",
        "R1.J1",
    ]
    assert desk.model.index_of(n("X1")).row() == 2


def test_the_end_goes_away_when_a_run_is_reopened(desk: Desk) -> None:
    story = Story().start("D", "draft").finish("D", "a").end("calls", "The cap.", answer="D")
    feed = desk.feed(story)
    desk.model.show(feed)
    assert lines(desk.model)[-1].strip() == "Complete The cap."
    feed.set_working(True)
    before = len(story.events)
    story.add(ev.RunReopened(why="resumed")).start("R1.A1")
    feed.show_all(story.events[before:])
    desk.pulse.beat()
    assert [line.strip() for line in lines(desk.model)][1:] == [
        "D Draft first answer",
        "R1 Round 1",
        "R1.A1 Fresh attempt waiting",
    ]


def test_an_interrupted_run_says_so_until_it_is_gone_on_with(desk: Desk) -> None:
    feed = desk.feed(Story().start("D", "draft").finish("D", "a").start("R1.A1"))
    desk.model.show(feed)
    assert lines(desk.model)[-1].strip() == "Not finished interrupted"
    assert desk.model.data(desk.model.index_of(n("R1.A1")), BADGE) == "was in flight"
    feed.set_working(True)
    desk.pulse.beat()
    assert desk.model.data(desk.model.index_of(n("R1.A1")), BADGE) == "waiting"
    assert lines(desk.model)[-1].strip() == "R1.A1 Fresh attempt waiting"
    feed.set_working(False)


def test_figures_answer_and_words_for_a_screen_reader(desk: Desk) -> None:
    desk.model.show(desk.feed(two_rounds()))
    index = desk.model.index_of(n("R1.A2"))
    assert [index.siblingAtColumn(c).data() for c in (SCORE, TOKENS, TIME)] == ["0.83", "701", "1.9 s"]
    assert index.data(IS_ANSWER) is index.data(IS_BEST) is True
    spoken = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "R1.A2, Another method, answer, score 0.83, 701 tokens, $0.0021, 1.9 s"
    failed = desk.model.index_of(n("R1.A3")).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "failed: my-server answered 502 Bad Gateway; try again later (2 tries)" in failed


def test_streaming_touches_only_its_own_row(desk: Desk) -> None:
    story = Story().start("D", "draft").finish("D", "a").start("R1.A1").start("R1.A2")
    feed = desk.feed(story)
    feed.set_working(True)
    desk.model.show(feed)
    desk.pulse.beat()
    spy = QSignalSpy(desk.model.dataChanged)
    for _ in range(100):
        feed.show(Story().stream("R1.A2", "word ").events[-1])
    desk.pulse.beat()
    touched = {desk.model.data(spy.at(at)[0]).split(" ")[0] for at in range(spy.count())}
    assert touched == {"R1.A2"}
    index = desk.model.index_of(n("R1.A2"))
    assert index.data(BADGE) == "streaming"
    assert index.siblingAtColumn(TOKENS).data() == "~143"
    feed.set_working(False)


def test_the_seconds_tick_only_while_something_works(desk: Desk) -> None:
    feed = desk.feed(Story().start("D", "draft"))
    desk.model.show(feed)
    assert not desk.model._tick.isActive()
    feed.set_working(True)
    desk.pulse.beat()
    assert desk.model._tick.isActive()
    spy = QSignalSpy(desk.model.dataChanged)
    for _ in range(TICKS):
        desk.model._ticked()
    assert sorted(desk.model.data(spy.at(at)[0]).split(" ")[0] for at in range(spy.count())) == ["D", "Why"]
    feed.set_working(False)
    assert not desk.model._tick.isActive()


def test_rows_that_grow_together_have_their_turns(desk: Desk) -> None:
    names = [f"R1.A{number}" for number in range(1, 9)]
    story = Story().start("D", "draft").finish("D", "a")
    for name in names:
        story.start(name)
    feed = desk.feed(story)
    feed.set_working(True)
    desk.model.show(feed)
    desk.pulse.beat()
    for _ in names:
        spy = QSignalSpy(desk.model.dataChanged)
        for name in names:
            feed.show(Story().stream(name, "word ").events[-1])
        desk.pulse.beat()
        assert spy.count() == 1
    assert {desk.model.index_of(n(name)).data(BADGE) for name in names} == {"streaming"}
    for _ in range(TICKS):
        spy = QSignalSpy(desk.model.dataChanged)
        desk.model._ticked()
        assert spy.count() == 2  # eight, their round and the run
    feed.set_working(False)


def test_an_override_moves_the_answer(desk: Desk) -> None:
    story = two_rounds()
    feed = desk.feed(story)
    desk.model.show(feed)
    before = len(story.events)
    story.add(ev.UserEvent(verb="override", node=n("R1.A1")))
    feed.show_all(story.events[before:])
    desk.pulse.beat()
    assert desk.model.index_of(n("R1.A1")).data(BADGE) == "your choice"
    assert desk.model.index_of(n("R1.A2")).data(BADGE) == "won"


def test_hostile_words_are_shown_as_they_are(desk: Desk) -> None:
    story = Story(question="<img src='file:///x'> \u202e").start("D", "draft").fail("D", "<b>no</b>\x1b[2J")
    desk.model.show(desk.feed(story))
    tip = desk.model.index_of(n("D")).data(Qt.ItemDataRole.ToolTipRole)
    assert "&lt;b&gt;no&lt;/b&gt;␛[2J" in tip
    assert "\u202e" not in lines(desk.model)[0]


def test_two_thousand_nodes_live(desk: Desk) -> None:
    story = long_run(rounds=250)
    assert sum(isinstance(event.body, ev.NodeStarted) for event in story.events) >= 2_000
    feed = desk.feed(story, 0)
    delete(desk.tester)  # it looks at every row at every step
    desk.model.show(feed)
    feed.set_working(True)
    for at in range(0, len(story.events), 500):
        feed.show_all(story.events[at : at + 500])
        desk.pulse.beat()
    feed.set_working(False)
    desk.pulse.beat()
    grown = lines(desk.model)
    read = RunTreeModel(desk.owner)
    read.show(desk.feed(story))
    assert lines(read) == grown
    assert len(grown) > 2_250
    read.show(None)


def test_nothing_to_show(desk: Desk) -> None:
    desk.model.show(desk.feed(Story(), 0))
    assert desk.model.rowCount() == 0
    assert desk.model.headerData(WHAT, Qt.Orientation.Horizontal) == ""
    desk.model.show(None)
    assert not desk.model.index_of(n("D")).isValid()
