"""The price of trying a call again: held against what trying it again really takes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Estimate, Price
from cort_desktop.domain.calls import ChatRequest
from cort_desktop.domain.ids import ModelRef, NodeName
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.run import RunState
from cort_desktop.engine import endings
from cort_desktop.engine.play import Stage
from cort_desktop.engine.price import retry_price
from cort_desktop.engine.strategies import built_in
from cort_desktop.errors import UsageError
from tests.fakes.loops import run_virtual
from tests.fakes.models import MODEL, Reply, RoughCounter, ScriptedModel, good_model, handle, shaky_model
from tests.fakes.runs import RUN, SIZES, VIEW, Log, begin, engine, finish, snapshot

PRICED = ModelProfile(ref=MODEL, price=Price(input=Decimal(1), output=Decimal(2)), concurrency=8)


def second(_model: ModelRef, verdict: bool) -> float | None:
    return 2.0 if verdict else 1.0


STAGE = Stage(strategies=built_in(), view=VIEW, profiles={MODEL: PRICED}, tokens=RoughCounter(), pace=second)


def priced(state: RunState, node: NodeName, stage: Stage = STAGE, *, working: bool = False) -> Estimate:
    untouched = snapshot(state.copy())
    price = retry_price(state.copy, node, stage, working=working)
    assert snapshot(state) == untouched
    return price


@pytest.mark.parametrize("strategy", sorted(SIZES))
@pytest.mark.parametrize("seed", range(12))
def test_what_it_really_takes_lies_between_low_and_high(strategy: str, seed: int) -> None:
    log = Log()
    ended = run_virtual(finish(handle(shaky_model(seed)), strategy, log, seed=seed))
    broken = [
        node.name
        for node in ended.nodes.values()
        if node.status == "failed" and not node.name.startswith("X") and node.role != "critic"
    ]
    for name in broken:
        price = priced(ended, name)
        more = Log()

        async def retried(more: Log = more, name: NodeName = name) -> RunState:
            state = RunState(RUN).fold(log.events)
            run = engine(handle(good_model(1))).resume(
                state, VIEW, more, partials={}, reopen=False, again=name
            )
            await run.answer()
            return run.state

        run_virtual(retried())
        calls = len(more.bodies(ev.AttemptStarted))
        assert price.calls_low <= calls <= price.calls_high
        assert 0 < price.tokens_low <= price.tokens_high
        assert price.cost_microusd


def first_fails() -> ScriptedModel:
    good = good_model(1)

    def script(request: ChatRequest, nth: int) -> Reply:
        return Reply(error="unavailable", seconds=0.2) if nth == 1 else good.script(request, nth)

    return ScriptedModel(script)


def three(judges: int = 2) -> RunState:
    """best_of_n of which the first answer failed."""
    log = Log()
    model = first_fails()
    return run_virtual(finish(handle(model), "best_of_n", log, alternatives=3, judges=judges))


def test_a_late_candidate_costs_itself_and_two_verdicts() -> None:
    price = priced(three(), NodeName("R1.A1"))
    assert (price.calls_low, price.calls_high) == (3, 5)  # high: each verdict repaired
    assert price.seconds == 1.0 + 2.0


def test_unknown_stays_unknown() -> None:
    unpriced = replace(STAGE, profiles={MODEL: replace(PRICED, price=None)}, pace=lambda _m, _v: None)
    price = priced(three(), NodeName("R1.A1"), unpriced)
    assert (price.cost_microusd, price.seconds) == (None, None)


def test_what_has_answered_has_no_price() -> None:
    with pytest.raises(UsageError, match="has answered"):
        priced(three(), NodeName("R1.A2"))


def test_a_stopped_run_is_priced_with_all_it_lacks() -> None:
    log = Log()

    async def main() -> RunState:
        going = begin(handle(good_model(1)), "best_of_n", log, alternatives=3, judges=2)
        log._watch = lambda event: going.steer(ev.UserEvent(verb="stopped")) if event.seq == 4 else None
        await going.answer()
        return going.state

    state = run_virtual(main())
    assert endings.can_go_on(state) == "reopen"
    price = priced(state, NodeName("R1.A2"))
    assert price.calls_low == 3 + 2


def test_of_a_run_at_work_only_what_comes_on_top_counts() -> None:
    """The first of three failed while the others are being written: tried again, it is one call more."""
    log = Log()
    prices: list[Estimate] = []

    async def main() -> None:
        going = begin(handle(first_fails()), "best_of_n", log, alternatives=3, judges=2)

        def watch(event: ev.Event) -> None:
            if isinstance(event.body, ev.NodeFailed):
                prices.append(priced(going.state, event.body.node, working=True))

        log._watch = watch
        await going.answer()

    run_virtual(main())
    (price,) = prices
    assert (price.calls_low, price.calls_high) == (1, 1)
    assert 0 < price.tokens_low < price.tokens_high


def test_a_call_that_fits_no_context_costs_nothing() -> None:
    narrow = replace(STAGE, profiles={MODEL: replace(PRICED, context_tokens=8)})
    price = priced(three(), NodeName("R1.A1"), narrow)
    assert (price.calls_low, price.calls_high, price.tokens_high) == (0, 0, 0)


def test_the_shape_of_a_verdict_costs_at_most_and_not_at_least() -> None:
    """Many services hold a model to a schema without counting it as input."""
    shapeless = replace(STAGE, profiles={MODEL: replace(PRICED, json_schema=False)})
    price, plain = priced(three(), NodeName("R1.A1")), priced(three(), NodeName("R1.A1"), shapeless)
    assert price.tokens_low <= plain.tokens_low
    assert price.tokens_high > plain.tokens_high
