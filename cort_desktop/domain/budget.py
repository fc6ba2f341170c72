"""Money, tokens and caps as values. The ledger that enforces them is ``engine/ledger.py``.

Money is integer micro-dollars. A price in US dollars per million tokens is the same number in micro-dollars
per token, so a cost is a plain product, rounded half-even once per attempt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal

MICRO = 1_000_000
LimitName = Literal["conversation", "day", "month"]
"""Whose spending is limited, beside that of one run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one call. ``input`` includes ``cached_input`` and ``cache_write``, ``output`` ``reasoning``.

    cached_input was read from the service's cache, cache_write put into it.
    """

    input: int = 0
    cached_input: int = 0
    cache_write: int = 0
    output: int = 0
    reasoning: int = 0

    @property
    def total(self) -> int:
        """Input and output tokens together."""
        return self.input + self.output

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            input=self.input + other.input,
            cached_input=self.cached_input + other.cached_input,
            cache_write=self.cache_write + other.cache_write,
            output=self.output + other.output,
            reasoning=self.reasoning + other.reasoning,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars per million tokens. A missing special price falls back to the plain one."""

    input: Decimal
    output: Decimal
    cached_input: Decimal | None = None
    cache_write: Decimal | None = None
    reasoning: Decimal | None = None

    @property
    def is_free(self) -> bool:
        """Whether nothing costs anything, so that a cost is known even where the usage is not."""
        return not any((self.input, self.output, self.cached_input, self.cache_write, self.reasoning))

    def cost_microusd(self, usage: Usage) -> int:
        """The cost of a call, in micro-dollars, rounded half-even."""
        cached = self.input if self.cached_input is None else self.cached_input
        written = self.input if self.cache_write is None else self.cache_write
        reasoning = self.output if self.reasoning is None else self.reasoning
        exact = (
            (usage.input - usage.cached_input - usage.cache_write) * self.input
            + usage.cached_input * cached
            + usage.cache_write * written
            + (usage.output - usage.reasoning) * self.output
            + usage.reasoning * reasoning
        )
        return int(exact.to_integral_value(rounding=ROUND_HALF_EVEN))


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSource:
    """Who says a price: a person's settings, the service's own list of models, or a table that came with the
    program. at: the day it was said; None for settings. words: the page, of a table.
    """

    kind: Literal["settings", "service", "table"]
    at: date | None = None
    words: str = ""


FREE = Price(input=Decimal(0), output=Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Hard caps for one run; None means no cap. left_of: the limit on spending whose rest the cap on money
    is.
    """

    calls: int | None = None
    tokens: int | None = None
    cost_microusd: int | None = None
    seconds: float | None = None
    left_of: LimitName | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """What one call may cost at worst, taken out of the budget before it starts."""

    calls: int = 1
    tokens: int = 0
    cost_microusd: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a run is expected to take, told before the first call. Unknown is None."""

    calls_low: int
    calls_high: int
    tokens_low: int
    tokens_high: int
    cost_microusd: int | None = None
    seconds: float | None = None


def add_cost(a_microusd: int | None, b_microusd: int | None) -> int | None:
    """The sum of two costs; unknown when either is unknown."""
    return None if a_microusd is None or b_microusd is None else a_microusd + b_microusd
