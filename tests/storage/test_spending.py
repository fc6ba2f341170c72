"""What is booked stays, sums up by day and month wherever the clock is, and only one gets the last dollar."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.domain.budget import Usage
from cort_desktop.domain.calendar import Calendar
from cort_desktop.domain.ids import ConversationId, ModelRef, RunId
from cort_desktop.domain.spending import Booking, Limits, Spend, Standing
from cort_desktop.errors import StorageError
from cort_desktop.storage.database import Database
from cort_desktop.storage.owners import Owners
from cort_desktop.storage.purge import Purge
from cort_desktop.storage.spending import Spending
from tests.fakes.library import CONVERSATION, RUN, StepClock, event, shelf, short_run

TOP = Path(__file__).parents[2]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
EAST, WEST = timezone(timedelta(hours=9)), timezone(-timedelta(hours=8))
HOME = ConversationId("c")
DOLLAR = 1_000_000


def booking(
    microusd: int | None,
    *,
    run: str = "r",
    seq: int = 1,
    at: datetime = NOON,
    conversation: ConversationId = HOME,
    model: str = "a/x",
    held: int = 0,
) -> Booking:
    spend = Spend(
        calls=1,
        usage=Usage(input=3, output=5),
        known_microusd=microusd or 0,
        unknown=int(microusd is None),
        booked_microusd=held if microusd is None else microusd,
    )
    return Booking(
        run=RunId(run), conversation=conversation, seq=seq, at=at, model=ModelRef(model), spend=spend
    )


@contextmanager
def books(folder: Path, zone: timezone = UTC) -> Iterator[Spending]:
    with Database.open(folder, clock=StepClock(), calendar=Calendar(zone=zone)) as database:
        yield Spending(database)


def book(spending: Spending, *bookings: Booking) -> None:
    for each in bookings:
        spending.book([each]).result()


def test_days_and_months_are_those_of_the_wall(tmp_path: Path) -> None:
    late = datetime(2026, 11, 30, 20, tzinfo=UTC)
    for name, zone, days in (
        ("east", EAST, {"2026-12-01": 5}),
        ("west", WEST, {"2026-11-30": 5}),
    ):
        with books(tmp_path / name, zone) as spending:
            book(spending, booking(5, at=late))
            month = next(iter(days))[:7]
            assert {day: each.known_microusd for day, each in spending.split(month, "day").items()} == days
            assert spending.months() == (month,)


def test_a_day_that_was_booked_keeps_its_date_on_a_journey(tmp_path: Path) -> None:
    late = datetime(2026, 11, 30, 20, tzinfo=UTC)
    with books(tmp_path, EAST) as spending:
        book(spending, booking(5, at=late))
    with books(tmp_path, WEST) as spending:
        assert list(spending.split("2026-12", "day")) == ["2026-12-01"]
        (standing,) = spending.standings(Limits(day=9), None, late)
        assert standing.spend == Spend()


def test_a_clock_that_jumps_counts_each_booking_on_its_own_day(tmp_path: Path) -> None:
    with books(tmp_path) as spending:
        jumps = [timedelta(days=400), timedelta(0), -timedelta(days=400), timedelta(hours=1)]
        for seq, jump in enumerate(jumps):
            book(spending, booking(10, seq=seq, at=NOON + jump))
        assert spending.months() == ("2025-10", "2026-11", "2027-12")
        assert spending.total(day="2026-11-22").known_microusd == 20
        assert sum(spending.total(month=month).known_microusd for month in spending.months()) == 40


@given(
    parts=st.lists(
        st.tuples(
            st.none() | st.integers(0, 10**12),
            st.integers(0, 10**9),
            st.integers(-60, 60),
            st.sampled_from(("p/a", "p/b", "q/c")),
            st.sampled_from(("r1", "r2")),
        ),
        max_size=12,
    )
)
def test_runs_conversations_days_and_months_are_the_same_money(
    tmp_path_factory: pytest.TempPathFactory, parts: list[tuple[int | None, int, int, str, str]]
) -> None:
    with books(tmp_path_factory.mktemp("books"), EAST) as spending:
        made = [
            booking(cost, run=run, seq=seq, at=NOON + timedelta(hours=12 * halves), model=model, held=held)
            for seq, (cost, held, halves, model, run) in enumerate(parts)
        ]
        if made:
            for run in {each.run for each in made}:
                spending.book([each for each in made if each.run == run]).result()
        whole = sum((each.spend for each in made), Spend())
        assert spending.of_conversation(HOME) == whole
        assert spending.of_run(RunId("r1")) + spending.of_run(RunId("r2")) == whole
        months = spending.months()
        assert sum((spending.total(month=month) for month in months), Spend()) == whole
        for by in ("day", "provider", "model"):
            split = [each for month in months for each in spending.split(month, by).values()]
            assert sum(split, Spend()) == whole


def test_what_is_booked_is_never_changed_or_deleted(tmp_path: Path) -> None:
    with books(tmp_path) as spending:
        book(spending, booking(5))
    connection = apsw.Connection(str(tmp_path / "cort.db"))
    for statement in ("DELETE FROM spending", "UPDATE spending SET known_microusd = 0"):
        with pytest.raises(apsw.ConstraintError, match="what was booked is never"):
            connection.execute(statement)
    connection.close()


def test_it_stays_when_its_conversation_is_deleted_for_good(tmp_path: Path) -> None:
    with shelf(tmp_path) as opened:
        opened.begin().result()
        batches = short_run()
        opened.log.append(batches[0]).result()
        opened.log.append(batches[1], bookings=[booking(7, run=RUN, conversation=CONVERSATION)]).result()
        opened.conversations.delete(CONVERSATION).result()
        opened.database.write(Purge(conversation=CONVERSATION, owners=Owners(tmp_path))).result()
        assert Spending(opened.database).of_conversation(CONVERSATION).known_microusd == 7
        assert opened.log.events(RUN) == []


def test_an_event_that_is_not_saved_is_not_booked(tmp_path: Path) -> None:
    with suppress(StorageError), shelf(tmp_path) as opened:  # closing says once more what was not saved
        opened.begin().result()
        wrong = event(5, short_run()[1][0].body)
        assert opened.log.append([wrong], bookings=[booking(7, run=RUN)]).exception() is not None
        assert Spending(opened.database).of_run(RUN) == Spend()


LIMITS = Limits(conversation=4 * DOLLAR, day=2 * DOLLAR, month=3 * DOLLAR)


def grant(
    spending: Spending, run: str, wanted: int | None, limits: Limits = LIMITS, at: datetime = NOON
) -> int:
    return spending.grant(RunId(run), HOME, limits, wanted, at).result().microusd


def test_what_runs_at_work_may_spend_is_held(tmp_path: Path) -> None:
    with books(tmp_path) as spending:
        assert grant(spending, "one", 1_500_000) == 1_500_000
        assert grant(spending, "two", 1_500_000) == 500_000
        assert grant(spending, "three", 1) == 0
        book(spending, booking(1_000_000, run="one"))
        assert grant(spending, "three", 1) == 0, "what is spent is only no longer held"
        spending.give_back(RunId("one"), HOME, LIMITS, NOON, lambda _: None).result()
        assert grant(spending, "three", None) == 500_000


def test_a_run_that_spends_more_than_it_held_counts_in_full(tmp_path: Path) -> None:
    with books(tmp_path) as spending:
        assert grant(spending, "one", 100) == 100
        book(spending, booking(150, run="one"))
        (day,) = spending.standings(Limits(day=1_000), None, NOON)
        assert (day.spend.booked_microusd, day.held_microusd, day.left_microusd) == (150, 0, 850)


def test_each_limit_has_its_own_time(tmp_path: Path) -> None:
    with books(tmp_path) as spending:
        book(spending, booking(2 * DOLLAR))
        assert grant(spending, "one", 1) == 0
        assert grant(spending, "one", None, at=NOON + timedelta(days=1)) == 1 * DOLLAR, (
            "the month's is tighter"
        )
        assert grant(spending, "one", None, at=NOON + timedelta(days=9)) == 2 * DOLLAR, (
            "and the next month's not"
        )
        (conversation, day, month) = spending.standings(LIMITS, HOME, NOON)
        assert (conversation.resets, day.resets, month.resets) == (
            None,
            datetime(2026, 11, 23, tzinfo=UTC),
            datetime(2026, 12, 1, tzinfo=UTC),
        )
        assert [each.name for each in spending.standings(LIMITS, None, NOON)] == ["day", "month"]


def test_what_was_cut_off_holds_what_it_had_in_flight_until_its_day_is_over(tmp_path: Path) -> None:
    owners = Owners(tmp_path)
    with books(tmp_path) as spending, owners.claim(RunId("alive")):
        for run in ("alive", "dead", "idle"):
            grant(spending, run, 500_000)
        assert spending.cut_off(owners.owner) == (RunId("dead"), RunId("idle"))
        spending.write_off(RunId("dead"), 70).result()
        spending.write_off(RunId("idle"), 0).result()
        assert spending.cut_off(owners.owner) == ()
        day = Limits(day=2 * DOLLAR)
        (today,) = spending.standings(day, None, NOON)
        assert today.held_microusd == 500_070
        (tomorrow,) = spending.standings(day, None, NOON + timedelta(days=1))
        assert tomorrow.held_microusd == 500_000
        assert grant(spending, "dead", 100) == 100, "it is gone on with"
        (today,) = spending.standings(day, None, NOON)
        assert today.held_microusd == 500_100


def test_a_limit_that_comes_near_is_told_of_once(tmp_path: Path) -> None:
    told: list[tuple[str, int]] = []

    def near(standing: Standing) -> None:
        told.append((standing.name, standing.limit_microusd))

    def end(limits: Limits, at: datetime = NOON) -> list[tuple[str, int]]:
        told.clear()
        spending.give_back(RunId("r"), HOME, limits, at, near).result()
        return list(told)

    with books(tmp_path) as spending:
        book(spending, booking(799))
        limits = Limits(day=1_000, month=10_000, warn_at=Decimal("0.8"))
        assert end(limits) == []
        book(spending, booking(1, seq=2))
        assert end(limits) == [("day", 1_000)]
        assert end(limits) == []
        assert end(Limits(day=900)) == [("day", 900)], "another limit"
        assert end(Limits(day=900, warn_at=Decimal(0))) == []
        assert end(limits, NOON + timedelta(days=1)) == []
        book(spending, booking(900, seq=3, at=NOON + timedelta(days=1)))
        assert end(limits, NOON + timedelta(days=1)) == [("day", 1_000)], "another day"


TAKER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from cort_desktop.adapters.clock import SystemClock
from cort_desktop.domain.calendar import Calendar
from cort_desktop.domain.ids import ConversationId, RunId
from cort_desktop.domain.spending import Limits
from cort_desktop.storage.database import Database
from cort_desktop.storage.spending import Spending

with Database.open(Path(sys.argv[1]), clock=SystemClock(), calendar=Calendar(zone=UTC)) as database:
    sys.stdout.write("ready\\n"); sys.stdout.flush(); sys.stdin.readline()
    at = datetime(2026, 11, 22, 12, tzinfo=UTC)
    got = [
        Spending(database).grant(
            RunId(f"{sys.argv[2]}-{n}"), ConversationId("c"), Limits(day=1_000), 30, at
        ).result().microusd
        for n in range(40)
    ]
    print(sum(got))
"""


def test_two_processes_cannot_both_spend_the_last_dollar(tmp_path: Path) -> None:
    with books(tmp_path):
        pass
    both = [
        subprocess.Popen(
            [sys.executable, "-c", TAKER, str(tmp_path), name],
            cwd=TOP,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("a", "b")
    ]
    for one in both:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in both:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    got = [int(one.communicate()[0]) for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert sum(got) == 1_000
