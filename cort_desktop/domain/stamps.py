"""Moments as text, in the one form that is stored and printed. What else is written down is ``wire.py``'s."""

from __future__ import annotations

from datetime import UTC, datetime


def stamp(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def parse_stamp(text: str) -> datetime:
    """The inverse of ``stamp``."""
    return datetime.fromisoformat(text).astimezone(UTC)
