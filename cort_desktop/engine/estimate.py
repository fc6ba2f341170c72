"""What a run is expected to take, told before its first call. Unknown stays unknown."""

from __future__ import annotations

from collections.abc import Callable

from cort_desktop.domain.budget import Estimate, Price, Usage
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.search import NodeRole, RunSpec
from cort_desktop.engine.asking import critique_tokens, verdict_tokens
from cort_desktop.engine.strategies.base import Calls, Depth, Strategy, models_for

SHORT_ANSWER_SHARE = 0.25
"""An answer is rarely as long as it may be: the low end of the estimate."""
INSTRUCTION_TOKENS = 250
"""What a role's instruction adds to a request, rounded up."""


Pace = Callable[[ModelRef, bool], float | None]
"""The measured seconds of an answer (False) or a verdict (True) of a model; None when none was measured."""


def estimate(
    strategy: Strategy,
    spec: RunSpec,
    *,
    question: str,
    prompt_tokens: int,
    profile: Callable[[ModelRef], ModelProfile],
    pace: Pace,
) -> Estimate:
    """Calls, tokens, money and seconds of a run. Money is the middle of low and high, unknown with any
    unpriced model; seconds rest on what the same models took before, and are unknown for one that was never
    asked.
    """
    calls = strategy.calls(spec, question)
    low = [_usage(c, spec, prompt_tokens, c.low, SHORT_ANSWER_SHARE) for c in calls]
    high = [_usage(c, spec, prompt_tokens, c.high, 1.0) for c in calls]
    cost = 0
    for call, least, most in zip(calls, low, high, strict=True):
        prices = [profile(model).price for model in models_for(spec, call.role)]
        middle = Usage(input=(least.input + most.input) // 2, output=(least.output + most.output) // 2)
        cost += _dearest(prices, middle) or 0
    unpriced = any(profile(m).price is None for c in calls for m in models_for(spec, c.role))
    return Estimate(
        calls_low=sum(c.low for c in calls),
        calls_high=sum(c.high for c in calls),
        tokens_low=sum(u.total for u in low),
        tokens_high=sum(u.total for u in high),
        cost_microusd=None if unpriced else cost,
        seconds=_seconds(strategy.depth(spec, question), spec, calls, profile, pace),
    )


def _seconds(
    depth: Depth,
    spec: RunSpec,
    calls: tuple[Calls, ...],
    profile: Callable[[ModelRef], ModelProfile],
    pace: Pace,
) -> float | None:
    """The larger of what must wait for each other and what the useful places allow (ENGINE 7)."""
    answer_s = _slowest(spec, "proposer", pace)
    verdict_s = _slowest(spec, "judge", pace) if depth.verdicts else 0.0
    if answer_s is None or verdict_s is None:
        return None
    chained = (depth.answers + depth.critiques) * answer_s + depth.verdicts * verdict_s
    places = min(profile(model).concurrency for model in models_for(spec, "proposer"))
    each = {"proposer": answer_s, "critic": answer_s, "judge": verdict_s}
    work = sum(call.low * each.get(call.role, 0.0) for call in calls)
    return round(max(chained, work / max(1, places)), 1)


def _slowest(spec: RunSpec, role: NodeRole, pace: Pace) -> float | None:
    measured = [pace(model, role == "judge") for model in models_for(spec, role)]
    known = [seconds for seconds in measured if seconds is not None]
    return max(known) if len(known) == len(measured) else None


def _usage(call: Calls, spec: RunSpec, prompt_tokens: int, count: int, share: float) -> Usage:
    answer = int(spec.max_tokens * share)
    output = answer
    if call.role == "judge":
        output = int(verdict_tokens(call.seen) * share)
    elif call.role == "critic":
        output = int(critique_tokens(spec) * share)
    elif call.role == "router":
        output = 0
    return Usage(
        input=count * (prompt_tokens + INSTRUCTION_TOKENS + call.seen * answer), output=count * output
    )


def _dearest(prices: list[Price | None], usage: Usage) -> int | None:
    known = [price.cost_microusd(usage) for price in prices if price is not None]
    return max(known, default=None)
