"""What a plan made while a run works is expected to take, told with it before anything is spent on it.

Made where a strategy hands the run over to another one; a plan that only cuts numbers to the budget says
nothing new. Seconds stay unknown here: what models took before is known to whoever starts a run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from cort_desktop.domain import events as ev
from cort_desktop.domain.calls import TokenCounter
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.run import RunState
from cort_desktop.engine.context import ContextView, turn_costs
from cort_desktop.engine.decisions import Record
from cort_desktop.engine.estimate import estimate
from cort_desktop.engine.strategies.base import Strategy


def with_estimate(
    record: Record,
    state: RunState,
    view: ContextView,
    tokens: TokenCounter,
    strategies: Mapping[str, Strategy],
    profile: Callable[[ModelRef], ModelProfile],
) -> Record:
    """``record`` with what its plan will take, where it is one that chooses a strategy and doesn't say."""
    plan = record.body
    if not isinstance(plan, ev.RunPlanned) or plan.estimate is not None or plan.strategy == state.strategy:
        return record
    told = sum(turn_costs(view, tokens.count)) + tokens.count(view.question_text)
    expected = estimate(
        strategies[plan.strategy],
        plan.spec,
        question=state.question,
        prompt_tokens=told,
        profile=profile,
        pace=lambda _model, _verdict: None,
    )
    return Record(body=replace(plan, estimate=expected))
