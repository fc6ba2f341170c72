"""A fallback in the ledger: held and booked by its own price, refused where it doesn't fit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget, Price, Usage
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.run import RunState
from cort_desktop.engine.lineup import ModelHandle
from cort_desktop.errors import ErrorKind, ProviderError
from cort_desktop.resilience.hedge import FirstTokens
from tests.fakes.asking import resilient, route
from tests.fakes.loops import run_virtual
from tests.fakes.models import MODEL
from tests.fakes.runs import RUN, Log, finish
from tests.fakes.weathered import Weathered

OTHER = ModelRef("elsewhere/dear")
CHEAP = Price(input=Decimal(1), output=Decimal(2))
DEAR = Price(input=Decimal(10), output=Decimal(20))
USED = Usage(input=50, output=20)


def refused(kind: ErrorKind = "auth", **facts: Any) -> ProviderError:
    return ProviderError(f"It is {kind}.", kind=kind, **({"status": 401} | facts))


class Played:
    """One answer asked of a model that fails and its fallback."""

    def __init__(
        self, first: Weathered, second: Weathered, budget: Budget | None = None, **other: Any
    ) -> None:
        self.log = Log()

        async def main() -> RunState:
            way = route(first, MODEL)
            chat = resilient(way, fallbacks=[route(second, OTHER)])
            profile = ModelProfile(ref=MODEL, price=CHEAP)
            facts: dict[str, Any] = {"ref": OTHER, "price": DEAR}
            others = (ModelProfile(**(facts | other)),)
            handle = ModelHandle(profile=profile, chat=chat, fallbacks=others)
            return await finish(handle, "single", self.log, budget=budget or Budget())

        self.state = run_virtual(main())

    @property
    def asked(self) -> list[tuple[str, ModelRef]]:
        return [(body.why, body.model) for body in self.log.bodies(ev.AttemptStarted)]


def test_the_answer_names_its_model_and_costs_what_that_one_costs() -> None:
    run = Played(Weathered([refused()]), Weathered(["fine"], usage=USED))
    assert run.asked == [("first", MODEL), ("fallback", OTHER)]
    (end,) = run.log.bodies(ev.NodeFinished)
    assert (end.model, end.cost_microusd) == (OTHER, DEAR.cost_microusd(USED))
    assert run.state.spent.cost_microusd == DEAR.cost_microusd(USED)
    assert run.state.spent.calls == 2
    _, fallback = run.log.bodies(ev.AttemptStarted)
    (begun,) = run.log.bodies(ev.NodeStarted)
    assert fallback.reserved.cost_microusd == 10 * begun.reserved.cost_microusd
    assert RunState(RUN).fold(run.log.events).spent.booked_microusd == run.state.spent.booked_microusd


def test_what_a_fallback_used_unknown_is_booked_at_its_own_worst_case() -> None:
    run = Played(Weathered([refused()]), Weathered(["half", refused("interrupted", retryable=False)]))
    _, fallback = run.log.bodies(ev.AttemptStarted)
    assert run.state.spent.booked_microusd == fallback.reserved.cost_microusd
    assert run.state.spent.cost_microusd is None


@pytest.mark.reliability(38)
@pytest.mark.parametrize(("share", "asks"), [(0.99, False), (1.0, True)])
def test_row_38_it_is_asked_only_when_its_own_price_fits(share: float, asks: bool) -> None:
    plain = Played(Weathered([refused()]), Weathered(["fine"], usage=USED))
    worst = plain.log.bodies(ev.AttemptStarted)[1].reserved.cost_microusd
    cap = Budget(cost_microusd=int(worst * share))
    run = Played(Weathered([refused()]), Weathered(["fine"], usage=USED), cap)
    assert len(run.asked) == 1 + asks
    assert run.state.spent.booked_microusd <= int(worst * share)
    if not asks:
        (failed,) = run.log.bodies(ev.NodeFailed)
        assert "The fallback was not asked: elsewhere/dear" in failed.error.message


def test_an_unknown_price_under_a_cap_on_money_refuses_it() -> None:
    run = Played(Weathered([refused()]), Weathered(["fine"]), Budget(cost_microusd=10**9), price=None)
    assert run.asked == [("first", MODEL)]
    run = Played(Weathered([refused()]), Weathered(["fine"], usage=USED), price=None)
    assert run.asked[-1] == ("fallback", OTHER)
    assert run.state.spent.cost_microusd is None  # unknown, never 0


def test_a_context_that_is_too_small_refuses_it() -> None:
    run = Played(Weathered([refused()]), Weathered(["never"]), context_tokens=90)
    assert run.asked == [("first", MODEL)]
    assert run.log.bodies(ev.NodeFailed)[0].error.kind == "auth"


@pytest.mark.reliability(34)
@pytest.mark.parametrize(("calls", "asks"), [(0, 0), (1, 1)])
def test_row_34_at_an_open_breaker_no_call_is_counted(calls: int, asks: int) -> None:
    log = Log()

    async def main() -> RunState:
        way = route(Weathered(), MODEL)
        for _ in range(5):
            permit = way.states.breakers.of(MODEL, "").enter()
            assert permit is not None
            permit.__exit__(None, refused("unavailable"), None)
        chat = resilient(way, fallbacks=[route(Weathered(["fine"], usage=USED), OTHER)])
        others = (ModelProfile(ref=OTHER, price=CHEAP),)
        handle = ModelHandle(profile=ModelProfile(ref=MODEL, price=CHEAP), chat=chat, fallbacks=others)
        return await finish(handle, "single", log, budget=Budget(calls=calls))

    state = run_virtual(main())
    assert state.spent.calls == asks
    if asks:
        (failed,) = log.bodies(ev.AttemptFailed)
        assert (failed.error.kind, failed.next, failed.cost_microusd) == ("circuit_open", "fallback", 0)
        assert [(body.attempt, body.why) for body in log.bodies(ev.AttemptStarted)] == [(1, "fallback")]
        assert log.bodies(ev.NodeFinished)[0].attempts == 1


@pytest.mark.reliability(30)
@pytest.mark.parametrize(("calls", "sent"), [(2, 2), (1, 1)])
def test_row_30_a_hedge_is_held_and_booked_and_never_breaks_a_cap(calls: int, sent: int) -> None:
    log = Log()

    async def main() -> RunState:
        way = route(Weathered([60.0, "late"], [1.0, "soon"], usage=USED), MODEL, first_tokens=FirstTokens())
        way.states.hedges._saved = 5.0
        profile = ModelProfile(ref=MODEL, price=CHEAP)
        handle = ModelHandle(profile=profile, chat=resilient(way))
        return await finish(handle, "single", log, budget=Budget(calls=calls))

    state = run_virtual(main())
    assert state.spent.calls == sent
    assert len(log.bodies(ev.NodeFinished)) == 1
    if sent > 1:
        held = log.bodies(ev.NodeStarted)[0].reserved
        assert state.spent.tokens == held.tokens + USED.total  # nobody knows what the loser used
        assert state.spent.booked_microusd == held.cost_microusd + CHEAP.cost_microusd(USED)
        assert next(iter(state.nodes.values())).open_attempts == 0
