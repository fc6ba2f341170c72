from datetime import date, datetime, timedelta

import pytest
from PySide6.QtCore import QLocale

from cort_desktop.gui.library.dates import group_of, short_date

ENGLISH = QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom)  # weeks begin on Monday
AMERICAN = QLocale(QLocale.Language.English, QLocale.Country.UnitedStates)  # on Sunday
TODAY = date(2026, 11, 18)  # a Wednesday


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 18), "Today"),
        (date(2026, 11, 19), "Today"),  # a fast clock elsewhere
        (date(2026, 11, 17), "Yesterday"),
        (date(2026, 11, 16), "This week"),
        (date(2026, 11, 15), "Last week"),
        (date(2026, 11, 9), "Last week"),
        (date(2026, 11, 8), "Earlier this month"),
        (date(2026, 10, 31), "October"),
        (date(2026, 1, 1), "January"),
        (date(2025, 12, 31), "December 2025"),
    ],
)
def test_a_day_has_the_heading_a_person_would_say(day: date, words: str) -> None:
    assert group_of(day, TODAY, ENGLISH).words == words


def test_a_week_begins_where_the_language_says() -> None:
    sunday = date(2026, 11, 15)
    assert group_of(sunday, TODAY, AMERICAN).words == "This week"
    assert group_of(sunday, TODAY, ENGLISH).words == "Last week"


def test_yesterday_goes_before_last_week_and_last_week_before_the_month() -> None:
    monday, first = date(2026, 11, 16), date(2026, 11, 1)
    assert group_of(monday - timedelta(days=1), monday, ENGLISH).key == "yesterday"
    assert group_of(first - timedelta(days=3), first, ENGLISH).key == "this-week"


def test_groups_of_two_years_differ() -> None:
    keys = {group_of(date(year, 5, 5), TODAY, ENGLISH).key for year in (2024, 2025, 2026)}
    assert len(keys) == 3


def test_a_date_in_a_few_characters() -> None:
    assert short_date(datetime(2026, 11, 18, 9, 5), TODAY, ENGLISH) == "09:05"  # noqa: DTZ001 - local
    assert short_date(datetime(2026, 11, 3, 9, 5), TODAY, ENGLISH) == "3 Nov"  # noqa: DTZ001
    assert short_date(datetime(2024, 2, 3, 9, 5), TODAY, ENGLISH) == "Feb 2024"  # noqa: DTZ001
