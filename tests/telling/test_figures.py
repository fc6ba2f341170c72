"""Numbers as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.telling import figures


@pytest.mark.parametrize(
    ("microusd", "words"),
    [
        (None, "unknown price"),
        (0, "$0"),
        (5, "$0.000005"),
        (123, "$0.00012"),
        (1_500, "$0.0015"),
        (18_000, "$0.018"),
        (500_000, "$0.50"),
        (999_999, "$1.000"),
        (12_345_678, "$12.35"),
    ],
)
def test_money(microusd: int | None, words: str) -> None:
    assert figures.money(microusd) == words


@given(st.integers(min_value=1, max_value=10**12))
def test_money_that_was_spent_never_looks_free(microusd: int) -> None:
    assert float(figures.money(microusd).removeprefix("$")) > 0


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0"), (999, "999"), (1_000, "1.0k"), (999_949, "999.9k"), (999_950, "1.0M")]
)
def test_tokens(count: int, words: str) -> None:
    assert figures.tokens(count) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0.0 s"),
        (0.84, "0.8 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 0 s"),
        (75, "1 min 15 s"),
        (7500, "2 h 5 min"),
    ],
)
def test_seconds(seconds: float, words: str) -> None:
    assert figures.seconds(seconds) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1_000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (9_950, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (92_871_040, "93 MB"),
        (4_700_000_000, "4.7 GB"),
        (3 * 10**15, "3000 TB"),
    ],
)
def test_sizes(count: int, words: str) -> None:
    assert figures.size(count) == words


def test_no_line_ends_between_a_figure_and_its_unit() -> None:
    assert figures.unbroken("m-2 · 0.2 s, then 3 calls") == "m-2 · 0.2\u00a0s, then 3\u00a0calls"
