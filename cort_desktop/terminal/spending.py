"""``spending``: what a month cost, by day, provider and model, what kept answers saved, how far limits are
used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cort_desktop.domain.budget import MICRO
from cort_desktop.domain.spending import Spend, Standing
from cort_desktop.domain.stamps import stamp
from cort_desktop.domain.wire import dumps
from cort_desktop.telling import figures
from cort_desktop.telling.safe import one_line
from cort_desktop.terminal import codes
from cort_desktop.terminal.options import SpendingOptions
from cort_desktop.terminal.streams import Streams

if TYPE_CHECKING:
    from cort_desktop.services.app import App
    from cort_desktop.services.spending import MonthSpent

_LIMITS = {"conversation": "this conversation", "day": "today", "month": "this month"}


async def spending(options: SpendingOptions, app: App, streams: Streams) -> int:
    """Print a month; the exit code."""
    found = await app.spending.month(options.month)
    if options.json:
        streams.write_json(dumps(_json(found)))
        return codes.ANSWER
    _show(found, streams)
    return codes.ANSWER


def _show(found: MonthSpent, streams: Streams) -> None:
    streams.write_line(f"{found.month}: {_cost(found.total)}, {_taken(found.total)}")
    saved = saved_words(found.total)
    if saved:
        streams.write_line(saved)
    for standing in found.standings:
        streams.write_line(_standing(standing))
    _part("by day", found.days, streams)
    _part("by provider", found.providers, streams)
    _part("by model", found.models, streams)
    others = [month for month in found.months if month != found.month]
    if others:
        streams.say(f"Other months: {', '.join(others)} (`--month` shows one).")


def saved_words(spend: Spend) -> str:
    """``3 answers from the cache saved $0.018``; empty without any."""
    if not spend.kept:
        return ""
    least = "at least " if spend.saved_unknown else ""
    answers = figures.count(spend.kept, "answer")
    return f"{answers} from the cache saved {least}{figures.money(spend.saved_microusd)}"


def _part(title: str, rows: Mapping[str, Spend], streams: Streams) -> None:
    if not rows:
        return
    width = max(len(one_line(name or "?")) for name in rows)
    streams.write_line("")
    streams.write_line(f"{title}:")
    for name, spend in rows.items():
        streams.write_line(f"  {one_line(name or '?').ljust(width)}  {_cost(spend)}, {_taken(spend)}")


def _cost(spend: Spend) -> str:
    words = figures.spent(spend.known_microusd, spend.unknown)
    if spend.unknown and spend.counted_microusd:
        words += f" (counted as {figures.money(spend.counted_microusd)})"
    return words


def _taken(spend: Spend) -> str:
    tokens = figures.token_sum(spend.usage.total, is_partial=False)
    return f"{figures.count(spend.calls, 'call')}, {tokens}"


def _standing(standing: Standing) -> str:
    spend = standing.spend
    of = f"{figures.money(spend.booked_microusd)} of {figures.money(standing.limit_microusd)}"
    held = ""
    if standing.held_microusd:
        held = f", {figures.money(standing.held_microusd)} held for runs that have not ended"
    return f"limit {_LIMITS[standing.name]}: {of}{held}"


def _json(found: MonthSpent) -> dict[str, Any]:
    return {
        "month": found.month,
        "total": _spend_json(found.total),
        "days": [{"day": name} | _spend_json(each) for name, each in found.days.items()],
        "providers": [{"provider": name} | _spend_json(each) for name, each in found.providers.items()],
        "models": [{"model": name} | _spend_json(each) for name, each in found.models.items()],
        "limits": [_standing_json(each) for each in found.standings],
        "months": list(found.months),
    }


def _spend_json(spend: Spend) -> dict[str, Any]:
    """cost_usd is null when any part is unknown; known_usd is the part that is not."""
    usage = spend.usage
    cost = spend.cost_microusd
    return {
        "calls": spend.calls,
        "usage": {name: getattr(usage, name) for name in usage.__slots__},
        "cost_usd": None if cost is None else cost / MICRO,
        "known_usd": spend.known_microusd / MICRO,
        "unknown_calls": spend.unknown,
        "counted_usd": spend.booked_microusd / MICRO,
        "kept": spend.kept,
        "saved_usd": spend.saved_microusd / MICRO,
        "saved_unknown": spend.saved_unknown,
    }


def _standing_json(standing: Standing) -> dict[str, Any]:
    return {
        "name": standing.name,
        "limit_usd": standing.limit_microusd / MICRO,
        "spent_usd": standing.spend.booked_microusd / MICRO,
        "held_usd": standing.held_microusd / MICRO,
        "left_usd": standing.left_microusd / MICRO,
        "resets": None if standing.resets is None else stamp(standing.resets),
    }
