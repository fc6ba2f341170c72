"""A stored run played again by an injected clock: own times, cut gaps, even texts, steps both ways."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QObject

from cort_desktop.domain import events as ev
from cort_desktop.domain.clock import Clock
from cort_desktop.domain.run import RunState
from cort_desktop.gui.pulse import Pulse
from cort_desktop.gui.rounds.replay import Player, Schedule
from cort_desktop.gui.run_feed import RunFeed
from tests.fakes.contest import FINAL, FIRST, contest
from tests.fakes.runs import snapshot
from tests.fakes.story import MODEL, Story, n

STORY = contest()
"""Second 0: the draft and three others start; 0.4 first content; 1.9 the first end; 2.8 the cut."""


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = 100.0

    def monotonic(self) -> float:
        return self.at


class Played:
    """A player with its clock, and what it told."""

    def __init__(self, story: Story) -> None:
        self.clock = Hands()
        self.owner = QObject()
        self.pulse = Pulse(self.owner)
        self.story = story
        self.player = Player(story.events, self.feed, self.clock, self.owner)
        self.finished: list[None] = []
        self.feeds: list[RunFeed] = []
        self.player.finished.connect(lambda: self.finished.append(None))
        self.player.feed_changed.connect(self.feeds.append)

    def feed(self) -> RunFeed:
        return RunFeed(self.story.run, self.pulse, cast("Clock", None))

    def run(self, seconds: float) -> None:
        self.clock.at += seconds
        self.player.tick()


@pytest.fixture
def played(qt_app: object) -> Iterator[Played]:
    made = Played(STORY)
    yield made
    made.owner.deleteLater()


def test_it_begins_with_the_question_alone(played: Played) -> None:
    assert played.player.feed.state.question.startswith("Why does my query")
    assert played.player.feed.state.nodes == {}
    assert played.player.feed.is_working
    assert not played.player.is_playing


def test_events_come_at_their_own_times(played: Played) -> None:
    played.player.play()
    played.run(0.39)
    assert len(played.player.feed.state.nodes) == 4
    assert played.player.feed.state.nodes[n("D")].status == "running"
    played.run(1.52)
    assert played.player.feed.state.nodes[n("D")].status == "finished"
    assert played.player.feed.state.nodes[n("R1.A2")].status == "running"


def test_a_text_is_revealed_evenly_between_first_content_and_end(played: Played) -> None:
    played.player.play()
    played.run(0.4)
    assert played.player.feed.text(n("R1.A2")) == ""
    reasoning = played.story.state().nodes[n("R1.A2")].reasoning or ""
    whole = len(reasoning) + len(FIRST)
    seen = []
    feed = played.player.feed
    for _ in range(15):
        played.run(0.1)
        seen.append(len(feed.reasoning(n("R1.A2"))) + len(feed.text(n("R1.A2"))))
    steps = [b - a for a, b in pairwise(seen)]
    assert max(steps) - min(steps) <= 1
    assert seen[7] == pytest.approx(whole / 2, abs=2)
    assert FIRST.startswith(feed.text(n("R1.A2")))
    played.run(0.11)
    assert played.player.feed.text(n("R1.A2")) == FIRST


def test_reasoning_comes_before_the_answer(played: Played) -> None:
    played.player.seek_second(0.5)
    feed = played.player.feed
    assert "First I look for what".startswith(feed.reasoning(n("R1.A2"))[:10])
    assert feed.reasoning(n("R1.A2"))
    assert feed.text(n("R1.A2")) == ""


def test_the_gap_before_a_resume_is_left_out(played: Played) -> None:
    played.player.play()
    played.run(3.0)
    assert n("R2.A1") in played.player.feed.state.nodes
    assert played.player.schedule.seconds < 10


def test_it_ends_with_the_run_as_it_was_stored(played: Played) -> None:
    played.player.play()
    for _ in range(70):
        played.run(0.1)
        if played.player.is_at_end:
            break
    assert played.finished == [None]
    assert not played.player.is_playing
    assert not played.player.feed.is_working
    assert snapshot(played.player.feed.state) == snapshot(STORY.state())
    assert played.player.feed.text(n("R2.A3")) == FINAL


def test_played_again_from_the_end_it_starts_over(played: Played) -> None:
    played.player.seek(len(STORY.events))
    played.player.play()
    assert played.player.is_playing
    assert played.player.feed.state.nodes == {}
    assert played.feeds == [played.player.feed]


@pytest.mark.parametrize("speed", [1.0, 4.0])
def test_speed_multiplies_the_time_that_passes(played: Played, speed: float) -> None:
    played.player.speed = speed
    played.player.play()
    played.run(0.5)
    assert played.player.second == pytest.approx(0.5 * speed)


def test_while_it_is_paused_nothing_moves(played: Played) -> None:
    played.player.play()
    played.run(0.5)
    played.player.pause()
    played.clock.at += 50
    played.player.play()
    played.run(0.1)
    assert played.player.second == pytest.approx(0.6)


def test_running_calls_are_measured_by_the_time_of_the_replay(played: Played) -> None:
    played.player.seek_second(1.5)
    now = played.player.feed.now()
    assert now is not None
    started = played.player.feed.state.nodes[n("D")].started_at
    assert (now - started).total_seconds() == pytest.approx(1.5)


def test_a_step_is_one_event_either_way(played: Played) -> None:
    played.player.step(1)
    played.player.step(1)
    assert played.player.feed.state.seq == 3
    played.player.step(-1)
    assert played.player.feed.state.seq == 2
    assert played.feeds == [played.player.feed]
    played.player.step(-1)
    played.player.step(-1)
    assert played.player.feed.state.seq == 1


def test_a_stored_run_is_never_touched(played: Played) -> None:
    before = snapshot(STORY.state())
    played.player.seek(20)
    played.player.seek(3)
    assert snapshot(STORY.state()) == before


@settings(max_examples=40)
@given(st.lists(st.one_of(st.integers(0, 120), st.floats(0, 8)), min_size=1, max_size=8))
def test_wherever_one_jumps_the_state_is_that_of_the_events_before(jumps: list[int | float]) -> None:
    played = Played(STORY)
    for jump in jumps:
        if isinstance(jump, int):
            played.player.seek(jump)
        else:
            played.player.seek_second(jump)
        player = played.player
        expected = RunState(STORY.run).fold(player.schedule.events[: player.index])
        assert snapshot(player.feed.state) == snapshot(expected)
        for name, node in player.feed.state.nodes.items():
            final = STORY.state().nodes[name]
            if node.status == "running" and name in player.feed.texts:
                streamed = player.feed.texts[name]
                assert final.text.startswith(streamed.answer) or streamed.answer == ""
                assert (final.reasoning or "").startswith(streamed.reasoning)
    played.owner.deleteLater()


def test_pieces_of_text_in_a_recording_are_not_shown_twice(qt_app: object) -> None:
    story = Story().start("D", "draft").add(ev.AttemptFirstContent(node=n("D"), attempt=1))
    story.stream("D", "Half").wait(1).finish("D", "Half and half")
    assert [event.seq for event in Schedule(story.events).events] == [1, 2, 3, 4, 5]
    played = Played(story)
    played.player.seek_second(0.5)
    assert played.player.feed.text(n("D")) == "Half a"
    played.owner.deleteLater()


def test_a_second_try_streams_anew(qt_app: object) -> None:
    story = Story().start("D", "draft").add(ev.AttemptFirstContent(node=n("D"), attempt=1)).wait(1)
    story.attempt_fails("D", "broken", next_="retry")
    story.add(ev.AttemptStarted(node=n("D"), attempt=2, model=MODEL, why="again"))
    story.wait(1).add(ev.AttemptFirstContent(node=n("D"), attempt=2)).wait(2).finish("D", "abcd")
    played = Played(story)
    texts = []
    for second in (0.5, 1.5, 2.5, 3.5, 4.0):
        played.player.seek_second(second)
        texts.append(played.player.feed.text(n("D")))
    assert texts == ["", "", "a", "abc", "abcd"]
    played.owner.deleteLater()


def test_a_broken_text_is_revealed_as_far_as_it_was_kept(qt_app: object) -> None:
    story = Story().start("D", "draft").add(ev.AttemptFirstContent(node=n("D"), attempt=1)).wait(1)
    story.add(ev.NodeCancelled(node=n("D"), by="person", partial="half of it"))
    played = Played(story)
    played.player.seek_second(0.5)
    assert played.player.feed.text(n("D")) == "half "
    played.owner.deleteLater()


def test_a_tick_of_the_real_timer_moves_it(played: Played, qtbot: object) -> None:
    played.clock.at = 100.0
    played.player.play()
    played.clock.at = 100.5
    moved: list[float] = []
    played.player.moved.connect(lambda: moved.append(played.player.second))
    qtbot.waitUntil(lambda: bool(moved), timeout=20_000)  # type: ignore[attr-defined]
    played.player.pause()
    assert moved[0] == pytest.approx(0.5)
