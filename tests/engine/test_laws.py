"""The laws of ENGINE 2, over every strategy: it ends; never over budget; any order of results is valid;
after any prefix of any log and ``run.resumed`` what is decided is valid and repeats no answered job; live
equals replayed."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain import wire
from cort_desktop.domain.budget import Budget
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.run import RunState
from cort_desktop.engine import endings
from cort_desktop.engine.engine import Engine
from cort_desktop.engine.lineup import ModelHandle
from cort_desktop.engine.strategies import built_in
from cort_desktop.errors import RunError, UsageError
from tests.fakes.laws import check_resumable, seeds
from tests.fakes.loops import run_virtual
from tests.fakes.models import good_model, handle, shaky_model
from tests.fakes.runs import RUN, SIZES, VIEW, Log, begin, engine, finish, snapshot

STRATEGIES = sorted(SIZES)
SEEDS = seeds(7)


def test_every_strategy_is_under_the_laws() -> None:
    assert set(built_in()) == set(STRATEGIES)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("seed", SEEDS)
def test_it_ends_with_an_answer_or_a_clear_failure(strategy: str, seed: int) -> None:
    """Whatever fails, in whatever order results come: the run ends, and its answer is a finished
    candidate."""
    log = Log()
    state = run_virtual(finish(handle(shaky_model(seed)), strategy, log, seed=seed))
    end = state.finished
    assert end is not None
    assert not state.running
    if end.answer_node is None:
        assert end.status == "failed"
        assert not state.candidates()
    else:
        node = state.nodes[end.answer_node]
        assert node.is_candidate
        assert end.answer == node.text
        if node.finish == "length" and state.votes:
            assert all(
                n.finish == "length" for n in state.candidates() if state.votes[-1].answers.get(n.name)
            )
        elif node.finish == "length":
            judged = {name for v in state.verdicts.values() for name in v.order}
            assert all(n.finish == "length" for n in state.candidates() if n.name in judged)
    assert end.reason.text
    assert [event.seq for event in log.events] == list(range(1, len(log.events) + 1))


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "budget",
    [
        Budget(calls=1),
        Budget(calls=3),
        Budget(tokens=900),
        Budget(tokens=5),
        Budget(cost_microusd=900),
        Budget(seconds=2.5),
    ],
    ids=["1 call", "3 calls", "900 tokens", "5 tokens", "900 microusd", "2.5 s"],
)
def test_no_cap_is_ever_exceeded(strategy: str, seed: int, budget: Budget) -> None:
    """Requests exactly; tokens and money with what is unknown counted at its worst; seconds cut what runs."""
    log = Log()
    model = shaky_model(seed)
    state = run_virtual(finish(handle(model), strategy, log, seed=seed, budget=budget))
    end = state.finished
    assert end is not None
    assert end.calls == len(model.requests)
    if budget.calls is not None:
        assert len(model.requests) <= budget.calls
    if budget.tokens is not None:
        assert state.spent.tokens <= budget.tokens
    if budget.cost_microusd is not None:
        assert state.spent.booked_microusd <= budget.cost_microusd
    if budget.seconds is not None:
        assert end.seconds <= budget.seconds + 0.01
    if state.limits:
        assert end.status in ("stopped", "failed")
        assert end.reason.rule in state.limits


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("seed", SEEDS)
def test_live_state_equals_replayed_state(strategy: str, seed: int) -> None:
    """The fold of the events, written as JSON and read back, is the state the engine had."""
    log = Log()
    state = run_virtual(finish(handle(shaky_model(seed)), strategy, log, seed=seed))
    read = [wire.event_from_json(wire.event_to_json(event)) for event in log.events]
    assert snapshot(RunState(RUN).fold(read)) == snapshot(state)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("seed", seeds(4))
def test_any_prefix_can_be_resumed(strategy: str, seed: int) -> None:
    """After a crash at any commit the run goes on to its end; nothing that was answered is asked again."""
    log = Log()
    run_virtual(finish(handle(shaky_model(seed)), strategy, log, seed=seed))
    for cut in range(1, len(log.batches)):
        prefix = [event for batch in log.batches[:cut] for event in batch]
        if isinstance(prefix[-1].body, ev.RunFinished):
            continue
        check_resumable(prefix, seed)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("seed", seeds(4))
def test_stop_at_any_moment_keeps_the_best_so_far_and_can_be_gone_on_with(strategy: str, seed: int) -> None:
    """A person's Stop after the n-th event, for every n; the run is stopped, and resume reopens it."""
    whole = Log()
    run_virtual(finish(handle(good_model(seed)), strategy, whole, seed=seed))
    chance = random.Random(seed)
    for at in sorted(chance.sample(range(1, len(whole.events)), k=min(8, len(whole.events) - 1))):
        _stop_and_reopen(strategy, seed, at)


def _stop_and_reopen(strategy: str, seed: int, at: int) -> None:
    log = Log()

    async def stopped() -> RunState:
        going = begin(handle(good_model(seed)), strategy, log, seed=seed)
        log._watch = lambda event: (
            going.steer(ev.UserEvent(verb="stopped")) if event.seq == at and not going.state.stopped else None
        )
        await going.answer()
        return going.state

    state = run_virtual(stopped())
    end = state.finished
    assert end is not None
    if not state.stopped:
        return
    assert end.status == ("stopped" if state.candidates() else "failed")
    assert end.answer_node == state.best
    assert endings.can_go_on(state) == "reopen"
    answered = {body.node for body in log.bodies(ev.NodeFinished)}
    more = Log()

    async def reopened() -> RunState:
        again = RunState(RUN).fold(log.events)
        going = engine(handle(good_model(seed))).resume(again, VIEW, more, partials={}, reopen=True)
        await going.answer()
        return going.state

    state = run_virtual(reopened())
    assert state.finished is not None
    assert state.finished.status == "complete"
    assert not answered & {body.node for body in more.bodies(ev.NodeStarted)}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_best_so_far_changes_only_when_a_round_ends(strategy: str) -> None:
    """After the first candidate there is always a best answer so far, and nothing flickers."""
    log = Log()
    run_virtual(finish(handle(good_model(3)), strategy, log, seed=3))
    state = RunState(RUN)
    before = None
    for event in log.events:
        state.apply(event)
        if before is not None and state.best != before:
            assert isinstance(event.body, ev.RoundFinished)
        if state.candidates():
            assert state.best is not None
        before = state.best


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize(
    "budget", [Budget(calls=2), Budget(tokens=700), Budget(tokens=7), Budget(seconds=1.5)]
)
def test_a_run_that_met_a_cap_can_be_gone_on_with_to_its_end(strategy: str, budget: Budget) -> None:
    """Each time the same allowance is granted once more, and at least what the next call needs."""
    log = Log()
    state = run_virtual(finish(handle(good_model(1)), strategy, log, seed=1, budget=budget))
    answered = {body.node for body in log.bodies(ev.NodeFinished)}
    events = log.events
    for _ in range(40):
        if endings.can_go_on(state) == "ended":
            break
        more = Log()
        state = run_virtual(_reopened(events, more))
        events = [*events, *more.events]
        assert not answered & {body.node for body in more.bodies(ev.NodeStarted)}
        answered |= {body.node for body in more.bodies(ev.NodeFinished)}
    assert state.finished is not None
    assert state.finished.status == "complete"


async def _reopened(events: list[ev.Event], more: Log) -> RunState:
    state = RunState(RUN).fold(events)
    run = engine(handle(good_model(1))).resume(state, VIEW, more, partials={}, reopen=True)
    await run.answer()
    return run.state


def test_a_run_whose_strategy_or_model_is_gone_is_left_as_it_was() -> None:
    log = Log()
    run_virtual(finish(handle(good_model(1)), "best_of_n", log, budget=Budget(calls=2)))
    more = Log()

    async def resume(broken: Engine) -> None:
        broken.resume(RunState(RUN).fold(log.events), VIEW, more, partials={}, reopen=True)

    whole = engine(handle(good_model(1)))
    without_strategy = replace(whole, strategies={})
    with pytest.raises(RunError, match="best_of_n"):
        run_virtual(resume(without_strategy))

    def no_model(ref: ModelRef) -> ModelHandle:
        raise UsageError(f"no provider for {ref}")

    with pytest.raises(UsageError):
        run_virtual(resume(replace(whole, models=no_model)))
    assert more.events == []


def test_no_seconds_left_means_no_request() -> None:
    model = good_model(1)
    state = run_virtual(finish(handle(model), "best_of_n", Log(), budget=Budget(seconds=0.0)))
    assert model.requests == []
    assert state.finished is not None
    assert state.finished.reason.rule == "seconds"
