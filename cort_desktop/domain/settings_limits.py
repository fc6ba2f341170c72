"""The table [limits]: what all runs of a conversation, a day or a month may cost together."""

from __future__ import annotations

from cort_desktop.domain.settings import LimitSettings
from cort_desktop.domain.settings_values import Table

_LIMITS = ("conversation_usd", "day_usd", "month_usd", "warn_at")
MOST_USD = 10**6


def read_limits(table: Table) -> LimitSettings:
    """[limits]: what is wrong is noted, and there is no such limit then."""
    table.doubt_unknown(_LIMITS)
    warn_at = table.number("warn_at", 1)
    return LimitSettings(
        conversation_usd=table.number("conversation_usd", MOST_USD),
        day_usd=table.number("day_usd", MOST_USD),
        month_usd=table.number("month_usd", MOST_USD),
        warn_at=LimitSettings().warn_at if warn_at is None else warn_at,
    )
