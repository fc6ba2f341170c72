"""Limits on a conversation, a day and a month: refused before the first call, frozen into a run's budget,
told once; the books are the ledger's.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.bookings import spend_of
from cort_desktop.domain.budget import FREE, Budget, Price
from cort_desktop.domain.ids import ConversationId, ModelRef, RunId
from cort_desktop.domain.run import RunState
from cort_desktop.domain.settings import LimitSettings, Settings
from cort_desktop.domain.spending import Booking, Spend, Standing
from cort_desktop.errors import LimitError, SettingsError, UsageError
from cort_desktop.services.spending import MonthSpent, SpendingService
from cort_desktop.services.wishes import added_alternative
from cort_desktop.telling.caps import cap_words
from tests.fakes.desk import SETTINGS, Desk, Shown, ask, asking, cort, desk, die, resume
from tests.fakes.loops import EPOCH, LoopClock, run_virtual
from tests.fakes.models import MODEL, Reply, ScriptedModel, shaky_model

PRICE = Price(input=Decimal(100), output=Decimal(200))
"""A call of the scripted models (50 in, 20 out) is 9,000 micro-dollars."""
CALL = 9_000


def limited(**limits: str) -> Settings:
    return replace(SETTINGS, limits=LimitSettings(**{name: Decimal(usd) for name, usd in limits.items()}))


def plain() -> ScriptedModel:
    return ScriptedModel(lambda _, nth: Reply(text=f"answer {nth}"))


def refused(at: Desk, **more: Any) -> LimitError:
    before = len(at.model.requests)
    with pytest.raises(LimitError) as caught:
        ask(at, asking(**more))
    assert len(at.model.requests) == before
    return caught.value


def held(at: Desk) -> list[Any]:
    rows: list[Any] = at.database.read(
        lambda found: found.execute("SELECT run, lost FROM allowances ORDER BY run").fetchall()
    )
    return rows


@pytest.mark.parametrize("seed", range(8))
def test_the_books_are_the_ledgers(tmp_path: Path, seed: int) -> None:
    with desk(tmp_path, shaky_model(seed), price=PRICE) as at:
        wishes = (cort(max_tokens=100), asking(strategy="best_of_n", max_tokens=100))
        outcomes = [ask(at, wish) for wish in wishes]
        spending = at.store.spending
        whole = Spend()
        for outcome in outcomes:
            found = spending.of_run(outcome.run)
            assert found == spend_of(at.state(outcome.run).spent)
            whole += found
        (month,) = spending.months()
        assert spending.total(month=month) == whole
        assert sum(spending.split(month, "day").values(), Spend()) == whole
        last = at.state(outcomes[0].run).finished
        assert last is not None
        assert spending.of_run(outcomes[0].run).cost_microusd == last.cost_microusd


def spend(at: Desk, microusd: int, run: str = "earlier", conversation: str = "elsewhere") -> None:
    """As if another run had spent that on the day of the scripted clock."""
    at.store.spending.book(
        [
            Booking(
                run=RunId(run),
                conversation=ConversationId(conversation),
                seq=1,
                at=EPOCH + timedelta(seconds=1000),
                model=MODEL,
                spend=Spend(calls=1, known_microusd=microusd, booked_microusd=microusd),
            )
        ]
    ).result()


def test_a_used_up_limit_refuses_before_anything_is_sent_or_written(tmp_path: Path) -> None:
    with desk(tmp_path, plain(), settings=limited(day_usd="0.03"), price=PRICE) as at:
        spend(at, 30_000)
        error = refused(at)
        assert at.store.conversations.list() == []
        assert held(at) == []
    said = str(error)
    assert said.startswith("The limit of $0.03 a day is used up: $0.03 is spent today. It starts anew on ")
    assert said.endswith("To go on now, raise day_usd under [limits] in config.toml (0 lifts it).")
    assert isinstance(error.standing, Standing)
    assert error.standing.name == "day"


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (
            "month_usd",
            "a month is used up: $1.00 is spent this month. It starts anew on 1 February 2026 at 00:00",
        )
    ],
)
def test_each_limit_says_its_own(tmp_path: Path, key: str, words: str) -> None:
    with desk(tmp_path, plain(), settings=limited(**{key: "1"}), price=PRICE) as at:
        spend(at, 1_000_000)
        assert words in str(refused(at))


def test_a_conversation_has_a_limit_of_its_own(tmp_path: Path) -> None:
    with desk(tmp_path, plain(), settings=limited(conversation_usd="3"), price=PRICE) as at:
        spend(at, 5_000_000)
        first = ask(at, asking())
        spend(at, 3_000_000, "much", first.conversation)
        said = str(refused(at, conversation=first.conversation))
        assert (
            "for this conversation is used up: $3.01 is spent in it. A new conversation has its own." in said
        )
        assert ask(at, asking("Another?")).state.answer is not None


def test_the_cap_of_a_run_is_what_is_left_and_frozen(tmp_path: Path) -> None:
    shown = Shown()
    with desk(tmp_path, plain(), settings=limited(day_usd="3"), price=PRICE) as at:
        spend(at, 900_000)
        ask(at, asking(budget={"usd": 5}), shown)
        (started,) = shown.bodies(ev.RunStarted)
        assert started.budget == Budget(cost_microusd=2_100_000, left_of="day")
        own = Shown()
        ask(at, asking(max_tokens=100), own)
        assert own.bodies(ev.RunStarted)[0].budget == Budget(cost_microusd=500_000)
        assert held(at) == []


def test_a_run_that_meets_what_was_left_says_so(tmp_path: Path) -> None:
    with desk(tmp_path, plain(), settings=limited(day_usd="1"), price=PRICE) as at:
        spend(at, 990_000)
        state = ask(at, asking()).state
    assert state.finished is not None
    assert (state.finished.reason.rule, state.finished.answer) == ("usd", None)
    assert "the cap of $0.01, what was left of the day's limit" in state.finished.reason.text
    assert cap_words(state, state.limits["usd"]).startswith(
        "The run met the cap of $0.01, what was left of the day's limit: it used $0"
    )


def test_a_cap_below_a_cent_is_said_as_it_is(tmp_path: Path) -> None:
    with desk(tmp_path, plain(), settings=limited(day_usd="1"), price=PRICE) as at:
        spend(at, 999_600)
        state = ask(at, asking()).state
    assert state.finished is not None
    assert state.finished.reason.text.startswith("The run met the cap of $0.0004, what was left of")


def test_two_runs_at_once_share_what_is_left(tmp_path: Path) -> None:
    async def both(at: Desk) -> list[Any]:
        wishes = [asking(f"{n}?", budget={"usd": 2}) for n in range(3)]
        return await asyncio.gather(*(at.chat.ask(wish, Shown()) for wish in wishes), return_exceptions=True)

    with desk(tmp_path, plain(), settings=limited(day_usd="3"), price=PRICE) as at:
        found = run_virtual(both(at))
        caps = [each.state.budget.cost_microusd for each in found if not isinstance(each, LimitError)]
        (error,) = [each for each in found if isinstance(each, LimitError)]
        assert sorted(caps) == [1_000_000, 2_000_000]
        assert "$3.00 is held for runs that have not ended" in str(error)
        assert held(at) == []
        assert ask(at, asking()).state.answer is not None, "what was not used is there again"


def test_a_stopped_run_gives_back_what_it_held(tmp_path: Path) -> None:
    with desk(tmp_path, plain(), settings=limited(day_usd="3"), price=PRICE) as at:
        shown = Shown(lambda event: at.chat.stop(event.run) if event.type == "attempt.started" else None)
        outcome = ask(at, asking(), shown)
        assert outcome.state.stopped
        assert held(at) == []
        spent = at.store.spending.of_run(outcome.run)
        assert (spent.unknown, spent.cost_microusd) == (1, None)
        assert spent.booked_microusd > CALL, "an unknown price counts as what was reserved"


def test_a_run_cut_off_holds_only_what_it_had_in_flight_and_goes_on_within_what_is_left(
    tmp_path: Path,
) -> None:
    settings = limited(day_usd="9")
    live, copy = tmp_path / "live", tmp_path / "copy"

    def watch(event: ev.Event) -> None:
        if isinstance(event.body, ev.NodeStarted) and event.body.node == "R1.A1" and not copy.exists():
            at.database.write(lambda _: None).result()
            die(live, copy)

    wish = cort(budget={"usd": 8}, max_tokens=1_000)
    with desk(live, settings=settings, price=PRICE) as at:
        run = ask(at, wish, Shown(watch)).run
    with desk(copy, settings=settings, price=PRICE, ids="b") as again:
        assert held(again) == [(run, 0)]
        frozen = again.state(run)
        in_flight = sum(node.reserved.cost_microusd or 0 for node in frozen.running.values())
        assert in_flight > 0
        spend(again, 9_000_000 - in_flight - frozen.spent.booked_microusd)
        said = str(refused(again))
        assert held(again) == [(run, 1)]
        assert f"${in_flight / 1_000_000:.2f} is held for runs that have not ended" in said
    with desk(copy, settings=limited(day_usd="20"), price=PRICE, ids="c") as later:
        state = resume(later, run).state
        assert state.budget == Budget(cost_microusd=8_000_000)
        assert state.answer is not None
        assert held(later) == []
        before = frozen.spent
        assert later.store.spending.of_run(run) == spend_of(state.spent)
        assert before.calls < state.spent.calls


def test_an_interrupted_run_goes_on_with_less_when_less_is_left(tmp_path: Path) -> None:
    live, copy = tmp_path / "live", tmp_path / "copy"

    def watch(event: ev.Event) -> None:
        if isinstance(event.body, ev.NodeStarted) and event.body.node == "R1.A1" and not copy.exists():
            at.database.write(lambda _: None).result()
            die(live, copy)

    with desk(live, settings=limited(day_usd="9"), price=PRICE) as at:
        run = ask(at, cort(budget={"usd": 8}, max_tokens=1_000), Shown(watch)).run
    shown = Shown()
    with desk(copy, settings=limited(day_usd="4"), price=PRICE, ids="b") as again:
        spent = again.state(run).spent.booked_microusd
        state = resume(again, run, shown).state
        (resumed,) = shown.bodies(ev.RunResumed)
        assert resumed.budget == Budget(cost_microusd=4_000_000, left_of="day")
        assert spent < state.spent.booked_microusd <= 4_000_000
        assert RunState(run).fold(again.events(run)).budget == state.budget


def test_what_is_not_stored_counts_where_there_are_limits(tmp_path: Path) -> None:
    with desk(tmp_path, plain(), settings=limited(day_usd="9"), price=PRICE) as at:
        ask(at, asking(store=False))
        (month,) = at.store.spending.months()
        assert at.store.spending.total(month=month).known_microusd == CALL
        assert held(at) == []
        assert at.store.conversations.list() == []
    with desk(tmp_path / "without", plain(), price=PRICE) as at:
        ask(at, asking(store=False))
        assert at.store.spending.months() == ()


def test_what_costs_nothing_is_never_refused(tmp_path: Path) -> None:
    with desk(tmp_path, plain(), settings=limited(day_usd="1"), price=FREE) as at:
        spend(at, 2_000_000)
        assert ask(at, asking()).state.answer is not None


def test_an_unknown_price_is_refused_with_the_line_to_add(tmp_path: Path) -> None:
    with desk(tmp_path, plain(), settings=limited(day_usd="1"), price=None) as at:
        with pytest.raises(SettingsError, match="A limit on spending can't be held") as caught:
            ask(at, asking())
        assert '[prices."fake/model"] with input = 0.5' in str(caught.value)
        forecast = run_virtual(at.chat.estimate(asking()))
        assert (forecast.is_refused, forecast.warnings[0]) == (True, str(caught.value))
        assert at.model.requests == []


def test_the_estimate_shows_what_is_left_and_what_would_be_refused(tmp_path: Path) -> None:
    with desk(tmp_path, plain(), settings=limited(day_usd="1"), price=PRICE) as at:
        spend(at, 900_000)
        forecast = run_virtual(at.chat.estimate(asking()))
        assert forecast.budget == Budget(cost_microusd=100_000, left_of="day")
        assert not forecast.is_refused
        spend(at, 100_000, "more")
        forecast = run_virtual(at.chat.estimate(asking()))
        assert forecast.is_refused
        assert forecast.warnings[0].startswith("The limit of $1.00 a day is used up")


def test_what_a_dead_process_held_is_not_taken_for_used_up(tmp_path: Path) -> None:
    """A front end asks without a yes what it is told will be refused: it must be told the truth."""
    live, copy = tmp_path / "live", tmp_path / "copy"

    def watch(event: ev.Event) -> None:
        if isinstance(event.body, ev.NodeStarted) and not copy.exists():
            at.database.write(lambda _: None).result()
            die(live, copy)

    with desk(live, plain(), settings=limited(day_usd="3"), price=PRICE) as at:
        run = ask(at, asking(max_tokens=100, budget={"usd": 5}), Shown(watch)).run
    with desk(copy, plain(), settings=limited(day_usd="3"), price=PRICE, ids="b") as again:
        assert held(again) == [(run, 0)]
        in_flight = sum(node.reserved.cost_microusd or 0 for node in again.state(run).running.values())
        forecast = run_virtual(again.chat.estimate(asking(budget={"usd": 5})))
        assert not forecast.is_refused
        assert forecast.budget == Budget(cost_microusd=3_000_000 - in_flight, left_of="day")
        assert again.model.requests == []


def test_a_limit_that_comes_near_is_told_once(tmp_path: Path) -> None:
    with desk(tmp_path, plain(), settings=limited(day_usd="9", month_usd="3"), price=PRICE) as at:
        assert ask(at, asking()).notices == ()
        spend(at, 2_390_000)
        (notice,) = ask(at, asking(max_tokens=50)).notices
        assert notice.text.startswith(
            "The limit of $3.00 a month is nearly used up: $2.41 is spent this month."
        )
        assert notice.standing.name == "month"
        assert ask(at, asking(max_tokens=50)).notices == ()


def test_what_a_page_shows(tmp_path: Path) -> None:
    async def look(at: Desk) -> MonthSpent:
        service = SpendingService(lambda: at.store, lambda: settings, LoopClock().now)
        with pytest.raises(UsageError, match="“2026-13” is no month; write it like 2026-11"):
            await service.month("2026-13")
        assert (await service.of_conversation(outcome.conversation)) == (await service.of_run(outcome.run))
        assert (await service.month("2025-12")).total == Spend()
        assert [each.name for each in await service.standings(outcome.conversation)] == [
            "conversation",
            "month",
        ]
        return await service.month()

    settings = limited(conversation_usd="3", month_usd="2")
    with desk(tmp_path, plain(), settings=settings, price=PRICE) as at:
        outcome = ask(at, asking())
        found = run_virtual(look(at))
    assert (found.month, found.months, found.total.known_microusd) == ("2026-01", ("2026-01",), CALL)
    assert list(found.days.values()) == list(found.providers.values()) == [found.total]
    assert found.models == {"fake/model": found.total}
    assert [each.left_microusd for each in found.standings] == [2_000_000 - CALL]


def test_a_wish_for_a_dear_model_in_a_free_run_is_held_by_the_limits(tmp_path: Path) -> None:
    dear = ModelRef("fake/dear")
    wished = added_alternative("fresh", dear)
    refused = asyncio.Event()
    waiting = ScriptedModel(lambda _, nth: Reply(text=f"answer {nth}", hold=refused if nth > 1 else None))
    with desk(
        tmp_path, waiting, settings=limited(day_usd="0.03"), price=PRICE, free={MODEL}, patient=False
    ) as at:
        refusals: list[str] = []

        def watch(event: ev.Event) -> None:
            if isinstance(event.body, ev.NodeFinished) and not refusals:
                refusals.append("")
                asked = at.chat.wishes.carry_out(event.run, wished, Shown())
                said.append(asyncio.ensure_future(asked))
                said[0].add_done_callback(lambda _: refused.set())

        said: list[asyncio.Future[Any]] = []

        async def at_work() -> RunId:
            outcome = await at.chat.ask(cort(max_tokens=100), Shown(watch))
            with pytest.raises(UsageError, match="nothing of your spending limits is held for it"):
                await said[0]
            return outcome.run

        run = run_virtual(at_work())
        assert held(at) == []
        shown = Shown()
        run_virtual(at.chat.wishes.carry_out(run, wished, shown))
        (reopened,) = shown.bodies(ev.RunReopened)
        assert (reopened.budget.cost_microusd, reopened.budget.left_of) == (30_000, "day")
        spent = at.store.spending.of_run(run).known_microusd
        assert 0 < spent <= 30_000
        spend(at, 30_000)
        before = len(at.model.requests)
        with pytest.raises(LimitError):
            run_virtual(at.chat.wishes.carry_out(run, wished, Shown()))
        assert len(at.model.requests) == before
        assert held(at) == []
