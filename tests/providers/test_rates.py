"""What services tell of their limits, in each way they write it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.domain.calls import RateHints
from cort_desktop.providers.rates import read_hints, used_up_s

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
EPOCH = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("headers", "hints"),
    [
        pytest.param(
            {
                "x-ratelimit-limit-requests": "60",
                "x-ratelimit-limit-tokens": "150000",
                "x-ratelimit-remaining-requests": "59",
                "x-ratelimit-remaining-tokens": "149984",
                "x-ratelimit-reset-requests": "1s",
                "x-ratelimit-reset-tokens": "6m0s",
            },
            RateHints(
                requests_limit=60,
                requests_left=59,
                requests_reset_s=1.0,
                tokens_limit=150_000,
                tokens_left=149_984,
                tokens_reset_s=360.0,
            ),
            id="OpenAI",
        ),
        pytest.param(
            {"x-ratelimit-reset-requests": "2m59.56s", "x-ratelimit-reset-tokens": "7.66s"},
            RateHints(requests_reset_s=179.56, tokens_reset_s=7.66),
            id="Groq",
        ),
        pytest.param(
            {
                "x-ratelimit-limit": "20",
                "x-ratelimit-remaining": "0",
                "x-ratelimit-reset": f"{EPOCH + 30}000",
            },
            RateHints(requests_limit=20, requests_left=0, requests_reset_s=30.0),
            id="OpenRouter",
        ),
        pytest.param(
            {
                "anthropic-ratelimit-requests-limit": "50",
                "anthropic-ratelimit-tokens-remaining": "4000",
                "anthropic-ratelimit-requests-reset": "2026-11-22T12:01:30Z",
            },
            RateHints(requests_limit=50, tokens_left=4000, requests_reset_s=90.0),
            id="Anthropic",
        ),
        ({"x-ratelimit-reset-tokens": "20ms"}, RateHints(tokens_reset_s=0.02)),
        ({"x-ratelimit-reset-tokens": "1h2m"}, RateHints(tokens_reset_s=3720.0)),
        ({"x-ratelimit-reset": "45"}, RateHints(requests_reset_s=45.0)),
        ({"x-ratelimit-reset": str(EPOCH + 5)}, RateHints(requests_reset_s=5.0)),
        ({"x-ratelimit-reset": str(EPOCH - 5)}, RateHints(requests_reset_s=0.0)),
        ({"x-ratelimit-reset": "soon"}, None),
        ({"x-ratelimit-reset": "nan"}, None),
        ({"x-ratelimit-reset": "2026-11-22T12:01:30"}, None),
        ({"x-ratelimit-reset": "1e300"}, None),
        ({"x-ratelimit-remaining": "-1"}, None),
        ({"x-ratelimit-limit": "inf"}, None),
        ({"retry-after": "5"}, None),
        ({}, None),
    ],
)
def test_every_service_tells_in_its_own_way(headers: dict[str, str], hints: RateHints | None) -> None:
    assert read_hints(headers, NOW) == hints


def test_a_limit_that_is_used_up_says_how_long_to_wait() -> None:
    left = {"x-ratelimit-remaining-requests": "3", "x-ratelimit-reset-requests": "1m"}
    gone = {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "7s"}
    assert used_up_s(left | gone, NOW) == 7.0
    assert used_up_s(left, NOW) is None
    assert used_up_s({}, NOW) is None


@given(st.text(max_size=40))
def test_no_header_is_too_odd(text: str) -> None:
    hints = read_hints({"x-ratelimit-reset": text, "x-ratelimit-limit": text}, NOW)
    assert hints is None or (hints.requests_reset_s or 0.0) >= 0
