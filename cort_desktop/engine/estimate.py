"""What a run is expected to take, told before its first call. Unknown stays unknown.

Tokens lie between a run whose every reply is short and one whose every reply is long. How short and how long
is taken from what the same model wrote before; until it has, from what it may write at most, its thoughts
among it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cort_desktop.domain.budget import Estimate, Price, Usage
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.lengths import Length, Lengths, uncounted
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.search import NodeRole, RunSpec
from cort_desktop.engine.asking import ROUNDS_TOKENS, critique_tokens, verdict_tokens
from cort_desktop.engine.strategies.base import Calls, Depth, Strategy, models_for

SHORT_TOKENS = 8
"""A short reply of a model that was never asked: a word or two."""
MARGIN = 2
"""The next reply may be half as long as the shortest so far, and twice as long as the longest."""
ANSWER_INSTRUCTION = (25, 250)
"""What the system text and a role's instruction add to a request for an answer, fewest and most tokens."""
VERDICT_INSTRUCTION = (150, 1000)
"""The same for a verdict, with the form of its reply."""


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
    lengths: Lengths = uncounted,
) -> Estimate:
    """Calls, tokens, money and seconds of a run. Money is the middle of low and high, unknown with any
    unpriced model; seconds rest on what the same models took before, and are unknown for one that was never
    asked.
    """
    calls = strategy.calls(spec, question)
    replies = _Replies(spec=spec, profile=profile, lengths=lengths)
    low = [_usage(c, replies.short(c), prompt_tokens, c.low, 0) for c in calls]
    high = [_usage(c, replies.long(c), prompt_tokens, c.high, 1) for c in calls]
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
    if answer_s is not None and any(call.role == "synthesizer" for call in calls):
        final_s = _slowest(spec, "synthesizer", pace)
        answer_s = None if final_s is None else max(answer_s, final_s)
    verdict_s = _slowest(spec, "judge", pace) if depth.verdicts else 0.0
    if answer_s is None or verdict_s is None:
        return None
    chained = (depth.answers + depth.critiques) * answer_s + depth.verdicts * verdict_s
    places = min(profile(model).concurrency for model in models_for(spec, "proposer"))
    each = {"proposer": answer_s, "synthesizer": answer_s, "critic": answer_s, "judge": verdict_s}
    work = sum(call.low * each.get(call.role, 0.0) for call in calls)
    return round(max(chained, work / max(1, places)), 1)


def _slowest(spec: RunSpec, role: NodeRole, pace: Pace) -> float | None:
    measured = [pace(model, role == "judge") for model in models_for(spec, role)]
    known = [seconds for seconds in measured if seconds is not None]
    return max(known) if len(known) == len(measured) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reply:
    """Output tokens of one call, and those of each text that it reads."""

    output: int
    seen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Replies:
    """How short and how long the replies of a run's models may be."""

    spec: RunSpec
    profile: Callable[[ModelRef], ModelProfile]
    lengths: Lengths

    def short(self, call: Calls) -> _Reply:
        """Of the model in the call's role whose replies are the shortest."""
        models = models_for(self.spec, call.role)
        output = min(min(_half(self._length(call, each)), self._longest(call, each)) for each in models)
        texts = [self.lengths(each, False) for each in models_for(self.spec, "proposer")]  # noqa: FBT003
        least = min(SHORT_TOKENS if text is None else text.text_fewest // MARGIN for text in texts)
        return _Reply(output=output, seen=min(least, self.spec.max_tokens))

    def long(self, call: Calls) -> _Reply:
        """Of the model in the call's role whose replies are the longest."""
        models, most = models_for(self.spec, call.role), self.spec.max_tokens
        output = max(_twice(self._length(call, each), self._longest(call, each)) for each in models)
        texts = [self.lengths(each, False) for each in models_for(self.spec, "proposer")]  # noqa: FBT003
        seen = max(most if text is None else min(most, text.text_most * MARGIN) for text in texts)
        return _Reply(output=output, seen=seen)

    def _length(self, call: Calls, model: ModelRef) -> Length | None:
        """What was counted of replies like the call's; critiques and plans are none of them."""
        return None if call.role in ("critic", "router") else self.lengths(model, call.role == "judge")

    def _longest(self, call: Calls, model: ModelRef) -> int:
        text = self.spec.max_tokens
        if call.role == "judge":
            text = verdict_tokens(call.seen)
        elif call.role == "critic":
            text = critique_tokens(self.spec)
        elif call.role == "router":
            text = ROUNDS_TOKENS
        return text + self.profile(model).thinking_tokens


def _half(length: Length | None) -> int:
    return SHORT_TOKENS if length is None else length.fewest // MARGIN


def _twice(length: Length | None, most: int) -> int:
    return most if length is None else min(most, length.most * MARGIN)


def _usage(call: Calls, reply: _Reply, prompt_tokens: int, count: int, end: int) -> Usage:
    """What so many calls take; ``end`` is 0 at the low end, 1 at the high one."""
    instruction = (VERDICT_INSTRUCTION if call.role == "judge" else ANSWER_INSTRUCTION)[end]
    return Usage(
        input=count * (prompt_tokens + instruction + call.seen * reply.seen), output=count * reply.output
    )


def _dearest(prices: list[Price | None], usage: Usage) -> int | None:
    known = [price.cost_microusd(usage) for price in prices if price is not None]
    return max(known, default=None)
