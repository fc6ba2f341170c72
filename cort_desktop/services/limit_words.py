"""Limits on spending in sentences: what is used up or nearly so, until when, and how to go on."""

from __future__ import annotations

from datetime import datetime

from cort_desktop.domain.budget import MICRO, LimitName
from cort_desktop.domain.calendar import Calendar
from cort_desktop.domain.spending import Standing

_CENT_MICROUSD = 10_000
_OF: dict[LimitName, str] = {"conversation": "for this conversation", "day": "a day", "month": "a month"}
_IN: dict[LimitName, str] = {"conversation": "in it", "day": "today", "month": "this month"}
KEYS: dict[LimitName, str] = {"conversation": "conversation_usd", "day": "day_usd", "month": "month_usd"}
"""The settings behind the limits, under [limits]."""


def refusal_words(standing: Standing, calendar: Calendar) -> str:
    """Why nothing may start: the limit, what is spent, when it starts anew, how to raise it."""
    held = ""
    if standing.held_microusd:
        held = f", and {usd(standing.held_microusd)} is held for runs that have not ended"
    new = "A new conversation has its own. " if standing.name == "conversation" else ""
    return (
        f"The limit of {usd(standing.limit_microusd)} {_OF[standing.name]} is used up: "
        f"{spent_words(standing)} {_IN[standing.name]}{held}. {_resets(standing.resets, calendar)}{new}"
        f"To go on now, raise {KEYS[standing.name]} under [limits] in config.toml (0 lifts it)."
    )


def near_words(standing: Standing, calendar: Calendar) -> str:
    """That a limit is nearly spent; told once."""
    used = standing.spend.booked_microusd >= standing.limit_microusd
    what = "is used up" if used else "is nearly used up"
    new = "A new conversation has its own. " if used and standing.name == "conversation" else ""
    return (
        f"The limit of {usd(standing.limit_microusd)} {_OF[standing.name]} {what}: "
        f"{spent_words(standing)} {_IN[standing.name]}. {_resets(standing.resets, calendar)}{new}"
    ).rstrip()


def spent_words(standing: Standing) -> str:
    """``$1.98 is spent``, with what is counted for calls whose price nobody knows."""
    spend = standing.spend
    said = f"{usd(spend.booked_microusd)} is spent"
    if not spend.unknown:
        return said
    calls = "one call" if spend.unknown == 1 else f"{spend.unknown} calls"
    return f"{said} (with {usd(spend.counted_microusd)} counted for {calls} of unknown price)"


def usd(microusd: int) -> str:
    """``$2.00``, below a cent as exactly as it is."""
    if microusd == 0 or abs(microusd) >= _CENT_MICROUSD:
        return f"${microusd / MICRO:.2f}"
    return f"${microusd / MICRO:.6f}".rstrip("0")


def _resets(at: datetime | None, calendar: Calendar) -> str:
    if at is None:
        return ""
    wall = calendar.local(at)
    return f"It starts anew on {wall.day} {wall:%B %Y at %H:%M}. "
