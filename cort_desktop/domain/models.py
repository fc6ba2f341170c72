"""What is known of a model: its context, its price, what its service takes. Data, not behaviour.

A fact is told by the service, known of the model's family, or learned from a refusal. Not here: who finds it
out (``providers``), and what is asked of the model (``calls``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from cort_desktop.domain.budget import FREE, Price, PriceSource
from cort_desktop.domain.ids import ModelRef

SystemRole = Literal["system", "developer", "none"]
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
EFFORTS: tuple[Effort, ...] = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""How hard a model may be asked to think, the least first."""

_THINKING_TOKENS: dict[Effort | None, int] = {
    "none": 0,
    "minimal": 1_024,
    "low": 4_096,
    "medium": 8_192,
    None: 8_192,
    "high": 16_384,
    "xhigh": 32_768,
    "max": 32_768,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Something a service refused for a model, and that is left out of requests from then on.

    what: the parameter by its name on the wire, or "system role", "developer role". said: the service's own
    words, short and fit to be shown.
    """

    what: str
    since: datetime
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelProfile:
    """Facts about one model.

    context_tokens: what prompt and answer share; None when the service does not tell. most_output_tokens: the
    longest answer the service gives, thoughts included; None likewise.
    price: None when unknown, which is never the same as free; price_source: who says so, and when,
    which makes it no other model.
    concurrency: how many calls at once are useful; for the built-in model the number of its slots.
    json_schema: whether a JSON schema may be asked for. seed and temperature: whether they are taken.
    tools and reasoning: None when nobody told; reasoning: whether it thinks before it answers.
    system_role: under which name instructions are taken; "none": they go into the first message of the user.
    efforts: how hard it can be asked to think; empty when nobody told.
    thinking_tokens: what is held for thoughts on top of every answer.
    default_max_tokens: the longest answer asked for unless a setting says otherwise.
    left_out: what the service turned out not to take.
    """

    ref: ModelRef
    context_tokens: int | None = None
    most_output_tokens: int | None = None
    price: Price | None = None
    price_source: PriceSource | None = field(default=None, compare=False)
    concurrency: int = 8
    json_schema: bool = True
    seed: bool = True
    temperature: bool = True
    tools: bool | None = None
    system_role: SystemRole = "system"
    reasoning: bool | None = None
    efforts: tuple[Effort, ...] = ()
    thinking_tokens: int = 0
    default_max_tokens: int = 2048
    local: bool = False
    left_out: tuple[LeftOut, ...] = ()

    def without(self, refused: Iterable[LeftOut]) -> ModelProfile:
        """The same model after its service has refused these."""
        left_out = tuple(refused)
        changes: dict[str, Any] = {"left_out": (*self.left_out, *left_out)} if left_out else {}
        for each in left_out:
            changes |= _MEANING.get(each.what, {})
        return replace(self, **changes)

    def priced(self, price: Price | None) -> ModelProfile:
        """The same model at a person's own price, where there is one."""
        if price is None:
            return self
        source = None if price is FREE else PriceSource(kind="settings")
        return replace(self, price=price, price_source=source)

    def effort_near(self, wanted: Effort | None) -> Effort | None:
        """The effort it can be asked for that is nearest to ``wanted``; None when it can't be asked."""
        if wanted is None or self.reasoning is False:
            return None
        if not self.efforts or wanted in self.efforts:
            return wanted
        place = EFFORTS.index(wanted)
        return min(self.efforts, key=lambda each: abs(EFFORTS.index(each) - place))


def thinking_tokens(profile: ModelProfile, effort: Effort | None) -> int:
    """What to hold for the thoughts of a model that is asked to think so hard; 0 for one that doesn't.

    Services count thoughts as output: without room of their own they eat up the answer's. Never more than a
    quarter of the context, or half of the longest answer.
    """
    if not profile.reasoning:
        return 0
    wanted = _THINKING_TOKENS[profile.effort_near(effort)]
    context = wanted if profile.context_tokens is None else profile.context_tokens // 4
    answer = wanted if profile.most_output_tokens is None else profile.most_output_tokens // 2
    return min(wanted, context, answer)


_MEANING: dict[str, dict[str, Any]] = {
    "response_format": {"json_schema": False},
    "seed": {"seed": False},
    "random_seed": {"seed": False},
    "temperature": {"temperature": False},
    "developer role": {"system_role": "system"},
    "system role": {"system_role": "none"},
}
"""What a refusal teaches about a model, where there is a word for it."""
