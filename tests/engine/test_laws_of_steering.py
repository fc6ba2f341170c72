"""The laws of ENGINE 2 hold whatever a person says to single calls, and whenever: the run ends well with the
others, nothing is asked twice, every prefix can be resumed, live equals replayed."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.engine import endings, steering
from cort_desktop.engine.engine import Run
from cort_desktop.errors import UsageError
from tests.fakes.laws import check_resumable, seeds
from tests.fakes.loops import run_virtual
from tests.fakes.models import good_model, handle, shaky_model
from tests.fakes.runs import RUN, SIZES, VIEW, Log, begin, engine, finish, snapshot

STRATEGIES = sorted(SIZES)
SEEDS = seeds(7)


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
        more = check_resumable(prefix, 1)
        assert not dropped & {body.node for body in more.bodies(ev.NodeStarted)}


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("seed", seeds(4))
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
            check_resumable(prefix, seed)


def _is_retriable(node: Node) -> bool:
    """Critics are not: their round goes on at once without what they say."""
    is_call = not node.name.startswith("X") and node.role != "critic"
    return is_call and node.status in ("failed", "cancelled")


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
            check_resumable(prefix, seed)


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


class Talker:
    """A person who says things at random: to any call, at any event, sensible or not."""

    def __init__(self, chance: random.Random, going: Run, *, every: float) -> None:
        self._chance = chance
        self._going = going
        self._every = every

    def __call__(self, _event: ev.Event) -> None:
        state = self._going.state
        if state.finished is not None or not state.nodes or self._chance.random() > self._every:
            return
        name = self._chance.choice(list(state.nodes))
        with suppress(UsageError):
            word = self._word(state, name)
            if word is not None:
                self._going.steer(word)

    def _word(self, state: RunState, name: NodeName) -> ev.UserEvent | None:
        match self._chance.choice(("drop", "retry", "retry", "choose") * 5 + ("enough", "stop")):
            case "drop":
                return steering.dropped(state, name)
            case "retry":
                return steering.tried_again(state, name)
            case "choose":
                return steering.chosen(state, name)
            case "enough":
                return ev.UserEvent(verb="enough")
        return ev.UserEvent(verb="stopped")


BUDGETS = (None, Budget(calls=5), Budget(tokens=2500), Budget(seconds=4.0))


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("seed", seeds(24))
def test_whatever_is_said_whenever_the_run_ends_well_and_can_be_taken_up_again(
    strategy: str, seed: int
) -> None:
    """A shaky model, a talkative person, caps, few places; then up to four times something is tried again or
    gone on with, and the person goes on talking."""
    chance = random.Random(f"{strategy}:{seed}")
    places = chance.choice((1, 2, 8))
    batches: list[list[ev.Event]] = []

    async def worked(going: Run, log: Log) -> RunState:
        log._watch = Talker(chance, going, every=0.15)
        await going.answer()
        return going.state

    async def first(log: Log) -> RunState:
        model = handle(shaky_model(seed), concurrency=places)
        return await worked(begin(model, strategy, log, seed=seed, budget=chance.choice(BUDGETS)), log)

    async def next_one(log: Log, state: RunState, *, reopen: bool, again: NodeName | None) -> RunState:
        model = handle(shaky_model(chance.randint(0, 10**6)), concurrency=places)
        going = engine(model).resume(state, VIEW, log, partials={}, reopen=reopen, again=again)
        return await worked(going, log)

    log = Log()
    state = run_virtual(first(log))
    for _ in range(4):
        batches += log.batches
        events = [event for batch in batches for event in batch]
        check_end(state, events)
        log = Log()
        reopen = endings.can_go_on(state) == "reopen"
        broken = [node.name for node in state.nodes.values() if _is_retriable(node)]
        again = chance.choice(broken) if broken and (not reopen or chance.random() < 0.8) else None
        if not reopen and again is None:
            break
        state = run_virtual(next_one(log, RunState(RUN).fold(events), reopen=reopen, again=again))
    for cut in chance.sample(range(1, len(batches)), k=min(3, len(batches) - 1)):
        prefix = [event for batch in batches[:cut] for event in batch]
        if RunState(RUN).fold(prefix).finished is None:
            check_resumable(prefix, seed)


def check_end(state: RunState, events: list[ev.Event]) -> None:
    """It ended with an answer, or has none to give; within its caps; as its log tells it."""
    end = state.finished
    assert end is not None
    assert not state.running
    assert (end.answer_node is None) == (not state.candidates())
    assert end.answer_node is None or state.nodes[end.answer_node].is_candidate
    assert state.budget.calls is None or state.spent.calls <= state.budget.calls
    assert state.budget.tokens is None or state.spent.tokens <= state.budget.tokens
    assert snapshot(RunState(RUN).fold(events)) == snapshot(state)
