"""What a bench is expected to take in all: the forecasts of its contenders, their controls, and all items."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from cort_desktop.domain import bench_controls as controls
from cort_desktop.domain.bench import Contender, Setup
from cort_desktop.domain.budget import add_cost
from cort_desktop.services.foresight import Forecast


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchEstimate:
    """What a bench is expected to take in all, told before its first call. Unknown is None."""

    items: int
    calls_low: int
    calls_high: int
    tokens_low: int
    tokens_high: int
    cost_microusd: int | None
    seconds: float | None

    def rest(self, left: float) -> BenchEstimate:
        """What a share of it takes, ``left`` from 0 to 1."""
        return BenchEstimate(
            items=ceil(self.items * left),
            calls_low=round(self.calls_low * left),
            calls_high=ceil(self.calls_high * left),
            tokens_low=round(self.tokens_low * left),
            tokens_high=ceil(self.tokens_high * left),
            cost_microusd=None if self.cost_microusd is None else ceil(self.cost_microusd * left),
            seconds=None if self.seconds is None else self.seconds * left,
        )


def sum_of(setup: Setup, forecasts: dict[tuple[str, Contender], Forecast], parallel: int) -> BenchEstimate:
    """All contenders on all items; the controls spend about as much as what they are held against."""
    totals = [0, 0, 0, 0]
    cost: int | None = 0
    seconds: float | None = 0.0
    pooled = {task: 0 for task, _ in forecasts}
    for (task, each), forecast in forecasts.items():
        cap = setup.budget_tokens
        tokens = [forecast.tokens_low, forecast.tokens_high]
        tokens = tokens if cap is None else [min(cap, count) for count in tokens]
        share = 1 + (setup.controls and controls.has_best_of(each))
        if setup.controls and tokens[1] > pooled[task]:
            pooled[task] = tokens[1]
            share += (
                1  # the pool is as large as the dearest contender; those that come before it add a little
            )
        figures = (forecast.calls_low, forecast.calls_high, *tokens)
        totals = [total + share * figure for total, figure in zip(totals, figures, strict=True)]
        cost = add_cost(cost, None if forecast.cost_microusd is None else share * forecast.cost_microusd)
        known = seconds is not None and forecast.seconds is not None
        seconds = (seconds or 0.0) + share * (forecast.seconds or 0.0) if known else None
    calls_low, calls_high, tokens_low, tokens_high = (setup.items * total for total in totals)
    return BenchEstimate(
        items=setup.items * len(setup.tasks),
        calls_low=calls_low,
        calls_high=calls_high,
        tokens_low=tokens_low,
        tokens_high=tokens_high,
        cost_microusd=None if cost is None else setup.items * cost,
        seconds=None if seconds is None else setup.items * seconds / parallel,
    )
