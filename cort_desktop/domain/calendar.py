"""Days and months as the person's own calendar has them. Which moment it is, is the clock's.

A day that was booked keeps its date, wherever the computer travels later. The names of days sort as they
follow each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The calendar of a time zone; without one, that of this computer."""

    zone: tzinfo | None = None

    def local(self, at: datetime) -> datetime:
        """The moment as the clock on the wall shows it. ``at`` is aware."""
        return at.astimezone(self.zone)

    def day(self, at: datetime) -> str:
        """``2026-11-22``."""
        return self.local(at).date().isoformat()

    def month(self, at: datetime) -> str:
        """``2026-11``."""
        return self.day(at)[:7]

    def next_day(self, at: datetime) -> datetime:
        """When the next day begins."""
        return self._start(self.local(at).date() + timedelta(days=1))

    def next_month(self, at: datetime) -> datetime:
        """When the next month begins."""
        today = self.local(at).date()
        year, month = (today.year + 1, 1) if today.month == 12 else (today.year, today.month + 1)  # noqa: PLR2004
        return self._start(date(year, month, 1))

    def _start(self, day: date) -> datetime:
        """Midnight, with the offset that holds on that day."""
        wall = datetime.combine(day, time(), self.zone)
        return wall if self.zone is not None else wall.astimezone()
