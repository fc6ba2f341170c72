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
