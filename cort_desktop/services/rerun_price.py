"""What answering questions of other runs once more would take, each as it was asked the last time. Nothing is
asked here.
"""

from __future__ import annotations

from collections.abc import Iterable

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Estimate, add_cost
from cort_desktop.domain.ids import RunId
from cort_desktop.services.foresight import Foresight
from cort_desktop.services.planning import Ask
from cort_desktop.services.resting_runs import RestingRuns


async def rerun_price(runs: Iterable[RunId], resting: RestingRuns, foresight: Foresight) -> Estimate | None:
    """The sum over the questions of ``runs``; one after the other, as a conversation goes on. None without
    any. Raises UsageError, SettingsError or StorageError when one can't be asked like that any more.
    """
    total: Estimate | None = None
    for run in runs:
        found = await resting.read(run)
        if found.state.started is None:
            continue
        ask = _again(found.state.started, stored=found.is_stored)
        price = await foresight.forecast(ask)
        total = price if total is None else _sum(total, price)
    return total


def _again(started: ev.RunStarted, *, stored: bool) -> Ask:
    models = started.spec.lineup.get("proposer", ())
    return Ask(
        question=started.question,
        conversation=started.conversation,
        again=started.turn,
        preset=started.preset,
        strategy=None if started.preset else started.strategy,
        model=models[0] if models else None,
        store=stored,
    )


def _sum(a: Estimate, b: Estimate) -> Estimate:
    return Estimate(
        calls_low=a.calls_low + b.calls_low,
        calls_high=a.calls_high + b.calls_high,
        tokens_low=a.tokens_low + b.tokens_low,
        tokens_high=a.tokens_high + b.tokens_high,
        cost_microusd=add_cost(a.cost_microusd, b.cost_microusd),
        seconds=None if a.seconds is None or b.seconds is None else a.seconds + b.seconds,
    )
