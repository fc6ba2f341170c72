"""What may be claimed from how many outcomes: an interval, and nothing from few."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.worth import Took, WorthOutcome
from cort_desktop.domain.worth_shares import ENOUGH, WorthRecord, WorthShare, shares

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def record(number: int, outcome: WorthOutcome, texts: str | None = None) -> WorthRecord:
    return WorthRecord(
        at=BEGIN + timedelta(minutes=number),
        model=ModelRef("fake/one"),
        preset=None,
        strategy="cort",
        move="revise",
        outcome=outcome,
        more=Took(calls=1, tokens=1, cost_microusd=1, seconds=1.0),
        texts=texts or str(number),
    )


@pytest.mark.parametrize(
    ("final", "first", "unclear", "says"),
    [
        (0, 0, 0, "too_few"),
        (0, 0, 40, "too_few"),
        (ENOUGH - 1, 0, 30, "too_few"),
        (ENOUGH, 0, 0, "final"),
        (6, 5, 0, "open"),
        (60, 40, 0, "final"),
        (50, 50, 90, "open"),
        (2, 18, 0, "first"),
    ],
)
def test_nothing_is_claimed_from_few_or_while_an_even_chance_is_possible(
    final: int, first: int, unclear: int, says: str
) -> None:
    share = WorthShare(final=final, first=first, unclear=unclear)
    assert share.says == says
    assert (share.interval is None) == (final + first == 0)


def test_the_same_texts_count_once_by_what_was_said_last() -> None:
    found = shares([record(3, "final", "a"), record(1, "first", "a"), record(2, "unclear")])
    assert (found.final, found.first, found.unclear) == (1, 0, 1)
    assert shares([]) == WorthShare()
