"""Times of calls on the run's own clock, rows and lanes, the scale and its ticks, what is told of a call."""

from __future__ import annotations

from itertools import pairwise

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Reserved
from cort_desktop.domain.run import RunState
from cort_desktop.gui.rounds.timeline_layout import (
    Part,
    Scale,
    cut_words,
    parts,
    rough_seconds,
    rows,
    tick_words,
)
from cort_desktop.gui.rounds.timeline_words import call_words, row_words, total_words
from cort_desktop.gui.rounds.trace import Trace
from cort_desktop.telling.run_tree import Moment
from tests.fakes.contest import contest, crowd, first_round
from tests.fakes.story import MODEL, Story, n, two_rounds


def traced(story: Story) -> Trace:
    trace = Trace()
    for event in story.events:
        trace.apply(event)
    return trace


def spans(trace: Trace, name: str, now: float = 0.0) -> list[tuple[str, float, float, bool]]:
    return [
        (part.kind, round(part.start, 3), round(part.end, 3), part.failed)
        for part in parts(trace.calls[n(name)], now)
    ]


def test_a_call_waits_then_brings_content() -> None:
    assert spans(traced(contest()), "R1.A1") == [("wait", 0, 0.4, False), ("content", 0.4, 1.9, False)]


def test_a_failed_call_shows_both_tries_and_the_pause_between() -> None:
    assert spans(traced(contest()), "R1.A3") == [
        ("wait", 0, 0.7, True),
        ("pause", 0.7, 1.2, False),
        ("wait", 1.2, 1.8, True),
    ]


def test_the_hours_between_a_stop_and_a_resume_are_cut_out() -> None:
    story = contest()
    trace = traced(story)
    assert [(round(cut.at, 3), cut.away_s) for cut in trace.cuts] == [(2.8, 5400.0)]
    assert trace.seconds == pytest.approx(story.state().active_seconds)
    assert trace.seconds < 10


@pytest.mark.parametrize(
    "story", [contest(), two_rounds(), crowd(2, 9)], ids=["contest", "two rounds", "crowd"]
)
def test_the_clock_is_that_of_the_run_itself(story: Story) -> None:
    trace, state = Trace(), RunState(story.run)
    for event in story.events:
        trace.apply(event)
        state.apply(event)
        assert trace.seconds == pytest.approx(state.active_seconds)


def test_a_crash_and_a_choice_long_after_the_end_take_no_time() -> None:
    story = Story().start("D", "draft").wait(2)
    story.wait(60).add(ev.NodeCancelled(node=n("D"), by="crash"))
    story.add(ev.RunResumed(lost=(n("D"),))).start("D", "draft").wait(1).finish("D", "x")
    story.end("rounds", "done", answer="D").wait(900).add(ev.UserEvent(verb="override", node=n("D")))
    trace = traced(story)
    assert trace.seconds == pytest.approx(story.state().active_seconds)
    assert trace.cuts[0].away_s == 62
    assert [attempt.number for attempt in trace.calls[n("D")].attempts] == [1, 1]
    assert trace.calls[n("D")].status == "finished"


def test_what_runs_grows_with_the_time_that_is_passed_in() -> None:
    story = Story().start("D", "draft").wait(1).add(ev.AttemptFirstContent(node=n("D"), attempt=1))
    assert spans(traced(story), "D", now=3.5) == [("wait", 0, 1, False), ("content", 1, 3.5, False)]


def test_a_pause_before_the_next_try_grows_too() -> None:
    story = Story().start("D", "draft").wait(1).attempt_fails("D", "502", next_="retry")
    assert spans(traced(story), "D", now=1.25) == [("wait", 0, 1, True), ("pause", 1, 1.25, False)]


def test_an_open_breaker_is_a_try_of_no_length() -> None:
    story = Story()
    story.start("D", "draft")
    story.events.pop()
    story._seq -= 1
    story.fail("D", "the service is paused", kind="circuit_open")
    assert [part.kind for part in parts(traced(story).calls[n("D")], 0.0)] == ["wait"]


def test_rows_stand_in_the_order_of_the_rounds_and_judges_share_one() -> None:
    assert [row.label for row in rows(traced(contest()))] == [
        "D", "R1.A1", "R1.A2", "R1.A3", "R1.J1–3", "R2.A1", "R2.A2", "R2.A3", "R2.J1–3",
    ]  # fmt: skip


def test_judges_that_overlap_have_lanes_of_their_own_and_others_share_one() -> None:
    story = Story()
    for name in ("R1.J1", "R1.J2"):
        story.start(name, role="judge")
    story.wait(1).finish("R1.J1", "").wait(1).finish("R1.J2", "")
    story.start("R1.J3", role="judge").wait(1).finish("R1.J3", "")
    row = rows(traced(story))[0]
    assert (row.nodes, row.lanes, row.depth) == (("R1.J1", "R1.J2", "R1.J3"), (0, 1, 0), 2)


def test_hundreds_of_calls_are_packed_into_few_rows_that_hold_them_all() -> None:
    story = crowd(4, 40)
    packed = rows(traced(story))
    assert len(packed) == 1 + 4 * 2
    assert sorted(name for row in packed for name in row.nodes) == sorted(story.state().nodes)
    assert packed[1].label == "R1.A1–40"
    assert packed[1].depth == 8


def test_calls_outside_rounds_come_last() -> None:
    story = Story()
    router = ev.NodeStarted(node=n("X1"), role="router", round=0, reserved=Reserved())
    story.add(router, ev.AttemptStarted(node=n("X1"), attempt=1, model=MODEL, why="first"))
    story.start("D", "draft").start("R1.A1")
    assert [row.label for row in rows(traced(story))] == ["D", "R1.A1", "X1"]


def test_a_scale_maps_seconds_to_places_and_back() -> None:
    scale = Scale(left=60, right=460, seconds=8)
    assert [scale.x(second) for second in (0, 4, 8, 99)] == [60, 260, 460, 460]
    assert [scale.second(x) for x in (0, 260, 999)] == [0, 4, 8]
    assert Scale(left=60, right=60, seconds=8).second(60) == 0


@pytest.mark.parametrize("seconds", [0, 0.01, 0.3, 9.4, 75, 600, 40_000, 900_000])
@pytest.mark.parametrize("room", [10, 120, 900])
def test_ticks_are_round_apart_and_within(seconds: float, room: float) -> None:
    scale = Scale(left=0, right=room, seconds=seconds)
    ticks = scale.ticks(50)
    places = [scale.x(second) for second, _ in ticks]
    assert places[0] == 0
    assert all(b - a >= 49.9 for a, b in pairwise(places)) or len(places) <= 2
    assert places[-1] <= room


def test_ticks_are_told_as_people_read_times() -> None:
    pairs = ((0, 1), (0.25, 0.05), (0.5, 0.5), (2, 2), (90, 30), (120, 60))
    assert [tick_words(second, step) for second, step in pairs] == [
        "0", "0.25 s", "0.5 s", "2 s", "1 min 30 s", "2 min",
    ]  # fmt: skip
    assert Scale(left=0, right=300, seconds=9.4).ticks(60)[1][1] == "2 s"


def test_a_cut_is_told_roughly() -> None:
    assert [rough_seconds(s) for s in (12, 300, 10_900, 86_400, 200_000)] == [
        "12 s", "5 min", "3 h", "1 day", "2 days",
    ]  # fmt: skip
    assert cut_words(10_800) == "3 h later"


def test_the_head_tells_length_calls_and_how_many_at_once() -> None:
    story = contest()
    trace = traced(story)
    assert total_words(story.state(), trace, trace.seconds) == "5.8 s · 14 calls · 4 at once"
    story.events.pop()
    assert total_words(story.state(), traced(story), 5.8) == "5.8 s · 14 calls · 4 at once"


def test_a_failed_call_is_told_with_its_tries_and_waits() -> None:
    story = contest()
    told = call_words(Moment(state=story.state()), traced(story).calls[n("R1.A3")])
    assert told[0].startswith("R1.A3, fresh attempt: failed")
    assert "started at 0.0 s, took 1.8 s" in told
    assert told[-2] == "try 1 at 0.0 s failed: my-server answered 502 Bad Gateway; waited 0.5 s"
    assert told[-1].startswith("try 2 at 1.2 s failed: ")


def test_a_call_is_told_with_tokens_money_and_first_content() -> None:
    story = contest()
    told = call_words(Moment(state=story.state()), traced(story).calls[n("R1.A2")])
    assert told == [
        "R1.A2, another method: won",
        "my-server/big",
        "started at 0.0 s, took 2.0 s, first content after 0.4 s",
        "701 tokens, $0.0021",
    ]


def test_a_row_of_many_names_the_first_and_counts_the_rest() -> None:
    story = crowd(4, 40)
    trace = traced(story)
    words = row_words(Moment(state=story.state()), trace, rows(trace)[1], 0)
    assert words.startswith("R1.A1–40, 40 calls. from ")
    assert words.endswith("and 34 more")


def test_a_story_that_only_began_has_a_row_for_its_draft() -> None:
    story = Story()
    assert rows(traced(story)) == []
    first_round(story)
    assert rows(traced(story))[0].nodes == (n("D"),)
    assert Part("wait", 0, 1) == Part("wait", 0, 1, failed=False)
