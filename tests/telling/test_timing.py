"""How long a call took: one number wherever it is told, and the wait in our own queue beside it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Reserved
from cort_desktop.gui.rounds.timeline_layout import Part, parts
from cort_desktop.gui.rounds.timeline_words import call_words
from cort_desktop.gui.rounds.trace import Trace
from cort_desktop.telling.outline import outline
from cort_desktop.telling.run_tree import Moment, Place
from cort_desktop.telling.timing import Timing, timing_of
from cort_desktop.telling.told import told
from tests.fakes.story import BEGIN, MODEL, Story, n


def queued(name: str = "R1.A1") -> Story:
    """A call that waits three seconds for a free place, and is answered in two, the first word after one."""
    story = Story().add(
        ev.NodeStarted(node=n(name), role="proposer", kind="fresh", round=1, reserved=Reserved(tokens=100))
    )
    story.wait(3).add(ev.AttemptStarted(node=n(name), attempt=1, model=MODEL, why="first"))
    story.wait(1).add(ev.AttemptFirstContent(node=n(name), attempt=1))
    return story.wait(1).finish(name, "Yes.", seconds=1.7, first_token_seconds=0.6)


def traced(story: Story) -> Trace:
    trace = Trace()
    for event in story.events:
        trace.apply(event)
    return trace


def test_the_wait_in_the_queue_is_told_by_itself() -> None:
    state = queued().state()
    assert timing_of(state.nodes[n("R1.A1")]) == Timing(queued_s=3.0, took_s=2.0, content_s=1.0)


def test_the_same_seconds_in_the_outline_the_tree_and_the_timeline() -> None:
    story = queued()
    moment = Moment(state=story.state())
    row = next(row for row in outline(story.state()) if row.name == "R1.A1")
    shown = told(moment, Place("node", 1, n("R1.A1")))
    call = traced(story).calls[n("R1.A1")]
    assert row.seconds == 2.0
    assert (shown.seconds, shown.queued) == ("2.0 s", "3.0 s in the queue")
    assert "started at 0.0 s, 3.0 s in the queue, took 2.0 s, first content after 1.0 s" in call_words(
        moment, call
    )
    assert list(parts(call, 5.0)) == [Part("queue", 0, 3), Part("wait", 3, 4), Part("content", 4, 5)]


def test_while_it_waits_it_is_queued_and_no_seconds_run() -> None:
    story = Story()
    story.events += queued().events[1:2]
    now = BEGIN + timedelta(seconds=2)
    state = story.state()
    assert timing_of(state.nodes[n("R1.A1")], now) == Timing(queued_s=2.0)
    row = next(row for row in outline(state, now=now) if row.name == "R1.A1")
    assert (row.mark, row.word, row.seconds) == ("waiting", "queued", None)
    assert list(parts(traced(story).calls[n("R1.A1")], 2.0)) == [Part("queue", 0, 2)]


def test_tries_and_the_pauses_between_them_count() -> None:
    story = Story().start("D", "draft").wait(1).attempt_fails("D", "502", next_="retry").wait(0.5)
    story.add(ev.AttemptStarted(node=n("D"), attempt=2, model=MODEL, why="retry")).wait(2)
    assert timing_of(story.finish("D", "x", seconds=2.0).state().nodes[n("D")]).took_s == 3.5


def test_nobody_knows_how_long_a_call_took_that_a_crash_ended() -> None:
    story = Story().start("D", "draft").wait(7200).add(ev.NodeCancelled(node=n("D"), by="crash"))
    assert timing_of(story.state().nodes[n("D")]) == Timing()


@pytest.mark.parametrize("seconds", [0.0, 0.2])
def test_what_came_from_the_cache_was_never_queued(seconds: float) -> None:
    story = queued()
    del story.events[2:]
    story._seq = 2
    story.finish("R1.A1", "Yes.", seconds=seconds, cached=True, usage=(0, 0), cost=0)
    assert timing_of(story.state().nodes[n("R1.A1")]) == Timing(took_s=seconds)
