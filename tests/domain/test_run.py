"""The fold: what it copies, what it books, and what it refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget, Estimate, Reserved, Usage
from cort_desktop.domain.ids import ConversationId, ModelRef, NodeName, RunId, TurnId
from cort_desktop.domain.run import OutOfOrderError, RunState
from cort_desktop.domain.search import Fault, RunSpec

RUN = RunId("r")
START = datetime(2026, 1, 1, tzinfo=UTC)
DRAFT = NodeName("D")
MODEL = ModelRef("p/m")
STARTED = ev.RunStarted(
    conversation=ConversationId("c"),
    turn=TurnId("t"),
    question="q",
    strategy="single",
    spec=RunSpec(lineup={"proposer": (MODEL,)}),
    budget=Budget(calls=3),
    estimate=Estimate(calls_low=1, calls_high=1, tokens_low=1, tokens_high=1),
    app="1",
    prompts="1",
)


def fold(*bodies: ev.Body, every_s: float = 1.0) -> RunState:
    """A state after these bodies, one second apart."""
    events = [
        ev.Event(run=RUN, seq=n + 1, at=START + timedelta(seconds=n * every_s), body=body)
        for n, body in enumerate(bodies)
    ]
    return RunState(RUN).fold(events)


def node(tokens: int = 100, cost: int | None = 10) -> ev.NodeStarted:
    reserved = Reserved(tokens=tokens, cost_microusd=cost)
    return ev.NodeStarted(node=DRAFT, role="proposer", kind="draft", round=0, model=MODEL, reserved=reserved)


def attempt(number: int = 1) -> ev.AttemptStarted:
    return ev.AttemptStarted(node=DRAFT, attempt=number, model=MODEL, why="first")


def failed(kind: str, usage: Usage | None = None, cost: int | None = None) -> ev.AttemptFailed:
    return ev.AttemptFailed(
        node=DRAFT,
        attempt=1,
        model=MODEL,
        error=Fault(kind=kind, message="m"),
        usage=usage,
        cost_microusd=cost,
        next="retry",
    )


def done(usage: Usage | None, cost: int | None = 4) -> ev.NodeFinished:
    return ev.NodeFinished(node=DRAFT, text="sky", finish="stop", usage=usage, cost_microusd=cost)


def test_a_gap_or_another_run_is_refused() -> None:
    state = fold(STARTED)
    with pytest.raises(OutOfOrderError):
        state.apply(ev.Event(run=RUN, seq=3, at=START, body=node()))
    with pytest.raises(OutOfOrderError):
        state.apply(ev.Event(run=RunId("other"), seq=2, at=START, body=node()))


def test_usage_settles_a_call_and_its_absence_books_the_reservation() -> None:
    told = fold(STARTED, node(), attempt(), done(Usage(input=5, output=6)))
    assert (told.spent.calls, told.spent.tokens, told.spent.cost_microusd) == (1, 11, 4)
    untold = fold(STARTED, node(), attempt(), done(None, cost=None))
    assert (untold.spent.calls, untold.spent.tokens) == (1, 100)
    assert untold.spent.cost_microusd is None
    assert untold.spent.booked_microusd == 10


def test_every_attempt_counts_but_one_that_an_open_breaker_refused() -> None:
    twice = fold(
        STARTED, node(), attempt(), failed("unavailable", Usage(), 0), attempt(2), done(Usage(input=5))
    )
    assert (twice.spent.calls, twice.spent.tokens, twice.nodes[DRAFT].attempts) == (2, 5, 2)
    refused = fold(STARTED, node(), failed("circuit_open"))
    assert (refused.spent.calls, refused.spent.tokens) == (0, 0)


def test_a_call_lost_in_a_crash_is_booked_at_its_reservation_and_may_be_asked_again() -> None:
    state = fold(
        STARTED, node(), attempt(), ev.NodeCancelled(node=DRAFT, by="crash"), ev.RunResumed(lost=(DRAFT,))
    )
    assert (state.spent.calls, state.spent.tokens) == (1, 100)
    assert state.nodes[DRAFT].may_ask_again
    unsent = fold(STARTED, node(), ev.NodeCancelled(node=DRAFT, by="crash"), ev.RunResumed(lost=(DRAFT,)))
    assert unsent.spent.calls == 1


def test_time_between_an_interruption_and_a_resume_counts_for_nothing() -> None:
    state = fold(
        STARTED,
        node(),
        attempt(),
        ev.NodeCancelled(node=DRAFT, by="crash"),
        ev.RunResumed(lost=(DRAFT,)),
        node(),
        every_s=60,
    )
    assert state.active_seconds == 180


def test_a_failed_call_is_no_candidate_and_its_partial_text_is_kept() -> None:
    end = ev.NodeFailed(node=DRAFT, error=Fault(kind="interrupted", message="m"), partial="The sk")
    state = fold(STARTED, node(), attempt(), failed("interrupted"), end)
    assert state.candidates() == []
    assert state.best is None
    assert state.nodes[DRAFT].text == "The sk"
    assert state.missing() == (DRAFT,)


def test_an_override_is_the_active_answer_and_a_reopened_run_forgets_its_stop() -> None:
    stop = ev.UserEvent(verb="stopped")
    state = fold(STARTED, node(), attempt(), done(Usage()), stop)
    assert state.stopped
    assert state.answer_node == DRAFT
    reopened = fold(STARTED, node(), attempt(), done(Usage()), stop, ev.RunReopened(why="stopped"))
    assert not reopened.stopped
    chosen = fold(STARTED, ev.UserEvent(verb="override", node=NodeName("R1.A2")))
    assert chosen.answer_node == "R1.A2"


def test_a_choice_that_is_taken_back_leaves_the_runs_own_answer() -> None:
    chosen = ev.UserEvent(verb="override", node=NodeName("R1.A2"))
    state = fold(STARTED, node(), attempt(), done(Usage()), chosen, ev.UserEvent(verb="override"))
    assert state.override is None
    assert (state.answer_node, state.answer) == (DRAFT, "sky")


@pytest.mark.parametrize(
    "body",
    [
        ev.NodeStalled(node=DRAFT, idle_seconds=9.0),
        attempt(),
        ev.AttemptFirstContent(node=DRAFT, attempt=1),
        failed("unavailable"),
        ev.AttemptCancelled(node=DRAFT, attempt=1, why="cancelled"),
        done(Usage()),
        ev.NodeFailed(node=DRAFT, error=Fault(kind="timeout", message="m")),
        ev.NodeCancelled(node=DRAFT, by="person"),
    ],
    ids=lambda body: body.type,
)
def test_a_call_that_never_began_can_not_have_ended_and_nothing_has_changed(body: ev.Body) -> None:
    state = fold(STARTED)
    with pytest.raises(OutOfOrderError, match=r"tells of D, which never began"):
        state.apply(ev.Event(run=RUN, seq=2, at=START, body=body))
    assert (state.seq, state.nodes) == (1, {})
    state.apply(ev.Event(run=RUN, seq=2, at=START, body=node()))
    assert DRAFT in state.nodes


def test_a_word_about_a_node_that_is_not_there_changes_nothing() -> None:
    words = [ev.UserEvent(verb=verb, node=NodeName("R9.A1")) for verb in ("dropped", "retry")]
    state = fold(STARTED, *words)
    assert (state.dropped, state.late, state.taken_back) == (set(), [], set())
    assert state.user == words


def test_what_a_person_stopped_alone_is_not_asked_again_by_a_crash_or_a_reopening() -> None:
    stop = ev.UserEvent(verb="dropped", node=DRAFT)
    crashed = fold(STARTED, node(), attempt(), stop, ev.NodeCancelled(node=DRAFT, by="crash"))
    assert not crashed.nodes[DRAFT].may_ask_again
    gone = ev.NodeCancelled(node=DRAFT, by="person", partial="The sk")
    stopped = fold(
        STARTED,
        node(),
        attempt(),
        stop,
        gone,
        ev.UserEvent(verb="stopped"),
        ev.RunReopened(why="stopped"),
    )
    assert not stopped.nodes[DRAFT].may_ask_again
    assert stopped.missing() == (DRAFT,)
    again = fold(STARTED, node(), attempt(), stop, gone, ev.UserEvent(verb="retry", node=DRAFT))
    assert again.nodes[DRAFT].may_ask_again
    assert again.dropped == set()


def test_a_round_taken_back_is_the_next_one() -> None:
    first, judge = NodeName("R1.A1"), NodeName("R1.J1")

    def call(name: NodeName, role: str, number: int = 1) -> ev.NodeStarted:
        return ev.NodeStarted(node=name, role=role, round=number, reserved=Reserved())  # type: ignore[arg-type]

    def ended(name: NodeName) -> ev.NodeFinished:
        return ev.NodeFinished(node=name, text=name, finish="stop")

    fails = ev.NodeFailed(node=judge, error=Fault(kind="timeout", message="m"))
    won: list[ev.Body] = [
        ev.RoundFinished(round=number, winner=name) for number, name in ((1, first), (2, DRAFT))
    ]
    begun: list[ev.Body] = [
        STARTED,
        node(),
        done(Usage()),
        call(first, "proposer"),
        ended(first),
        call(judge, "judge"),
        fails,
    ]
    state = fold(*begun, *won)
    assert (state.next_round, state.best) == (3, DRAFT)
    again = ev.UserEvent(verb="retry", node=judge)
    state = fold(*begun, *won, again)
    assert (state.next_round, state.rounds_finished, state.taken_back) == (1, 1, {1})
    assert state.rounds[1].had_ended
    assert state.best == DRAFT  # it changes only when a round ends
    state = fold(*begun, *won, again, won[0])
    assert (state.next_round, state.rounds_finished, state.taken_back) == (3, 2, set())
    assert (state.best, state.incumbent) == (DRAFT, DRAFT)  # the later round is still the later one
