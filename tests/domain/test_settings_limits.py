"""[limits]: defaults, every wrong value named, close matches."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cort_desktop.domain.settings import LimitSettings
from cort_desktop.domain.settings_reading import Reading, read
from cort_desktop.domain.spending import Limits


def limits(**written: Any) -> Reading:
    return read({"limits": written})


def test_without_a_table_there_is_no_limit() -> None:
    settings = read({}).settings.limits
    assert (settings, settings.is_any) == (LimitSettings(), False)
    assert not settings.limits().is_any


def test_what_is_written_holds_in_microdollars() -> None:
    found = limits(conversation_usd=1, day_usd=Decimal("2.5"), month_usd=Decimal("0.0000015"), warn_at=0)
    assert (found.problems, found.warnings) == ((), ())
    assert found.settings.limits.limits() == Limits(
        conversation=1_000_000, day=2_500_000, month=2, warn_at=Decimal(0)
    )


def test_0_lifts_a_limit() -> None:
    found = limits(day_usd=0, month_usd=20)
    assert found.settings.limits.limits() == Limits(month=20_000_000)
    assert not limits(day_usd=0).settings.limits.is_any


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"day_usd": "2"}, 'limits.day_usd must be a number from 0 to 1000000, not "2"'),
        ({"month_usd": -1}, "limits.month_usd must be a number from 0 to 1000000, not -1"),
        ({"conversation_usd": Decimal("NaN")}, "limits.conversation_usd must be a number"),
        ({"warn_at": Decimal("1.01")}, "limits.warn_at must be a number from 0 to 1, not 1.01"),
        ({"warn_at": True}, "limits.warn_at must be a number from 0 to 1, not true"),
    ],
)
def test_a_wrong_value_is_named_and_left_out(written: dict[str, Any], words: str) -> None:
    found = limits(**written)
    assert [words in str(problem) for problem in found.problems] == [True]
    assert found.settings.limits == LimitSettings()


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    (warning,) = limits(day_uds=2).warnings
    assert str(warning) == 'limits.day_uds is not known and has no effect (did you mean "day_usd"?)'
