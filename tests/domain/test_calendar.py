"""Days and months by the clock on the wall: time zones, summer time, the ends of months and years."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.domain.calendar import Calendar

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
)


def test_the_same_moment_is_another_day_elsewhere() -> None:
    at = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    assert Calendar(zone=UTC).day(at) == "2026-11-30"
    assert Calendar(zone=ZoneInfo("Europe/Berlin")).day(at) == "2026-12-01"
    assert Calendar(zone=ZoneInfo("Europe/Berlin")).month(at) == "2026-12"
    assert Calendar(zone=ZoneInfo("America/New_York")).month(at) == "2026-11"


def test_a_year_ends() -> None:
    at = datetime(2026, 12, 31, 12, tzinfo=UTC)
    calendar = Calendar(zone=UTC)
    assert calendar.next_day(at) == calendar.next_month(at) == datetime(2027, 1, 1, tzinfo=UTC)


def test_a_day_of_summer_time_has_23_or_25_hours() -> None:
    berlin = Calendar(zone=ZoneInfo("Europe/Berlin"))
    spring = datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert (berlin.next_day(spring) - spring) == timedelta(hours=23)
    autumn = datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert (berlin.next_day(autumn) - autumn) == timedelta(hours=25)


@given(
    seconds=st.integers(0, 20 * 366 * 86_400),
    zone=st.sampled_from(ZONES),
)
def test_what_comes_next_is_another_day_and_a_moment_before_it_is_not(seconds: int, zone: str) -> None:
    at = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    calendar = Calendar(zone=ZoneInfo(zone))
    for begins, name in ((calendar.next_day, calendar.day), (calendar.next_month, calendar.month)):
        then = begins(at).astimezone(UTC)
        assert then > at
        assert name(then) > name(at)
        assert name(then - timedelta(microseconds=1)) == name(at)


def test_without_a_zone_it_is_the_computers() -> None:
    at = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert Calendar().day(at) == at.astimezone().date().isoformat()
    assert Calendar().next_day(at) > at
