"""Days as a list of conversations names them: today, yesterday, this week, last week, months.

Pure but for the words of the language. Days are local ones; whose they are is for the caller to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale, QTime

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class DateGroup:
    """Days that stand under one heading. ``key`` is the same in every language."""

    key: str
    words: str


def group_of(day: date, today: date, locale: QLocale) -> DateGroup:
    """The group of ``day``. A day to come (another machine's clock was fast) counts as today."""
    if day >= today:
        return DateGroup(key="today", words=QCoreApplication.translate("Library", "Today"))
    if day == today - timedelta(days=1):
        return DateGroup(key="yesterday", words=QCoreApplication.translate("Library", "Yesterday"))
    week = _begin_of_week(today, locale)
    if day >= week:
        return DateGroup(key="this-week", words=QCoreApplication.translate("Library", "This week"))
    if day >= week - _WEEK:
        return DateGroup(key="last-week", words=QCoreApplication.translate("Library", "Last week"))
    if (day.year, day.month) == (today.year, today.month):
        return DateGroup(key="this-month", words=QCoreApplication.translate("Library", "Earlier this month"))
    month = locale.standaloneMonthName(day.month)
    words = month if day.year == today.year else f"{month} {day.year}"
    return DateGroup(key=f"{day.year}-{day.month:02}", words=words)


def short_date(moment: datetime, today: date, locale: QLocale) -> str:
    """A local moment in a few characters: the hour today, the day this year, the month of other years."""
    day = QDate(moment.year, moment.month, moment.day)
    if moment.date() >= today:
        return locale.toString(QTime(moment.hour, moment.minute), QLocale.FormatType.ShortFormat)
    return locale.toString(day, "d MMM" if moment.year == today.year else "MMM yyyy")


def long_date(moment: datetime, locale: QLocale) -> str:
    """A local moment with its day and its hour."""
    day = QDate(moment.year, moment.month, moment.day)
    return locale.toString(QDateTime(day, QTime(moment.hour, moment.minute)), "d MMMM yyyy, HH:mm")


def _begin_of_week(today: date, locale: QLocale) -> date:
    return today - timedelta(days=(today.isoweekday() - locale.firstDayOfWeek().value) % 7)
