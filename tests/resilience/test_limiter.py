"""Places and pace: what is learned from answers and refusals, and that nobody is lost in the queue."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.domain.calls import RateHints
from cort_desktop.domain.ids import ModelRef
from cort_desktop.errors import ProviderError
from cort_desktop.resilience.limiter import Limiter, NoPlaceError
from cort_desktop.resilience.pace import Concurrency, Lane, PerMinute
from tests.fakes.loops import LoopClock, run_virtual

REF = ModelRef("srv/m")
OTHER = ModelRef("srv/other")
FREE = ModelRef("openrouter/some/model:free")


def throttled(status: int = 429, retry_after_s: float | None = None) -> ProviderError:
    return ProviderError("too many", kind="throttled", status=status, retry_after_s=retry_after_s)


@pytest.mark.parametrize(("most", "places"), [(64, 8), (500, 8), (3, 3), (1, 1), (0, 1)])
def test_it_starts_with_at_most_eight_places(most: int, places: int) -> None:
    async def main() -> int:
        limiter = Limiter(most, clock=LoopClock())
        assert limiter.places == places
        return await _most_at_once(limiter, 30)

    assert run_virtual(main()) <= places + 2  # it grows while it is used
    assert Concurrency(500).most == 64


async def _most_at_once(limiter: Limiter, calls: int) -> int:
    highest = 0

    async def one() -> None:
        nonlocal highest
        async with limiter.place(REF):
            highest = max(highest, limiter.running)
            assert limiter.running <= limiter.places
            await asyncio.sleep(1)

    await asyncio.gather(*(one() for _ in range(calls)))
    assert (limiter.running, limiter.waiting) == (0, 0)
    return highest


def test_one_more_after_as_many_successes_as_there_are_places() -> None:
    pace = Concurrency(64)
    grown = []
    for _ in range(8 + 9 + 10):
        pace.began(running=pace.places)
        pace.succeeded()
        grown.append(pace.places)
    assert grown == [8] * 7 + [9] * 9 + [10] * 10 + [11]


def test_places_that_nobody_uses_are_no_reason_for_more() -> None:
    pace = Concurrency(64)
    for _ in range(100):
        pace.began(running=7)
        pace.succeeded()
    assert pace.places == 8


@pytest.mark.parametrize(
    ("status", "places"), [(429, [5, 3, 2, 1, 1]), (529, [5, 3, 2, 1, 1]), (402, [4, 2, 1, 1, 1])]
)
@pytest.mark.reliability(10)
def test_row_10_fewer_places_after_each_refusal(status: int, places: list[int]) -> None:
    async def main() -> list[int]:
        limiter = Limiter(64, clock=LoopClock())
        seen = []
        for _ in range(5):
            with pytest.raises(ProviderError):
                async with limiter.place(REF):
                    raise throttled(status)
            seen.append(limiter.places)
        assert limiter.is_staggered
        return seen

    assert run_virtual(main()) == places


def test_eight_refusals_of_one_burst_are_one() -> None:
    pace = Concurrency(64)
    bursts = [pace.began(running=8) for _ in range(8)]
    for burst in bursts:
        pace.throttled(burst)
    assert pace.places == 5
    pace.throttled(pace.began(running=5))
    assert pace.places == 3


def test_a_fault_is_no_refusal_and_a_cancelled_call_is_nothing() -> None:
    async def main() -> None:
        limiter = Limiter(64, clock=LoopClock())
        for error in (ProviderError("down", kind="unavailable"), asyncio.CancelledError()):
            for _ in range(20):
                with pytest.raises(type(error)):
                    async with limiter.place(REF):
                        raise error
        assert (limiter.places, limiter.is_staggered, limiter.running) == (8, False, 0)

    run_virtual(main())


def test_requests_leave_together_until_a_refusal_and_one_by_one_after_it() -> None:
    async def starts(limiter: Limiter, calls: int) -> list[float]:
        seen: list[float] = []

        async def one() -> None:
            async with limiter.place(REF):
                seen.append(asyncio.get_running_loop().time())
                await asyncio.sleep(1)

        await asyncio.gather(*(one() for _ in range(calls)))
        return [round(later - sooner, 3) for sooner, later in pairwise(seen)]

    async def main() -> None:
        limiter = Limiter(8, clock=LoopClock())
        assert await starts(limiter, 5) == [0] * 4
        with pytest.raises(ProviderError):
            async with limiter.place(REF):
                raise throttled()
        assert await starts(limiter, 5) == [0.05] * 4
        assert not limiter.is_staggered  # a whole window went well
        assert await starts(limiter, 5) == [0] * 4

    run_virtual(main())


@pytest.mark.reliability(8)
def test_row_8_a_model_that_asks_to_wait_is_waited_for_and_no_other() -> None:
    async def main() -> None:
        limiter = Limiter(8, clock=LoopClock())
        now = asyncio.get_running_loop().time
        with pytest.raises(ProviderError):
            async with limiter.place(REF):
                raise throttled(retry_after_s=30.0)
        began, seen = now(), {}

        async def one(ref: ModelRef) -> None:
            async with limiter.place(ref):
                seen[ref] = now() - began

        await asyncio.gather(one(REF), one(OTHER))
        assert seen[REF] == pytest.approx(30)
        assert seen[OTHER] <= 0.05
        with pytest.raises(ProviderError):
            async with limiter.place(REF):
                raise throttled(retry_after_s=3600.0)  # more than is ever waited for
        began = now()
        await one(REF)
        assert seen[REF] < 1

    run_virtual(main())


def test_free_models_share_twenty_requests_a_minute() -> None:
    async def main() -> None:
        limiter = Limiter(64, clock=LoopClock(), start=64)
        now = asyncio.get_running_loop().time
        began, seen = now(), []

        async def one(number: int) -> None:
            async with limiter.place(ModelRef(f"{number % 2}{FREE}")):
                seen.append(now() - began)

        async def paid() -> None:
            async with limiter.place(REF):
                assert now() - began < 1

        await asyncio.gather(*(one(number) for number in range(50)), paid())
        assert seen == sorted(seen)
        for first, twentieth in zip(seen, seen[20:], strict=False):
            assert twentieth - first >= 59.999
        assert seen[-1] == pytest.approx(120)

    run_virtual(main())


@pytest.mark.parametrize(
    ("hints", "waits"),
    [
        (RateHints(requests_left=3, requests_limit=60, requests_reset_s=57.0), [0, 0, 0, 1]),
        (RateHints(requests_left=0, requests_limit=60, requests_reset_s=60.0), [1]),
        (RateHints(requests_left=0, requests_reset_s=9.0), [9]),
        (RateHints(requests_left=50, tokens_left=0, tokens_limit=1000, tokens_reset_s=10_000.0), [10]),
        (RateHints(requests_left=0), [0]),
        (RateHints(tokens_left=5, tokens_reset_s=9.0), [0]),
        (RateHints(requests_left=0, requests_limit=1, requests_reset_s=9999.0), [120]),
    ],
)
def test_what_is_left_is_kept_to(hints: RateHints, waits: list[float]) -> None:
    lane = Lane()
    lane.learn(0.0, hints)
    for wait in waits:
        assert max(0.0, lane.ready_at(0.0)) == pytest.approx(wait)
        lane.began(0.0)
    assert lane.ready_at(200.0) <= 200.0


def test_without_wait_there_is_a_place_now_or_none() -> None:
    async def main() -> None:
        limiter = Limiter(1, clock=LoopClock())
        assert limiter.has_place(REF)
        async with limiter.place(REF, wait=False):
            assert not limiter.has_place(REF)
            with pytest.raises(NoPlaceError):
                async with limiter.place(REF, wait=False):
                    pass
        assert limiter.running == 0

    run_virtual(main())


@pytest.mark.reliability(32)
@pytest.mark.parametrize("times", [12, pytest.param(60, marks=pytest.mark.endurance)])
def test_row_32_fifteen_thousand_random_cancels_lose_no_place(times: int) -> None:
    async def main() -> None:
        random = Random(7)
        limiter = Limiter(16, clock=LoopClock())

        async def hold() -> None:
            async with limiter.place(REF if random.random() < 0.5 else OTHER):
                await asyncio.sleep(random.random() * 0.01)
                if random.random() < 0.01:
                    raise throttled(retry_after_s=0.01)

        async def one() -> None:
            task = asyncio.create_task(hold())
            for _ in range(random.randint(0, 3)):
                await asyncio.sleep(0)
            await asyncio.sleep(random.choice((0.0, 0.001, 0.02)))
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        for _ in range(times):
            await asyncio.gather(*(one() for _ in range(250)))
        assert (limiter.running, limiter.waiting) == (0, 0)
        assert limiter._timer is None
        async with asyncio.timeout(1):
            await hold()

    run_virtual(main())


@given(
    st.integers(-5, 200),
    st.integers(1, 64),
    st.lists(st.sampled_from(["good", "429", "402"]), max_size=300),
)
def test_laws_places_stay_between_one_and_most(most: int, start: int, ends: list[str]) -> None:
    """Never below one or above most; up by one at a time, and only after as many successes as places; down
    only after a refusal.
    """
    pace = Concurrency(most, start)
    successes = 0
    for how in ends:
        before = pace.places
        burst = pace.began(running=before)
        if how == "good":
            successes += 1
            pace.succeeded()
            assert pace.places in (before, before + 1)
            if pace.places > before:
                assert successes >= before
                successes = 0
        else:
            successes = 0
            pace.throttled(burst, 0.7 if how == "429" else 0.5)
            assert pace.places == max(1, int(before * (0.7 if how == "429" else 0.5)))
        assert 1 <= pace.places <= max(1, min(64, most))


@given(st.lists(st.floats(0, 30), max_size=100), st.integers(1, 20))
def test_law_never_more_than_so_many_in_any_minute(gaps: list[float], most: int) -> None:
    lane, now, starts = PerMinute(most), 0.0, list[float]()
    for gap in gaps:
        now = max(now + gap, lane.ready_at())
        lane.began(now)
        starts.append(now)
    for first, later in zip(starts, starts[most:], strict=False):
        assert later - first >= 60 - 1e-9
