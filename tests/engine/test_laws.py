"""The laws of ENGINE 2, over every strategy: it ends; never over budget; any order of results is valid;
after any prefix of any log and ``run.resumed`` what is decided is valid and repeats no answered job; live
equals replayed."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain import wire
from cort_desktop.domain.budget import Budget
from cort_desktop.domain.ids import ModelRef, NodeName
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.engine import endings, steering
from cort_desktop.engine.engine import Engine
from cort_desktop.engine.lineup import ModelHandle
from cort_desktop.engine.strategies import built_in
from cort_desktop.errors import RunError, UsageError
from tests.fakes.loops import run_virtual
from tests.fakes.models import good_model, handle, shaky_model
from tests.fakes.runs import RUN, SIZES, VIEW, Log, begin, engine, finish, snapshot

STRATEGIES = sorted(SIZES)
SEEDS = range(12)


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
@pytest.mark.parametrize("seed", range(4))
def test_any_prefix_can_be_resumed(strategy: str, seed: int) -> None:
    """After a crash at any commit the run goes on to its end; nothing that was answered is asked again."""
    log = Log()
    run_virtual(finish(handle(shaky_model(seed)), strategy, log, seed=seed))
    for cut in range(1, len(log.batches)):
        prefix = [event for batch in log.batches[:cut] for event in batch]
        if isinstance(prefix[-1].body, ev.RunFinished):
            continue
        _resume_and_check(prefix, seed)


def _resume_and_check(prefix: list[ev.Event], seed: int) -> Log:
    answered = {e.body.node for e in prefix if isinstance(e.body, ev.NodeFinished)}
    in_flight = set(RunState(RUN).fold(prefix).running)
    more = Log()

    async def go_on() -> RunState:
        state = RunState(RUN).fold(prefix)
        going = engine(handle(good_model(seed))).resume(state, VIEW, more, partials={}, reopen=False)
        await going.answer()
        return going.state

    state = run_virtual(go_on())
    assert state.finished is not None
    asked = {body.node for body in more.bodies(ev.NodeStarted)}
    assert not asked & answered
    assert set(more.bodies(ev.RunResumed)[0].lost) == in_flight
    assert {b.node for b in more.bodies(ev.NodeCancelled) if b.by == "crash"} == in_flight
    replayed = RunState(RUN).fold([*prefix, *more.events])
    assert snapshot(replayed) == snapshot(state)
    return more


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("seed", range(4))
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


def _dropping(strategy: str, seed: int, log: Log, which: Callable[[ev.Event, RunState], bool]) -> RunState:
    """A run in which a person stops the call of every event that ``which`` says, at that moment."""

    async def main() -> RunState:
        going = begin(handle(good_model(seed)), strategy, log, seed=seed)

        def watch(event: ev.Event) -> None:
            if which(event, going.state):
                going.steer(ev.UserEvent(verb="dropped", node=event.body.node))  # type: ignore[union-attr]

        log._watch = watch
        await going.answer()
        return going.state

    return run_virtual(main())


def _check_dropped(state: RunState, log: Log, dropped: set[NodeName]) -> None:
    """The run ended well with the others: what was stopped is missing and was never judged."""
    end = state.finished
    assert end is not None
    assert not state.running
    assert dropped <= set(end.missing)
    for name in dropped:
        node = state.nodes[name]
        assert (node.status, node.cancelled_by) == ("cancelled", "person")
        assert name not in state.verdicts
        assert all(name not in verdict.order for verdict in state.verdicts.values())
        assert [body.node for body in log.bodies(ev.NodeStarted)].count(name) == 1
    assert end.answer_node not in dropped
    assert end.status == ("degraded" if state.candidates() else "failed")
    assert snapshot(RunState(RUN).fold(log.events)) == snapshot(state)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("kind", [ev.NodeStarted, ev.AttemptFirstContent])
def test_any_one_call_can_be_stopped_at_any_time_and_the_run_goes_on(strategy: str, kind: type) -> None:
    """A person stops the n-th call, as it starts or in the middle of its text, for every n."""
    whole = Log()
    run_virtual(finish(handle(good_model(2)), strategy, whole, seed=2))
    names = [body.node for body in whole.bodies(ev.NodeStarted)]
    for name in names:
        log = Log()

        def is_it(event: ev.Event, _state: RunState, name: NodeName = name) -> bool:
            return isinstance(event.body, kind) and getattr(event.body, "node", None) == name

        state = _dropping(strategy, 2, log, is_it)
        _check_dropped(state, log, {name})
        if kind is ev.AttemptFirstContent and state.nodes[name].role != "router":
            assert state.nodes[name].text


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_when_every_call_is_stopped_the_run_fails_clearly(strategy: str) -> None:
    log = Log()
    state = _dropping(strategy, 3, log, lambda event, _: isinstance(event.body, ev.AttemptStarted))
    _check_dropped(state, log, set(state.nodes))
    assert state.finished is not None
    assert state.finished.status == "failed"
    assert state.finished.answer is None


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_after_a_call_was_stopped_any_prefix_can_be_resumed_and_repeats_nothing(strategy: str) -> None:
    """Neither what was answered nor what the person stopped is asked again after a crash or a Stop."""
    log = Log()

    def first_text(event: ev.Event, state: RunState) -> bool:
        return isinstance(event.body, ev.AttemptFirstContent) and not state.dropped

    _dropping(strategy, 1, log, first_text)
    for cut in range(1, len(log.batches)):
        prefix = [event for batch in log.batches[:cut] for event in batch]
        if isinstance(prefix[-1].body, ev.RunFinished):
            continue
        dropped = RunState(RUN).fold(prefix).dropped
        more = _resume_and_check(prefix, 1)
        assert not dropped & {body.node for body in more.bodies(ev.NodeStarted)}


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("seed", range(4))
def test_good_enough_at_any_moment_ends_with_an_answer_and_asks_nothing_new(strategy: str, seed: int) -> None:
    """Judges at work may end; no other call is waited for once there is an answer."""
    whole = Log()
    run_virtual(finish(handle(good_model(seed)), strategy, whole, seed=seed))
    for at in range(1, len(whole.events)):
        log = Log()

        async def main(at: int = at, log: Log = log) -> RunState:
            going = begin(handle(good_model(seed)), strategy, log, seed=seed)

            def watch(heard: ev.Event, at: int = at) -> None:
                if heard.seq == at:
                    going.steer(ev.UserEvent(verb="enough"))

            log._watch = watch
            await going.answer()
            return going.state

        state = run_virtual(main())
        end = state.finished
        assert end is not None
        said = next((n for n, event in enumerate(log.events) if event.type == "user.enough"), None)
        if said is None:
            continue
        batch_ended = log.events[said].at
        later = [event for event in log.events[said:] if isinstance(event.body, ev.NodeStarted)]
        assert all(event.at == batch_ended for event in later)  # what one decision had begun already
        assert end.answer_node is None or state.nodes[end.answer_node].is_candidate
        if state.candidates():
            assert end.answer_node == state.best
        given_up = [node for node in state.nodes.values() if node.cancelled_by == "person"]
        assert all(node.role != "judge" for node in given_up)
        assert snapshot(RunState(RUN).fold(log.events)) == snapshot(state)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_failed_can_be_tried_again_after_the_end(strategy: str, seed: int) -> None:
    """Each failed call in turn: it is asked again, nothing answered is, the run ends anew, and any prefix of
    all that can be resumed."""
    log = Log()
    state = run_virtual(finish(handle(shaky_model(seed)), strategy, log, seed=seed))
    events = list(log.events)
    batches = [list(batch) for batch in log.batches]
    for name in [node.name for node in state.nodes.values() if _is_retriable(node)][:3]:
        more = Log()
        state = run_virtual(_retried(events, more, name))
        answered = {event.body.node for event in events if isinstance(event.body, ev.NodeFinished)}
        assert name in {body.node for body in more.bodies(ev.NodeStarted)}
        assert not answered & {body.node for body in more.bodies(ev.NodeStarted)}
        assert [event.type for event in more.batches[0]] == ["run.reopened", "user.retry"]
        assert more.bodies(ev.RunReopened)[0].why == f"try {name} again"
        attempts = [body for body in more.bodies(ev.AttemptStarted) if body.node == name]
        assert attempts[0].why == ("again" if attempts[0].attempt > 1 else "first")
        events += more.events
        batches += more.batches
        assert snapshot(RunState(RUN).fold(events)) == snapshot(state)
        _check_ended(state)
    for cut in range(len(log.batches) + 1, len(batches), 3):
        prefix = [event for batch in batches[:cut] for event in batch]
        if not isinstance(prefix[-1].body, ev.RunFinished):
            _resume_and_check(prefix, seed)


def _is_retriable(node: Node) -> bool:
    return node.status in ("failed", "cancelled") and not node.name.startswith("X")


async def _retried(events: list[ev.Event], more: Log, name: NodeName) -> RunState:
    state = RunState(RUN).fold(events)
    run = engine(handle(good_model(1))).resume(state, VIEW, more, partials={}, reopen=False, again=name)
    await run.answer()
    return run.state


def _check_ended(state: RunState) -> None:
    end = state.finished
    assert end is not None
    assert not state.running
    assert end.answer_node is not None
    assert end.answer == state.nodes[end.answer_node].text
    assert end.missing == state.missing()


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_failed_can_be_tried_again_at_once(strategy: str, seed: int) -> None:
    """A person who wants each failed call tried again as soon as it has failed, once: the run still ends."""
    log = Log()

    async def main() -> RunState:
        going = begin(handle(shaky_model(seed)), strategy, log, seed=seed)
        tried: set[NodeName] = set()

        def watch(event: ev.Event) -> None:
            name = event.body.node if isinstance(event.body, ev.NodeFailed) else None
            if name is not None and name not in tried and _is_retriable(going.state.nodes[name]):
                tried.add(name)
                going.steer(steering.tried_again(going.state, name))

        log._watch = watch
        await going.answer()
        return going.state

    state = run_virtual(main())
    assert state.finished is not None
    assert not state.running
    assert not any(node.may_ask_again for node in state.nodes.values())
    retried = {body.node for body in log.bodies(ev.UserEvent)}
    starts = [body.node for body in log.bodies(ev.NodeStarted)]
    assert all(starts.count(name) == 2 for name in retried)
    assert snapshot(RunState(RUN).fold(log.events)) == snapshot(state)
    for cut in range(1, len(log.batches), 3):
        prefix = [event for batch in log.batches[:cut] for event in batch]
        if not isinstance(prefix[-1].body, ev.RunFinished):
            _resume_and_check(prefix, seed)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_state_of_its_own_is_left_alone_by_what_follows(strategy: str) -> None:
    log = Log()
    run_virtual(finish(handle(shaky_model(3)), strategy, log, seed=3))
    state = RunState(RUN)
    for event in log.events:
        before = state.copy()
        untouched = snapshot(before.copy())
        state.apply(event)
        assert snapshot(before) == untouched
        assert snapshot(before.fold([event])) == snapshot(state)
        assert all(before.nodes[name] is node for name, node in before.running.items())
