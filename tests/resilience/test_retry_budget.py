"""The bucket that stops storms, and the places."""

from __future__ import annotations

import asyncio

import pytest

from cort_desktop.resilience.limiter import Limiter
from cort_desktop.resilience.retry_budget import RetryBudget
from tests.fakes.loops import run_virtual


@pytest.mark.reliability(33)
def test_row_33_five_faults_dry_it_and_successes_fill_it_slowly() -> None:
    budget = RetryBudget()
    allowed = []
    for _ in range(7):
        budget.failed("unavailable")
        allowed.append(budget.allows("unavailable"))
    assert allowed == [True] * 4 + [False] * 3
    for _ in range(20):
        budget.succeeded()
    assert not budget.allows("unavailable")
    budget.succeeded()
    assert budget.allows("unavailable")


def test_it_holds_between_nothing_and_ten() -> None:
    budget = RetryBudget()
    budget.succeeded()
    assert budget.tokens == 10
    for _ in range(50):
        budget.failed("unreachable")
    assert budget.tokens == 0


@pytest.mark.parametrize("kind", ["auth", "bad_request", "unsupported", "no_credit", "no_content", "looping"])
def test_what_says_nothing_about_health_is_free(kind: str) -> None:
    budget = RetryBudget()
    for _ in range(50):
        budget.failed(kind)  # type: ignore[arg-type]
    assert budget.tokens == 10
    for _ in range(50):
        budget.failed("unavailable")
    assert budget.allows(kind)  # type: ignore[arg-type]


@pytest.mark.reliability(10)
def test_row_10_being_throttled_is_cheap_and_all_of_a_fan_out_may_come_back() -> None:
    budget = RetryBudget()
    for _ in range(16):
        budget.failed("throttled")
        assert budget.allows("throttled")
        budget.begin_retry()
    assert not budget.allows("unavailable")


def test_few_calls_may_be_in_a_further_attempt_at_once() -> None:
    budget = RetryBudget()
    for _ in range(40):
        budget.begin()
    for number in range(9):
        assert budget.allows("unavailable") == (number < 8)  # a fifth of 40
        budget.begin_retry()
    for _ in range(38):
        budget.end()
    for _ in range(7):
        budget.end_retry()
    assert budget.allows("unavailable")  # 2 of at most 3
    budget.begin_retry()
    assert not budget.allows("unavailable")


@pytest.mark.parametrize(("most", "places"), [(64, 8), (3, 3), (1, 1), (0, 1)])
def test_the_limiter_starts_with_at_most_eight_places(most: int, places: int) -> None:
    async def main() -> int:
        limiter = Limiter(most)
        running = highest = 0

        async def one() -> None:
            nonlocal running, highest
            async with limiter:
                running += 1
                highest = max(highest, running)
                await asyncio.sleep(1)
                running -= 1

        await asyncio.gather(*(one() for _ in range(30)))
        return highest

    assert run_virtual(main()) == places == Limiter(most).places
