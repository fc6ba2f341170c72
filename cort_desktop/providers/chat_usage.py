"""What an OpenAI-compatible service tells of the use of a call: tokens, of which sort, and what it billed.

The same few numbers under the names that services have for them. A number that makes no sense is none: a
count that can't be read stays unknown, never 0. Not here: what tokens cost by a table (``domain.budget``).
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from cort_desktop.domain.budget import MICRO, Usage
from cort_desktop.providers.payload import count

_TICKS_PER_MICROUSD = 10_000
"""xAI bills in ticks, of which a dollar has 10 thousand million."""


def read_usage(told: dict[str, Any]) -> Usage | None:
    """What the service counted; None when a number is missing, negative or no number at all."""
    sent, made = count(told.get("prompt_tokens")), count(told.get("completion_tokens"))
    if not sent or made is None:  # no request has zero tokens
        return None
    thought = _detail(told, "completion_tokens_details", "reasoning_tokens")
    beside = _thought_beside(told, sent, made, thought)
    return Usage(
        input=sent,
        cached_input=min(sent, _cached(told)),
        output=made + beside,
        reasoning=min(made + beside, thought or beside),
    )


def read_timings(told: dict[str, Any]) -> Usage | None:
    """llama.cpp's own count, which comes with the last chunk even where usage can't be asked for."""
    fresh, cached = count(told.get("prompt_n")), count(told.get("cache_n")) or 0
    made = count(told.get("predicted_n"))
    if fresh is None or made is None or not fresh + cached:
        return None
    return Usage(input=fresh + cached, cached_input=cached, output=made)


def read_cost(told: dict[str, Any]) -> int | None:
    """What the service billed, in micro-dollars; None when it does not say, or nonsense.

    OpenRouter with a person's own key for the model's maker takes a fee; the maker bills the rest.
    """
    if (ticks := count(told.get("cost_in_usd_ticks"))) is not None:
        return _rounded(Decimal(ticks) / _TICKS_PER_MICROUSD)
    cost = told.get("cost")
    dollars = _dollars(cost.get("total_cost") if isinstance(cost, dict) else cost)
    if dollars is None:
        return None
    if told.get("is_byok") is True:
        details = told.get("cost_details")
        upstream = _dollars(details.get("upstream_inference_cost")) if isinstance(details, dict) else None
        if upstream is None:
            return None
        dollars += upstream
    return _rounded(dollars * MICRO)


def _thought_beside(told: dict[str, Any], sent: int, made: int, thought: int) -> int:
    """Thoughts that ``completion_tokens`` leaves out, as with xAI and Google: what the total has on top."""
    total = count(told.get("total_tokens"))
    if total is None:
        return 0
    beside = total - sent - made
    return beside if beside > 0 and thought in (0, beside) else 0


def _cached(told: dict[str, Any]) -> int:
    """Tokens read from the service's cache: as OpenAI, DeepSeek and Moonshot name them."""
    return (
        _detail(told, "prompt_tokens_details", "cached_tokens")
        or count(told.get("prompt_cache_hit_tokens"))
        or count(told.get("cached_tokens"))
        or 0
    )


def _detail(told: dict[str, Any], group: str, name: str) -> int:
    details = told.get(group)
    return (count(details.get(name)) or 0) if isinstance(details, dict) else 0


def _dollars(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < MICRO:
        return None
    return Decimal(str(value))


def _rounded(microusd: Decimal) -> int:
    return int(microusd.to_integral_value(rounding=ROUND_HALF_EVEN))
