"""What a call used and cost, as each service counts it."""

from __future__ import annotations

from typing import Any

import pytest

from cort_desktop.domain.budget import Usage
from cort_desktop.providers.chat_usage import read_cost, read_timings, read_usage


@pytest.mark.reliability(37)
@pytest.mark.parametrize(
    ("told", "usage"),
    [
        pytest.param(
            {
                "prompt_tokens": 9,
                "completion_tokens": 1200,
                "total_tokens": 1209,
                "prompt_tokens_details": {"cached_tokens": 5, "audio_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 1000, "accepted_prediction_tokens": 0},
            },
            Usage(input=9, cached_input=5, output=1200, reasoning=1000),
            id="OpenAI: thoughts are part of the output",
        ),
        pytest.param(
            {
                "prompt_tokens": 10120,
                "completion_tokens": 1499,
                "total_tokens": 14428,
                "prompt_tokens_details": {"cached_tokens": 128},
                "completion_tokens_details": {"reasoning_tokens": 2809},
            },
            Usage(input=10120, cached_input=128, output=4308, reasoning=2809),
            id="xAI: thoughts stand beside the output",
        ),
        pytest.param(
            {"prompt_tokens": 20, "completion_tokens": 198, "total_tokens": 623},
            Usage(input=20, output=603, reasoning=405),
            id="Google: thoughts are in the total alone",
        ),
        pytest.param(
            {
                "prompt_tokens": 21,
                "completion_tokens": 0,
                "total_tokens": 81,
                "completion_tokens_details": {"reasoning_tokens": 60},
            },
            Usage(input=21, output=60, reasoning=60),
            id="Google: nothing but thoughts",
        ),
        pytest.param(
            {
                "prompt_tokens": 100,
                "completion_tokens": 7,
                "total_tokens": 107,
                "prompt_cache_hit_tokens": 64,
                "prompt_cache_miss_tokens": 36,
            },
            Usage(input=100, cached_input=64, output=7),
            id="DeepSeek",
        ),
        pytest.param(
            {"prompt_tokens": 100, "completion_tokens": 7, "total_tokens": 107, "cached_tokens": 20},
            Usage(input=100, cached_input=20, output=7),
            id="Moonshot",
        ),
        pytest.param(
            {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 3},
            Usage(input=5, output=7),
            id="a total that is none",
        ),
        pytest.param(
            {
                "prompt_tokens": 5,
                "completion_tokens": 7,
                "total_tokens": 900,
                "completion_tokens_details": {"reasoning_tokens": 4},
            },
            Usage(input=5, output=7, reasoning=4),
            id="a total that fits nothing",
        ),
    ],
)
def test_tokens_mean_the_same_whoever_counts_them(told: dict[str, Any], usage: Usage) -> None:
    assert read_usage(told) == usage


@pytest.mark.parametrize(
    ("told", "usage"),
    [
        ({"cache_n": 236, "prompt_n": 1, "predicted_n": 35}, Usage(input=237, cached_input=236, output=35)),
        ({"prompt_n": 12, "predicted_n": 3, "prompt_ms": 1.5}, Usage(input=12, output=3)),
        ({"prompt_n": 0, "predicted_n": 3}, None),
        ({"prompt_n": "12", "predicted_n": 3}, None),
        ({}, None),
    ],
)
def test_llama_cpp_counts_in_its_timings(told: dict[str, Any], usage: Usage | None) -> None:
    assert read_timings(told) == usage


@pytest.mark.reliability(37)
@pytest.mark.parametrize(
    ("told", "microusd"),
    [
        pytest.param({"cost": 0.95}, 950_000, id="OpenRouter"),
        pytest.param(
            {"cost": 0.001, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.019}},
            20_000,
            id="OpenRouter with a key of the maker's: its fee and what the maker bills",
        ),
        pytest.param(
            {"cost": 0.02, "is_byok": False, "cost_details": {"upstream_inference_cost": 0.019}},
            20_000,
            id="OpenRouter on its own credit",
        ),
        pytest.param({"cost": 0.001, "is_byok": True}, None, id="what the maker bills is not told"),
        pytest.param({"cost_in_usd_ticks": 232_856_000}, 23_286, id="xAI"),
        pytest.param({"cost": {"total_cost": 0.006, "request_cost": 0.005}}, 6_000, id="Perplexity"),
        ({"cost": 0}, 0),
        ({"cost": -1}, None),
        ({"cost": "0.5"}, None),
        ({"cost": True}, None),
        ({"cost": None}, None),
        ({"cost": 1e30}, None),
        ({"cost_in_usd_ticks": -5}, None),
        ({}, None),
    ],
)
def test_what_was_billed_is_told_or_unknown(told: dict[str, Any], microusd: int | None) -> None:
    assert read_cost(told) == microusd
