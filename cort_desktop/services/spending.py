"""What was spent, looked at: of a run, a conversation, a month by day, provider and model; and how far the
limits are used.

Booking is done while runs work (``recorder.py``), holding a run to the limits by ``allowances.py``; how the
sums are said is the front ends'.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from cort_desktop.domain.ids import ConversationId, RunId
from cort_desktop.domain.settings import Settings
from cort_desktop.domain.spending import Spend, Standing
from cort_desktop.errors import UsageError
from cort_desktop.services.store import OpenStore

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthSpent:
    """One month (``2026-11``): its sum, and the same sum by day (in order), by provider and by model (the
    most costly first). standings: how far the limits on day and month are used, in the current month only.
    months: all months that have anything, oldest first.
    """

    month: str
    total: Spend
    days: Mapping[str, Spend] = field(default_factory=dict)
    providers: Mapping[str, Spend] = field(default_factory=dict)
    models: Mapping[str, Spend] = field(default_factory=dict)
    standings: tuple[Standing, ...] = ()
    warn_at: Decimal = Decimal(1)
    months: tuple[str, ...] = ()


class SpendingService:
    """Reads the books. ``now``: the time in UTC. Raises StorageError when they can't be read."""

    def __init__(
        self, store: OpenStore, settings: Callable[[], Settings], now: Callable[[], datetime]
    ) -> None:
        self._open_store = store
        self._settings = settings
        self._now = now

    async def month(self, month: str | None = None) -> MonthSpent:
        """A month, or the current one. Raises UsageError when ``month`` is none."""
        if month is not None and not _MONTH.fullmatch(month):
            raise UsageError(f"“{month[:20]}” is no month; write it like 2026-11.")
        return await asyncio.to_thread(self._month, month, self._now())

    async def of_run(self, run: RunId) -> Spend:
        """What a run has spent."""
        return await asyncio.to_thread(lambda: self._open_store().spending.of_run(run))

    async def of_conversation(self, conversation: ConversationId) -> Spend:
        """What all runs of a conversation have spent."""
        return await asyncio.to_thread(lambda: self._open_store().spending.of_conversation(conversation))

    async def standings(self, conversation: ConversationId | None = None) -> tuple[Standing, ...]:
        """How far each limit is used right now; that of a conversation only with one."""
        return await asyncio.to_thread(self._standings, self._now(), conversation)

    def _standings(self, now: datetime, conversation: ConversationId | None = None) -> tuple[Standing, ...]:
        limits = self._settings().limits.limits()
        return self._open_store().spending.standings(limits, conversation, now)

    def _month(self, wanted: str | None, now: datetime) -> MonthSpent:
        spending = self._open_store().spending
        current = spending.calendar.month(now)
        month = wanted or current
        return MonthSpent(
            month=month,
            total=spending.total(month=month),
            days=spending.split(month, "day"),
            providers=spending.split(month, "provider"),
            models=spending.split(month, "model"),
            standings=self._standings(now) if month == current else (),
            warn_at=self._settings().limits.warn_at,
            months=spending.months(),
        )
