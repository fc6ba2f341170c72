"""The laws of ENGINE 2 hold whatever a person asks for on top, and whenever: rounds, alternatives, their own
candidates, who is out, further looks, pauses. The run ends well, asks nothing twice, every prefix can be
resumed, live equals replayed, and what is out never wins."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import Criterion
from cort_desktop.engine import endings, steering, wishing
from cort_desktop.engine.engine import Run
from cort_desktop.engine.wishing import Wished
from cort_desktop.errors import UsageError
from tests.fakes.laws import check_resumable, seeds
from tests.fakes.loops import run_virtual
from tests.fakes.models import handle, shaky_model
from tests.fakes.runs import RUN, SIZES, VIEW, Log, begin, engine, snapshot

STRATEGIES = sorted(SIZES)
BUDGETS = (None, None, Budget(calls=9), Budget(tokens=4000), Budget(seconds=6.0))
PAUSE_S = 30.0


def a_wish(chance: random.Random, state: RunState) -> Wished:
    """Something a person may ask for at any time."""
    match chance.choice(("round", "alternative", "own", "again", "finalists", "worth")):
        case "worth":
            return wishing.was_it_worth_it()
        case "round":
            return wishing.added_rounds(chance.choice((1, 1, 2)))
        case "alternative":
            move = chance.choice((None, "fresh", "other_method", "targeted_fix", "synthesis"))
            return wishing.added_alternative(move)
        case "own":
            return wishing.own_candidate("The person says: 42. " * chance.randint(1, 4))
        case "again":
            number = chance.choice(list(state.rounds) or [1])
            return wishing.judged_again(number, judges=chance.choice((1, 2)))
    return wishing.judged_again(criteria=(Criterion(id="brevity"),))


class Wisher:
    """A person who wants things at random, to a run that works."""

    def __init__(self, chance: random.Random, going: Run, *, every: float) -> None:
        self._chance = chance
        self._going = going
        self._every = every
        self._left = 6
        self.later: list[asyncio.TimerHandle] = []

    def __call__(self, _event: ev.Event) -> None:
        state = self._going.state
        if state.finished is not None or not state.nodes or self._chance.random() > self._every:
            return
        if self._left:
            self._left -= 1
            with suppress(UsageError):
                self._say(state)

    def _say(self, state: RunState) -> None:
        name = self._chance.choice(list(state.nodes))
        match self._chance.choice(("wish",) * 6 + ("out", "out", "back", "pause", "pause", "retry", "stop")):
            case "wish":
                self._going.steer(*a_wish(self._chance, state).words(state))
            case "out":
                self._one(wishing.taken_out(state, name))
            case "back":
                for gone in list(state.out)[:1]:
                    self._one(wishing.put_back(state, gone))
            case "pause":
                self._one(wishing.paused(state))
                loop = asyncio.get_running_loop()
                self.later.append(loop.call_later(PAUSE_S, lambda: self._one(wishing.resumed(state))))
            case "retry":
                self._one(steering.tried_again(state, name))
            case "stop":
                self._going.steer(ev.UserEvent(verb=self._chance.choice(("stopped", "enough"))))

    def _one(self, word: ev.UserEvent | None) -> None:
        if word is not None:
            self._going.steer(word)


def check_end(state: RunState, events: list[ev.Event]) -> None:
    """It ended with an answer that is in the contest, or has none; within its caps; as its log tells it."""
    end = state.finished
    assert end is not None
    assert not state.running
    assert (end.answer_node is None) == (not state.candidates())
    assert end.answer_node not in state.out
    assert end.answer_node is None or state.nodes[end.answer_node].is_candidate
    assert state.budget.calls is None or state.spent.calls <= state.budget.calls
    assert state.budget.tokens is None or state.spent.tokens <= state.budget.tokens
    kinds = {wish.number: wish.kind for wish in state.wishes}
    for name, verdict in state.rejudged.items():
        kind = kinds[state.nodes[name].wish or 0]
        assert (kind, verdict.purpose) in (("rejudge", "rejudge"), ("worth", "head_to_head"))
    assert all(verdict.purpose != "rejudge" for verdict in state.verdicts.values())
    assert all(state.nodes[name].wish is None for name in state.verdicts)
    assert snapshot(RunState(RUN).fold(events)) == snapshot(state)
    had_enough = any(word.verb == "enough" for word in state.user)  # then what was not begun is given up
    if endings.can_go_on(state) == "ended" and not had_enough:
        check_carried_out(state)


def check_carried_out(state: RunState) -> None:
    """Of a run that ended by its own rule every wish was carried out."""
    for wish in state.wishes:
        if wish.kind == "round":
            assert wish.played_in is not None
            assert state.rounds[wish.played_in].result is not None
        elif wish.is_look:
            assert wish.result is not None or wish.given_up
        else:
            assert wish.node is not None
            assert not state.nodes[wish.node].may_ask_again


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("seed", seeds(9))
def test_whatever_is_wanted_whenever_the_run_ends_well_and_can_be_taken_up_again(
    strategy: str, seed: int
) -> None:
    chance = random.Random(f"{strategy}:{seed}")
    places = chance.choice((1, 2, 8))
    batches: list[list[ev.Event]] = []

    async def worked(going: Run, log: Log) -> RunState:
        wisher = Wisher(chance, going, every=0.12)
        log._watch = wisher
        await going.answer()
        for timer in wisher.later:
            timer.cancel()
        return going.state

    async def first(log: Log) -> RunState:
        model = handle(shaky_model(seed), concurrency=places)
        return await worked(begin(model, strategy, log, seed=seed, budget=chance.choice(BUDGETS)), log)

    async def next_one(log: Log, state: RunState, wished: Wished | None) -> RunState:
        model = handle(shaky_model(chance.randint(0, 10**6)), concurrency=places)
        reopen = endings.can_go_on(state) == "reopen"
        going = engine(model).resume(
            state, VIEW, log, partials={}, reopen=reopen and wished is None, wished=wished
        )
        return await worked(going, log)

    log = Log()
    state = run_virtual(first(log))
    for _ in range(3):
        batches += log.batches
        events = [event for batch in batches for event in batch]
        check_end(state, events)
        log = Log()
        wished: Wished | None = a_wish(chance, state)
        if endings.can_go_on(state) == "reopen" and chance.random() < 0.5:
            wished = None
        before = snapshot(state)
        with suppress(UsageError):
            state = run_virtual(next_one(log, RunState(RUN).fold(events), wished))
            if (
                wished is not None
                and wished.looks_back
                and [word.body.verb for word in log.events if isinstance(word.body, ev.UserEvent)][:1]
                in (["rejudge"], ["worth"])
            ):
                assert log.bodies(ev.RunReopened)[0].keeps in ("end", "answer")
            continue
        assert not log.events  # what was refused left nothing behind
        assert before == snapshot(RunState(RUN).fold(events))
        break
    batches += log.batches
    for cut in chance.sample(range(1, len(batches)), k=min(4, len(batches) - 1)):
        prefix = [event for batch in batches[:cut] for event in batch]
        if RunState(RUN).fold(prefix).finished is None:
            check_resumable(prefix, seed)
