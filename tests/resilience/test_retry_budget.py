"""The bucket that stops storms, by itself and as calls use it."""

from __future__ import annotations

import asyncio

import pytest

from cort_desktop.domain.calls import AttemptFailure
from cort_desktop.errors import ProviderError
from cort_desktop.resilience.retry_budget import RetryBudget
from tests.fakes.asking import Notices, request, resilient
from tests.fakes.loops import run_virtual
from tests.fakes.weathered import Weathered


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


def test_as_wired_those_that_wait_for_their_further_attempt_are_counted() -> None:
    """Eight fail at the same moment: three may be asked again, though none has been yet."""

    async def main() -> None:
        down = ProviderError("Down.", kind="unavailable", status=503, retryable=True)
        model = Weathered([1.0, down], again=True)
        budget = RetryBudget()
        loop = resilient(model, retries=budget)
        told = [Notices() for _ in range(8)]
        calls = [asyncio.create_task(loop.complete(request(), each)) for each in told]
        await asyncio.sleep(1.1)
        nexts = [failure.next for each in told for failure in each.of(AttemptFailure)]
        assert sorted(nexts) == ["give_up"] * 5 + ["retry"] * 3
        calls[0].cancel()  # in its wait
        await asyncio.gather(*calls, return_exceptions=True)
        assert (budget._retrying, budget._active) == (0, 0)

    run_virtual(main())
