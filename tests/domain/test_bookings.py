"""Bookings are what the ledger says, attempt by attempt: over made-up runs of every kind of ending."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.domain import events as ev
from cort_desktop.domain.bookings import Books, spend_of
from cort_desktop.domain.budget import Reserved, Usage
from cort_desktop.domain.ids import ModelRef, NodeName, RunId
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import Fault
from cort_desktop.domain.spending import Booking, Spend
from tests.fakes.library import BEGIN, started

RUN = RunId("run-1")
CHEAP, DEAR = ModelRef("a/cheap"), ModelRef("b/dear")
FAULT = Fault(kind="unavailable", message="The service failed.")
OPEN = Fault(kind="circuit_open", message="The breaker is open.")

amounts = st.integers(0, 10**9)
counts = st.integers(0, 10**6)
usages = st.none() | st.builds(
    Usage, input=counts, cached_input=counts, cache_write=counts, output=counts, reasoning=counts
)
costs = st.none() | amounts
models = st.sampled_from((CHEAP, DEAR))


@st.composite
def one_node(draw: st.DrawFn, number: int) -> list[ev.Body]:
    """The events of one call: its attempts, each failed, hedged away or good, and its end."""
    node = NodeName(f"R1.A{number}")
    reserved = Reserved(tokens=draw(counts), cost_microusd=draw(costs))
    bodies: list[ev.Body] = [
        ev.NodeStarted(node=node, role="proposer", round=1, model=CHEAP, reserved=reserved)
    ]
    if draw(st.booleans()):
        saved = draw(costs)
        end = ev.NodeFinished(
            node=node,
            text="kept",
            finish="stop",
            usage=Usage(),
            cost_microusd=0,
            cached=True,
            saved_microusd=saved,
            model=DEAR,
        )
        return [*bodies, end]
    attempts = draw(st.integers(1, 4))
    for attempt in range(1, attempts + 1):
        asked = draw(models)
        bodies.append(ev.AttemptStarted(node=node, attempt=attempt, model=asked, why="retry"))
        how = draw(st.sampled_from(("failed", "cancelled", "open")))
        if attempt == attempts:
            break
        if how == "cancelled":
            bodies.append(
                ev.AttemptCancelled(
                    node=node, attempt=attempt, why="hedge", usage=draw(usages), cost_microusd=draw(costs)
                )
            )
            continue
        bodies.append(
            ev.AttemptFailed(
                node=node,
                attempt=attempt,
                model=asked,
                error=FAULT,
                usage=draw(usages),
                cost_microusd=draw(costs),
                next="retry",
            )
        )
        if how == "open":
            bodies.append(
                ev.AttemptFailed(node=node, attempt=attempt, model=DEAR, error=OPEN, next="fallback")
            )
    return [*bodies, *draw(one_end(node, attempts))]


@st.composite
def one_end(draw: st.DrawFn, node: NodeName, attempt: int) -> list[ev.Body]:
    usage, cost = draw(usages), draw(costs)
    match draw(st.sampled_from(("finished", "failed", "person", "crash", "running"))):
        case "finished":
            return [
                ev.NodeFinished(
                    node=node, text="an answer", finish="stop", model=DEAR, usage=usage, cost_microusd=cost
                )
            ]
        case "failed":
            return [
                ev.AttemptFailed(
                    node=node,
                    attempt=attempt,
                    model=CHEAP,
                    error=FAULT,
                    usage=usage,
                    cost_microusd=cost,
                    next="give_up",
                ),
                ev.NodeFailed(node=node, error=FAULT, attempts=attempt),
            ]
        case "person":
            return [
                ev.AttemptCancelled(node=node, attempt=attempt, why="stop", usage=usage, cost_microusd=cost),
                ev.NodeCancelled(node=node, by="person"),
            ]
        case "crash":
            return [ev.NodeCancelled(node=node, by="crash")]
        case _:
            return []


@st.composite
def ledgers(draw: st.DrawFn) -> list[ev.Event]:
    bodies: list[ev.Body] = [started()]
    for number in range(1, draw(st.integers(1, 5)) + 1):
        bodies += draw(one_node(number))
    return [
        ev.Event(run=RUN, seq=seq, at=BEGIN + timedelta(seconds=seq), body=body)
        for seq, body in enumerate(bodies, start=1)
    ]


def booked(events: list[ev.Event], before: RunState | None = None) -> list[Booking]:
    books = Books(before or RunState(RUN))
    return [booking for event in events if (booking := books.take(event)) is not None]


def total(bookings: list[Booking]) -> Spend:
    return sum((each.spend for each in bookings), Spend())


def without_saved(spend: Spend) -> Spend:
    return dataclasses.replace(spend, kept=0, saved_microusd=0, saved_unknown=0)


@given(events=ledgers())
def test_the_sum_of_the_attempts_is_the_runs(events: list[ev.Event]) -> None:
    state = RunState(RUN).fold(events)
    found = total(booked(events))
    assert without_saved(found) == spend_of(state.spent)
    assert found.cost_microusd == state.spent.cost_microusd
    assert found.booked_microusd == state.spent.booked_microusd
    kept = [node for node in state.nodes.values() if node.cached]
    assert (found.kept, found.saved_microusd) == (len(kept), sum(n.saved_microusd or 0 for n in kept))


@given(events=ledgers(), cut=st.integers(0, 60))
def test_a_run_gone_on_with_books_each_event_once(events: list[ev.Event], cut: int) -> None:
    head, tail = events[:cut], events[cut:]
    assert booked(head) + booked(tail, RunState(RUN).fold(head)) == [
        dataclasses.replace(each, model=again.model)
        for each, again in zip(
            booked(events), booked(head) + booked(tail, RunState(RUN).fold(head)), strict=True
        )
    ]


def test_each_part_is_booked_on_who_was_asked() -> None:
    node, reserved = NodeName("D"), Reserved(tokens=9, cost_microusd=40)
    bodies: list[ev.Body] = [
        started(),
        ev.NodeStarted(node=node, role="proposer", round=0, model=CHEAP, reserved=reserved),
        ev.AttemptStarted(node=node, attempt=1, model=CHEAP, why="first"),
        ev.AttemptStarted(node=node, attempt=2, model=DEAR, why="hedge"),
        ev.AttemptCancelled(node=node, attempt=2, why="hedge lost"),
        ev.NodeFinished(
            node=node,
            text="an answer",
            finish="stop",
            model=CHEAP,
            usage=Usage(input=3, output=5),
            cost_microusd=7,
        ),
    ]
    events = [ev.Event(run=RUN, seq=n, at=BEGIN, body=body) for n, body in enumerate(bodies, start=1)]
    found = [
        (each.model, each.spend.calls, each.spend.known_microusd, each.spend.unknown)
        for each in booked(events)
    ]
    assert found == [(CHEAP, 1, 0, 0), (DEAR, 1, 0, 0), (DEAR, 0, 0, 1), (CHEAP, 0, 7, 0)]
    assert total(booked(events)).booked_microusd == 47
    assert total(booked(events)).cost_microusd is None
