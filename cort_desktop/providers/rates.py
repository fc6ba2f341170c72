"""What a service tells of its own limits in the headers of a reply, whichever way it writes them.

OpenAI, Groq, xAI and Fireworks: ``x-ratelimit-remaining-requests`` and a reset like "6m0s". OpenRouter and
Together: ``x-ratelimit-remaining`` and a reset as a point in time, or in seconds. Anthropic:
``anthropic-ratelimit-requests-remaining`` and a reset as a date. What can't be read is as if it was not told.
Not here: ``Retry-After`` (``reports``), and what is made of it (``resilience``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime

from cort_desktop.domain.calls import RateHints

_SPAN = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?")
_UNITS_S = (86_400, 3_600, 60, 1, 0.001)
_LONGEST_S = 366 * 86_400.0
_LEAST_EPOCH_S = 1e9
_LEAST_EPOCH_MS = 1e12
_MOST = 10**12


def read_hints(headers: Mapping[str, str], now: datetime) -> RateHints | None:
    """The hints in ``headers``, whose names are in lower case; None when there are none."""
    hints = RateHints(
        requests_limit=_number(_first(headers, "limit", "requests")),
        requests_left=_number(_first(headers, "remaining", "requests")),
        requests_reset_s=_seconds(_first(headers, "reset", "requests"), now),
        tokens_limit=_number(_first(headers, "limit", "tokens")),
        tokens_left=_number(_first(headers, "remaining", "tokens")),
        tokens_reset_s=_seconds(_first(headers, "reset", "tokens"), now),
    )
    return None if hints == RateHints() else hints


def used_up_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds until a limit that is used up is fresh again; None when none is."""
    hints = read_hints(headers, now) or RateHints()
    waits = (
        hints.requests_reset_s if hints.requests_left == 0 else None,
        hints.tokens_reset_s if hints.tokens_left == 0 else None,
    )
    return max((wait for wait in waits if wait), default=None)


def _first(headers: Mapping[str, str], fact: str, of: str) -> str:
    names = [f"x-ratelimit-{fact}-{of}", f"anthropic-ratelimit-{of}-{fact}"]
    if of == "requests":
        names.append(f"x-ratelimit-{fact}")
    return next((headers[name].strip() for name in names if name in headers), "")


def _number(told: str) -> int | None:
    try:
        value = float(told)
    except ValueError:
        return None
    return int(value) if 0 <= value < _MOST else None


def _seconds(told: str, now: datetime) -> float | None:
    """A span like "1m30.5s" or "20ms", a number of seconds, a date, or a point in time in (milli)seconds."""
    if not told:
        return None
    span = _SPAN.fullmatch(told)
    if span is not None:
        return _sensible(
            sum(float(part) * unit for part, unit in zip(span.groups(), _UNITS_S, strict=True) if part)
        )
    try:
        value = float(told)
    except ValueError:
        return _until(told, now)
    if not math.isfinite(value):
        return None
    if value >= _LEAST_EPOCH_MS:
        value /= 1000
    return _sensible(value - now.timestamp() if value >= _LEAST_EPOCH_S else value)


def _until(told: str, now: datetime) -> float | None:
    try:
        return _sensible((datetime.fromisoformat(told) - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _sensible(seconds: float) -> float | None:
    return max(0.0, seconds) if seconds < _LONGEST_S else None
