"""What was spent, booked once and for good, and what runs at work may still spend.

A booking is written in the transaction that stores its event, so the sums are those of the runs' ledgers; it
stays when the conversation is deleted, for the money does not come back. It names model, amounts and ids,
never a text. An allowance is taken and given back in one transaction too: of two processes only one gets the
last dollar. Which limits there are, is the settings'; the words are the services'.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

import apsw

from cort_desktop.domain.budget import LimitName, Usage
from cort_desktop.domain.calendar import Calendar
from cort_desktop.domain.ids import ConversationId, ModelRef, RunId, provider_of
from cort_desktop.domain.spending import (
    LIMIT_NAMES,
    Booking,
    Limits,
    Spend,
    Standing,
    tightest,
)
from cort_desktop.domain.stamps import stamp
from cort_desktop.domain.texts import clean
from cort_desktop.storage.database import Database

_USAGE = tuple(each.name for each in fields(Usage))
_FIGURES = ("calls", *_USAGE, *(n.name for n in fields(Spend) if n.name not in ("calls", "usage")))
_SUMS = ", ".join(f"coalesce(sum({name}), 0)" for name in _FIGURES)
_INSERT = (
    f"INSERT INTO spending (run, seq, conversation, at, day, provider, model, {', '.join(_FIGURES)}) "  # noqa: S608
    f"VALUES ({', '.join('?' * (7 + len(_FIGURES)))})"
)
_BOOKED = "(SELECT coalesce(sum(s.booked_microusd), 0) FROM spending AS s WHERE s.run = a.run)"
_LEFT = f"max(0, a.granted_microusd + a.before_microusd - {_BOOKED})"
"""What a run may still spend of its allowance."""

By = Literal["day", "provider", "model"]
_BY: Mapping[By, str] = {"day": "day", "provider": "provider", "model": "model"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What a run got: ``microusd`` more than it had spent, or nothing; and how limits stand without it."""

    microusd: int
    standings: tuple[Standing, ...] = ()

    @property
    def tightest(self) -> Standing | None:
        """The limit that leaves the least."""
        return tightest(self.standings)


class Spending:
    """Books, sums and allowances. Reading methods block and raise StorageError; any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def calendar(self) -> Calendar:
        """By which days are told apart."""
        return self._database.calendar

    def book(self, bookings: Sequence[Booking]) -> Future[None]:
        """Write down what a run without a log spent; that of the others comes with their events."""
        calendar = self.calendar
        run = bookings[0].run
        return self._database.write_in_order(run, lambda found: note_bookings(found, bookings, calendar))

    def total(self, *, month: str | None = None, day: str | None = None) -> Spend:
        """All of a month (``2026-11``) or a day (``2026-11-22``)."""
        where, value = ("day = ?", day) if day is not None else ("substr(day, 1, 7) = ?", month)
        return self._database.read(lambda found: _sum(found, where, (value,)))

    def of_run(self, run: RunId) -> Spend:
        """What a run has spent since bookings are kept."""
        return self._database.read(lambda found: _sum(found, "run = ?", (clean(run),)))

    def of_conversation(self, conversation: ConversationId) -> Spend:
        """What all runs of a conversation have spent, deleted ones too."""
        return self._database.read(lambda found: _sum(found, "conversation = ?", (clean(conversation),)))

    def split(self, month: str, by: By) -> dict[str, Spend]:
        """A month by day, by provider or by model; what was most costly first, days in their order."""
        column = _BY[by]
        order = "1" if by == "day" else "sum(booked_microusd) DESC, 1"

        def work(found: apsw.Connection) -> dict[str, Spend]:
            rows = found.execute(
                f"SELECT {column}, {_SUMS} FROM spending WHERE day BETWEEN ? AND ? "  # noqa: S608
                f"GROUP BY {column} ORDER BY {order}",
                _days_of(month),
            )
            return {str(row[0]): _spend(row[1:]) for row in rows}

        return self._database.read(work)

    def months(self) -> tuple[str, ...]:
        """The months in which anything was booked, oldest first."""
        return self._database.read(
            lambda found: tuple(
                str(row[0])
                for row in found.execute("SELECT DISTINCT substr(day, 1, 7) FROM spending ORDER BY 1")
            )
        )

    def standings(
        self,
        limits: Limits,
        conversation: ConversationId | None,
        now: datetime,
        *,
        besides: RunId | None = None,
    ) -> tuple[Standing, ...]:
        """How far each limit is used; ``besides``: a run whose own allowance is not counted."""
        look = _Look(limits=limits, conversation=conversation, now=now, calendar=self.calendar, run=besides)
        return self._database.read(look)

    def cut_off(self, owner: Callable[[RunId], str | None]) -> tuple[RunId, ...]:
        """Runs that hold an allowance although nobody works on them any more."""
        rows = self._database.read(
            lambda found: found.execute("SELECT run FROM allowances WHERE lost = 0 ORDER BY run").fetchall()
        )
        return tuple(run for (name,) in rows if owner(run := RunId(str(name))) is None)

    def write_off(self, run: RunId, in_flight_microusd: int) -> Future[None]:
        """Of a run that was cut off only what it had in flight counts on: nobody knows what was billed."""

        def work(found: apsw.Connection) -> None:
            found.execute(
                "UPDATE allowances AS a SET lost = 1, "  # noqa: S608 - no word of it is anybody's
                f"granted_microusd = min(?1, {_LEFT}), before_microusd = {_BOOKED} "
                "WHERE run = ?2 AND lost = 0",
                (in_flight_microusd, clean(run)),
            )
            found.execute("DELETE FROM allowances WHERE lost = 1 AND granted_microusd = 0")

        return self._database.write(work)

    def grant(
        self,
        run: RunId,
        conversation: ConversationId,
        limits: Limits,
        wanted_microusd: int | None,
        now: datetime,
    ) -> Future[Granted]:
        """Hold for ``run`` what it wants (None: all there is), or what is left, whichever is less.

        Nothing is held where nothing is left. An earlier allowance of the run is replaced.
        """
        look = _Look(limits=limits, conversation=conversation, now=now, calendar=self.calendar, run=run)

        def work(found: apsw.Connection) -> Granted:
            standings = look(found)
            room = min((each.left_microusd for each in standings), default=wanted_microusd or 0)
            granted = room if wanted_microusd is None else min(room, wanted_microusd)
            found.execute("DELETE FROM allowances WHERE run = ?", (clean(run),))
            if granted > 0:
                found.execute(
                    "INSERT INTO allowances "
                    "(run, conversation, day, granted_microusd, before_microusd, lost) "
                    "VALUES (?1, ?2, ?3, ?4, (SELECT coalesce(sum(booked_microusd), 0) "
                    "FROM spending WHERE run = ?1), 0)",
                    (clean(run), clean(conversation), look.today, granted),
                )
            return Granted(microusd=granted, standings=standings)

        return self._database.write(work)

    def give_back(
        self,
        run: RunId,
        conversation: ConversationId,
        limits: Limits,
        now: datetime,
        near: Callable[[Standing], None],
    ) -> Future[None]:
        """The run has ended: let go of what it held, after all that it booked is on disk.

        near: told, on the writing thread, of each limit that has come near and was not told of before.
        """
        look = _Look(limits=limits, conversation=conversation, now=now, calendar=self.calendar)

        def work(found: apsw.Connection) -> None:
            found.execute("DELETE FROM allowances WHERE run = ?", (clean(run),))
            for standing in look(found):
                if standing.is_near(limits.warn_at) and look.note_told(found, standing):
                    near(standing)

        return self._database.write_in_order(run, work)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """How the limits stand at a moment; ``run``: whose own allowance doesn't count."""

    limits: Limits
    conversation: ConversationId | None
    now: datetime
    calendar: Calendar
    run: RunId | None = None

    def __call__(self, found: apsw.Connection) -> tuple[Standing, ...]:
        return tuple(
            Standing(
                name=name,
                limit_microusd=limit,
                spend=_sum(found, *self._where(name)),
                held_microusd=self._held(found, name),
                resets=self._resets(name),
            )
            for name in LIMIT_NAMES
            if (limit := self.limits.of(name)) is not None
            and (name != "conversation" or self.conversation is not None)
        )

    @property
    def today(self) -> str:
        """The day it is."""
        return self.calendar.day(self.now)

    def note_told(self, found: apsw.Connection, standing: Standing) -> bool:
        """Remember that a person was told of a limit; False when that was so already."""
        period = {
            "conversation": self.conversation or "",
            "day": self.today,
            "month": self.calendar.month(self.now),
        }[standing.name]
        found.execute(
            "INSERT OR IGNORE INTO limit_notices (name, period, limit_microusd) VALUES (?, ?, ?)",
            (standing.name, clean(period), standing.limit_microusd),
        )
        return bool(found.changes())

    def _where(self, name: LimitName) -> tuple[str, tuple[Any, ...]]:
        if name == "conversation":
            return "conversation = ?", (clean(self.conversation or ""),)
        if name == "day":
            return "day = ?", (self.today,)
        return "day BETWEEN ? AND ?", _days_of(self.calendar.month(self.now))

    def _held(self, found: apsw.Connection, name: LimitName) -> int:
        """What works may spend its money whenever it gets there; what was cut off did so on its day."""
        where, values = self._where(name)
        which = where if name == "conversation" else f"(lost = 0 OR {where})"
        total = found.execute(
            f"SELECT coalesce(sum({_LEFT}), 0) FROM allowances AS a WHERE run != ? AND {which}",  # noqa: S608
            (clean(self.run or ""), *values),
        ).get
        return int(total)

    def _resets(self, name: LimitName) -> datetime | None:
        if name == "day":
            return self.calendar.next_day(self.now)
        return self.calendar.next_month(self.now) if name == "month" else None


def note_bookings(connection: apsw.Connection, bookings: Sequence[Booking], calendar: Calendar) -> None:
    """Write bookings down, in the transaction of their events."""
    for each in bookings:
        model = "" if each.model is None else clean(each.model)
        figures = _figures(each.spend)
        connection.execute(
            _INSERT,
            (
                clean(each.run),
                each.seq,
                clean(each.conversation),
                stamp(each.at),
                calendar.day(each.at),
                provider_of(ModelRef(model)),
                model,
                *figures,
            ),
        )


def _figures(spend: Spend) -> tuple[int, ...]:
    return tuple(getattr(spend.usage if name in _USAGE else spend, name) for name in _FIGURES)


def _spend(figures: Sequence[Any]) -> Spend:
    found = {name: int(value) for name, value in zip(_FIGURES, figures, strict=True)}
    usage = Usage(**{name: found.pop(name) for name in _USAGE})
    return Spend(usage=usage, **found)


def _sum(found: apsw.Connection, where: str, values: Sequence[Any]) -> Spend:
    rows = found.execute(f"SELECT {_SUMS} FROM spending WHERE {where}", tuple(values)).fetchall()  # noqa: S608
    return _spend(rows[0])


def _days_of(month: str) -> tuple[str, str]:
    """Between these all days of a month sort."""
    return f"{month}-01", f"{month}-31"
