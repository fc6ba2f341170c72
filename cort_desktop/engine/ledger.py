"""The budget's guard: a call starts only if what is spent and what is reserved stay within every cap.

The ledger keeps no numbers of its own. What is spent is the fold's (``RunState.spent``), what is reserved
are the calls in flight; so a resumed run is guarded exactly like one that never stopped. Each call in
flight holds its worst case: one request, its input rounded up plus the longest answer allowed, and the
price of both.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from cort_desktop.domain.budget import MICRO, Budget, Price, Reserved, Usage
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import CapName


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The cap a call would have gone over, with what it would have come to."""

    which: CapName
    value: float
    cap: float


def worst_case(*, input_tokens: int, max_tokens: int, price: Price | None) -> Reserved:
    """What one request may cost at most. An unknown price reserves no money and says so by None."""
    cost = None
    if price is not None:
        dearest_output = max(price.output, price.reasoning or Decimal(0))
        dearest_input = max(price.input, price.cache_write or Decimal(0))
        dearest = Price(input=dearest_input, output=dearest_output)
        cost = dearest.cost_microusd(Usage(input=input_tokens, output=max_tokens))
    return Reserved(calls=1, tokens=input_tokens + max_tokens, cost_microusd=cost)


def refusal(state: RunState, wanted: Reserved) -> Refusal | None:
    """The first cap that ``wanted`` would break on top of what is spent and in flight, or None when it
    fits.
    """
    calls, tokens, cost = committed(state)
    budget = state.budget
    sums: tuple[tuple[CapName, float, float | None], ...] = (
        ("calls", calls + wanted.calls, budget.calls),
        ("tokens", tokens + wanted.tokens, budget.tokens),
        ("usd", (cost + (wanted.cost_microusd or 0)) / MICRO, _usd(budget)),
    )
    for which, value, cap in sums:
        if cap is not None and value > cap:
            return Refusal(which=which, value=value, cap=cap)
    return None


def _usd(budget: Budget) -> float | None:
    return None if budget.cost_microusd is None else budget.cost_microusd / MICRO


def committed(state: RunState) -> tuple[int, int, int]:
    """(requests, tokens, micro-dollars) spent, or held by calls in flight."""
    calls, tokens, cost = state.spent.calls, state.spent.tokens, state.spent.booked_microusd
    for node in state.running.values():
        open_attempts = max(1, node.open_attempts)
        calls += 0 if node.open_attempts else 1
        tokens += node.reserved.tokens * open_attempts
        cost += (node.reserved.cost_microusd or 0) * open_attempts
    return calls, tokens, cost
