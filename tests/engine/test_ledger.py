"""The budget's guard: what a call holds, and the caps it may not break."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cort_desktop.domain.budget import FREE, Budget, Price, Reserved, Usage
from cort_desktop.domain.calls import ChatRequest
from cort_desktop.domain.run import RunState
from cort_desktop.engine import ledger
from tests.fakes.loops import run_virtual
from tests.fakes.models import Reply, ScriptedModel, handle, is_judge, longest_wins
from tests.fakes.runs import RUN, Log, finish


def test_a_call_holds_its_dearest_course() -> None:
    price = Price(input=Decimal(1), output=Decimal(2), reasoning=Decimal(5), cache_write=Decimal("1.25"))
    held = ledger.worst_case(input_tokens=100, max_tokens=10, price=price)
    assert held == Reserved(calls=1, tokens=110, cost_microusd=125 + 50)
    assert ledger.worst_case(input_tokens=1, max_tokens=1, price=None).cost_microusd is None


@pytest.mark.parametrize(
    ("usage", "cost"),
    [
        (Usage(input=10, output=3), 13),
        (Usage(input=10, cached_input=4, output=3), 11),  # 6 + 4 * 0.5 + 3
        (Usage(input=1, cached_input=1, output=0), 0),  # 0.5 is rounded half-even
        (Usage(input=3, cached_input=3, output=0), 2),  # 1.5 too
    ],
)
def test_cost_is_rounded_half_even_once(usage: Usage, cost: int) -> None:
    price = Price(input=Decimal(1), output=Decimal(1), cached_input=Decimal("0.5"))
    assert price.cost_microusd(usage) == cost


def test_what_is_written_to_a_cache_has_a_price_of_its_own() -> None:
    usage = Usage(input=10, cached_input=4, cache_write=2, output=3)
    price = Price(input=Decimal(4), output=Decimal(1), cached_input=Decimal("0.5"), cache_write=Decimal(5))
    assert price.cost_microusd(usage) == 4 * 4 + 2 + 2 * 5 + 3
    plain = Price(input=Decimal(4), output=Decimal(1))
    assert plain.cost_microusd(usage) == 43
    assert usage + usage == Usage(input=20, cached_input=8, cache_write=4, output=6)


def test_free_is_known_and_unknown_is_not_free() -> None:
    assert FREE.is_free
    assert not Price(input=Decimal(0), output=Decimal(1)).is_free


def test_an_empty_run_refuses_what_is_over_a_cap_and_names_it() -> None:
    state = RunState(RUN)
    wanted = Reserved(calls=1, tokens=100, cost_microusd=7)
    assert ledger.refusal(state, wanted) is None
    for budget, which in [
        (Budget(calls=0), "calls"),
        (Budget(tokens=99), "tokens"),
        (Budget(cost_microusd=6), "usd"),
    ]:
        state.budget = budget
        refusal = ledger.refusal(state, wanted)
        assert refusal is not None
        assert refusal.which == which
    state.budget = Budget(calls=1, tokens=100, cost_microusd=7)
    assert ledger.refusal(state, wanted) is None


def test_parallel_calls_hold_their_worst_case_until_they_settle() -> None:
    """Four samples at once would each fit alone; together they must not break the cap, and what settles for
    less makes room for more."""
    most = 0

    def script(request: ChatRequest, _nth: int) -> Reply:
        if is_judge(request):
            return Reply(text=longest_wins(request))
        return Reply(text="word", usage=Usage(input=5, output=1))

    model = ScriptedModel(script)
    log = Log()
    state = run_virtual(
        finish(handle(model), "best_of_n", log, alternatives=6, judges=1, budget=Budget(tokens=420))
    )
    most = model.most_running
    assert 1 <= most < 6
    assert state.spent.tokens <= 420
    assert sum(1 for node in state.nodes.values() if node.role == "proposer") == 6
