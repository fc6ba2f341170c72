"""Cached around a model: what is kept, who is answered from it, and what happens to calls made at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from cort_desktop.domain.budget import FREE, Price, Usage
from cort_desktop.domain.calls import AttemptStart, ChatRequest, Completion, Delta
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.settings import CacheSettings
from cort_desktop.errors import ProviderError
from cort_desktop.resilience.cache import Cached, ReplyCache
from cort_desktop.resilience.reply_stores import MemoryReplies
from tests.fakes.asking import Notices, resilient, route
from tests.fakes.kept import ASKED, Counted, origin
from tests.fakes.loops import LoopClock, run_virtual
from tests.fakes.weathered import Weathered

PRICE = Price(input=Decimal(1), output=Decimal(2))
OTHER = ModelRef("elsewhere/other")
SERVICE = {"name": "srv", "kind": "openai", "base_url": "http://127.0.0.1:9/v1"}


class Bench:
    """A cached model with its parts."""

    def __init__(
        self, model: Counted, settings: CacheSettings | None = None, price: Price | None = PRICE
    ) -> None:
        self.model = model
        self.settings = settings or CacheSettings()
        self.store = MemoryReplies(LoopClock())
        self.cache = ReplyCache(self.store, settings=lambda: self.settings, clock=LoopClock())
        self.cached = Cached(model, self.cache, service=SERVICE, price=price)
        self.notices = Notices()

    async def ask(self, request: ChatRequest = ASKED) -> Completion:
        return await self.cached.complete(request, self.notices)


def bench(
    main: Callable[[Bench], Coroutine[Any, Any, None]], model: Counted | None = None, **more: Any
) -> None:
    async def all_of_it() -> None:
        await main(Bench(model or Counted(), **more))

    run_virtual(all_of_it())


def test_the_second_of_two_equal_calls_is_answered_without_asking() -> None:
    async def main(at: Bench) -> None:
        first = await at.ask()
        assert (first.cached, first.attempts, at.notices.whys) == (False, 1, ["first"])
        told = len(at.notices)
        again = await at.ask(replace(ASKED, origin=origin(run="another", conversation="elsewhere")))
        assert at.model.calls == 1
        assert again == Completion(
            text="answer 1",
            reasoning="so",
            model=ASKED.model,
            usage=Usage(),
            cost_microusd=0,
            saved_microusd=50,
            attempts=0,
            cached=True,
        )
        assert at.notices[told:] == [Delta(text="so", channel="reasoning"), Delta(text="answer 1")]
        (entry,) = await at.store.entries()
        assert (entry.used, entry.saved_microusd, entry.filing.run) == (1, 50, "r1")

    bench(main)


@pytest.mark.parametrize(
    "changes",
    [
        {"finish": "length"},
        {"finish": "filter"},
        {"text": " \n"},
        {"text": ""},
        {"model": ModelRef("elsewhere/stand-in")},
        {"cached": True},
    ],
    ids=str,
)
def test_only_a_whole_answer_of_the_model_itself_is_kept(changes: dict[str, Any]) -> None:
    async def main(at: Bench) -> None:
        for number in (1, 2):
            done = await at.ask()
            assert at.model.calls == number
            assert all(getattr(done, name) == value for name, value in changes.items())
        assert await at.store.entries() == ()

    bench(main, Counted(**changes))


def test_a_failure_is_not_kept() -> None:
    async def main(at: Bench) -> None:
        at.model.error = ProviderError("It broke.", kind="interrupted", partial="half an ans")
        for _ in range(2):
            with pytest.raises(ProviderError, match="It broke"):
                await at.ask()
        assert at.model.calls == 2
        at.model.error = None
        assert (await at.ask()).text == "answer 3"
        assert (await at.ask()).cached

    bench(main)


@pytest.mark.parametrize(
    ("settings", "request_"),
    [
        (CacheSettings(enabled=False), ASKED),
        (CacheSettings(stages=("judge",)), ASKED),
        (CacheSettings(stages=()), ASKED),
        (CacheSettings(), replace(ASKED, origin=None)),
        (CacheSettings(), replace(ASKED, origin=origin(cache="off"))),
    ],
    ids=["switched off", "another stage", "no stage", "of no run", "not to be stored"],
)
def test_what_is_not_to_be_kept_leaves_nothing(settings: CacheSettings, request_: ChatRequest) -> None:
    async def main(at: Bench) -> None:
        assert [(await at.ask(request_)).text for _ in range(2)] == ["answer 1", "answer 2"]
        assert await at.store.entries() == ()

    bench(main, settings=settings)


def test_asking_anew_replaces_what_was_kept() -> None:
    async def main(at: Bench) -> None:
        renewed = replace(ASKED, origin=origin(cache="renew"))
        texts = [(await at.ask(each)).text for each in (ASKED, renewed, ASKED)]
        assert texts == ["answer 1", "answer 2", "answer 2"]
        assert at.model.calls == 2

    bench(main)


def test_asking_anew_does_not_wait_for_an_equal_call() -> None:
    async def main(at: Bench) -> None:
        renewed = replace(ASKED, origin=origin(cache="renew"))
        both = await asyncio.gather(at.ask(), at.ask(renewed))
        assert sorted(done.text for done in both) == ["answer 1", "answer 2"]
        assert not any(done.cached for done in both)

    bench(main)


def test_an_answer_is_good_for_its_days_and_no_longer() -> None:
    async def main(at: Bench) -> None:
        await at.ask()
        await asyncio.sleep(timedelta(days=3).total_seconds() - 2)
        assert (await at.ask()).cached
        at.settings = CacheSettings(days=2)
        assert not (await at.ask()).cached
        at.settings = CacheSettings(days=3)
        assert (await at.ask()).text == "answer 2"
        await asyncio.sleep(timedelta(days=3).total_seconds() + 2)
        assert (await at.ask()).text == "answer 3"

    bench(main, settings=CacheSettings(days=3))


@pytest.mark.parametrize(
    ("price", "changes", "saved"),
    [
        (None, {}, None),
        (PRICE, {"usage": None}, None),
        (FREE, {"usage": None}, 0),
        (PRICE, {"cost_microusd": 7}, 7),
        (None, {"cost_microusd": 7}, 7),
    ],
)
def test_what_a_hit_saves_is_what_the_answer_cost(
    price: Price | None, changes: dict[str, Any], saved: int | None
) -> None:
    async def main(at: Bench) -> None:
        await at.ask()
        assert (await at.ask()).saved_microusd == saved

    bench(main, Counted(**changes), price=price)


def test_equal_calls_at_once_are_one_call() -> None:
    async def main(at: Bench) -> None:
        done = await asyncio.gather(*(at.ask() for _ in range(20)))
        assert at.model.calls == 1
        assert {each.text for each in done} == {"answer 1"}
        assert sorted(each.cached for each in done) == [False, *[True] * 19]
        assert sum(each.attempts for each in done) == len(at.notices.of(AttemptStart)) == 1
        assert {each.saved_microusd for each in done if each.cached} == {50}
        assert at.notices.deltas.count("answer 1") == 20
        assert at.cache.flights == {}

    bench(main)


def test_a_cut_answer_reaches_those_who_waited_for_it_and_nobody_else() -> None:
    async def main(at: Bench) -> None:
        done = await asyncio.gather(*(at.ask() for _ in range(3)))
        assert {each.finish for each in done} == {"length"}
        assert at.model.calls == 1
        await at.ask()
        assert at.model.calls == 2

    bench(main, Counted(finish="length"))


def test_when_the_first_is_given_up_the_next_one_asks() -> None:
    async def main(at: Bench) -> None:
        calls = [asyncio.create_task(at.ask()) for _ in range(4)]
        await asyncio.sleep(0.1)
        assert at.model.calls == 1
        calls[0].cancel()
        await asyncio.sleep(0.1)
        assert (at.model.calls, at.model.cancelled) == (2, 1)
        calls[2].cancel()  # one that waits: nobody else is the worse for it
        texts = await asyncio.gather(*calls, return_exceptions=True)
        assert [isinstance(each, asyncio.CancelledError) for each in texts] == [True, False, True, False]
        assert at.model.calls == 2
        assert {each.text for each in texts if isinstance(each, Completion)} == {"answer 2"}
        assert at.cache.flights == {}

    bench(main)


def test_a_storm_of_cancels_leaves_nothing_behind() -> None:
    async def main(at: Bench) -> None:
        for _ in range(200):
            calls = [asyncio.create_task(at.ask()) for _ in range(5)]
            await asyncio.sleep(0)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
        assert at.cache.flights == {}
        assert (await at.ask()).text.startswith("answer")

    bench(main)


def test_a_failure_is_shared_by_those_who_waited_each_with_an_error_of_its_own() -> None:
    async def main(at: Bench) -> None:
        at.model.error = ProviderError("Down.", kind="unavailable", status=503, retryable=True, partial="pa")
        found = await asyncio.gather(*(at.ask() for _ in range(3)), return_exceptions=True)
        assert at.model.calls == 1
        assert len({id(each) for each in found}) == 3
        for each in found:
            assert isinstance(each, ProviderError)
            assert (str(each), each.kind, each.status, each.partial) == ("Down.", "unavailable", 503, "pa")
        assert at.cache.flights == {}

    bench(main)


@pytest.mark.parametrize("end", ["budget", "deadline", "fallback"])
def test_what_the_first_ones_own_limits_ended_is_no_answer_to_those_who_waited(end: str) -> None:
    """The first may not spend on a second attempt, or has no time for one; who waited has both."""
    fault = ProviderError("Busy.", kind="unavailable", status=503, retryable=end != "fallback")
    model = Weathered([1.0, fault], ["fine"])

    async def main() -> None:
        others = [route(Weathered(["never"]), OTHER)]
        poor = resilient(model, deadline_s=1.2 if end == "deadline" else 600.0, fallbacks=others)
        cache = ReplyCache(MemoryReplies(LoopClock()), settings=CacheSettings, clock=LoopClock())

        def refuse(_used: Usage | None, _ref: ModelRef | None = None, /) -> bool:
            return False

        first = Cached(poor, cache, service=SERVICE, price=PRICE)
        then = Cached(resilient(model), cache, service=SERVICE, price=PRICE)
        found = await asyncio.gather(
            first.complete(ASKED, Notices(), refuse), then.complete(ASKED, Notices()), return_exceptions=True
        )
        assert isinstance(found[0], ProviderError)
        assert isinstance(found[1], Completion)
        assert (found[1].text, found[1].cached) == ("fine", False)

    run_virtual(main())


def test_our_own_bugs_pass_through_and_those_who_wait_ask_themselves() -> None:
    async def main(at: Bench) -> None:
        at.model.error = ZeroDivisionError()
        found = await asyncio.gather(*(at.ask() for _ in range(2)), return_exceptions=True)
        assert [type(each) for each in found] == [ZeroDivisionError] * 2
        assert at.cache.flights == {}

    bench(main)
