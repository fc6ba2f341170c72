"""Waits between attempts."""

from __future__ import annotations

from random import Random

import pytest

from cort_desktop.errors import ErrorKind, ProviderError
from cort_desktop.resilience.backoff import wait_s

SEEDS = range(200)


def waits(kind: ErrorKind, failures: int, retry_after_s: float | None = None) -> list[float]:
    error = ProviderError("m", kind=kind, retry_after_s=retry_after_s)
    return [wait_s(error, failures, Random(seed)) for seed in SEEDS]


@pytest.mark.parametrize(
    "kind", ["unreachable", "unavailable", "timeout", "interrupted", "crashed", "offline"]
)
@pytest.mark.parametrize(
    ("failures", "base"), [(1, 0.5), (2, 1.0), (3, 2.0), (5, 8.0), (9, 8.0), (5000, 8.0)]
)
def test_faults_wait_half_a_second_doubled_up_to_eight(kind: ErrorKind, failures: int, base: float) -> None:
    found = waits(kind, failures)
    assert 0.75 * base <= min(found) < 0.78 * base
    assert 0.97 * base < max(found) <= base


@pytest.mark.parametrize(("failures", "most"), [(1, 2), (2, 4), (4, 16), (5, 30), (5000, 30)])
def test_throttled_without_a_word_waits_with_full_jitter(failures: int, most: float) -> None:
    found = waits("throttled", failures)
    assert 0 <= min(found) < 0.05 * most
    assert 0.95 * most < max(found) <= most


@pytest.mark.reliability(8)
@pytest.mark.parametrize("kind", ["throttled", "unavailable"])
def test_row_8_what_is_told_is_kept_exactly_and_never_undercut(kind: ErrorKind) -> None:
    found = waits(kind, 1, retry_after_s=2.0)
    assert min(found) >= 2.0
    assert 2.15 < max(found) <= 2.2


@pytest.mark.parametrize("kind", ["unsupported", "no_content"])
def test_what_waiting_does_not_mend_is_not_waited_for(kind: ErrorKind) -> None:
    assert set(waits(kind, 1)) == {0.0}
