"""When a first token is missing, how often it may be asked for twice, and where cancelling stops the bill."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.domain.cancelling import stops_billing
from cort_desktop.domain.ids import ModelRef
from cort_desktop.resilience.hedge import FirstTokens, Hedges
from cort_desktop.resilience.route import in_order, is_same_model


@pytest.mark.parametrize(
    ("seen", "delay_s"),
    [
        ([], 8.0),
        ([0.5] * 19, 8.0),
        ([0.5] * 20, 2.0),  # never sooner
        ([1.0] * 100, 2.0),
        ([3.0] * 95 + [30.0] * 5, 9.0),  # three times the median
        ([3.0] * 90 + [5.0] * 10, 5.0),  # the 95th of a hundred
        ([50.0] * 30, 20.0),  # never later
        ([90.0] * 300 + [4.0] * 200, 4.0),  # lately
    ],
)
def test_the_delay_follows_the_times_seen(seen: list[float], delay_s: float) -> None:
    times = FirstTokens()
    for seconds in seen:
        times.saw(seconds)
    assert times.delay_s() == delay_s


@pytest.mark.reliability(29)
@given(st.lists(st.booleans(), max_size=600))
def test_row_29_never_more_than_one_call_in_twenty(asks: list[bool]) -> None:
    hedges, taken = Hedges(), 0
    for number, wants in enumerate(asks, start=1):
        hedges.called()
        taken += wants and hedges.take()
        assert taken <= number * 0.05


def test_quiet_times_save_up_only_so_much() -> None:
    hedges = Hedges()
    for _ in range(100_000):
        hedges.called()
    assert sum(hedges.take() for _ in range(100)) == 10


@pytest.mark.parametrize(
    ("ref", "kind", "host", "stops"),
    [
        ("openai/gpt-4o", "openai", "api.openai.com", True),
        ("az/gpt-4o", "openai", "mine.openai.azure.com", True),
        ("anthropic/claude", "anthropic", "api.anthropic.com", True),
        ("my-server/x", "openai", "127.0.0.1", True),
        ("groq/llama", "openai", "api.groq.com", False),
        ("gemini/flash", "openai", "generativelanguage.googleapis.com", False),
        ("aws/x", "openai", "bedrock-runtime.us-east-1.amazonaws.com", False),
        ("mistral/x", "openai", "API.Mistral.ai", False),
        ("p/x", "openai", "api.perplexity.ai", False),
        ("notgroq/x", "openai", "notgroq.com", True),
        ("openrouter/openai/gpt-4o", "openrouter", "openrouter.ai", True),
        ("openrouter/google/gemini", "openrouter", "openrouter.ai", False),
        ("openrouter/mistralai/mistral", "openrouter", "openrouter.ai", False),
    ],
)
def test_where_cancelling_stops_the_bill(ref: str, kind: str, host: str, stops: bool) -> None:
    assert stops_billing(ModelRef(ref), kind=kind, host=host) == stops


def test_the_same_model_elsewhere_comes_before_another_one() -> None:
    ref = ModelRef("openrouter/meta-llama/llama-3.1-8b-instruct:free")
    others = ["openai/gpt-4o-mini", ref, "groq/Llama-3-1-8B-Instruct", "openai/gpt-4o-mini", "a/b", "c/d"]
    found = in_order(ref, [ModelRef(each) for each in others])
    assert found == ("groq/Llama-3-1-8B-Instruct", "openai/gpt-4o-mini", "a/b")
    assert is_same_model(ModelRef("ollama/llama3.2:latest"), ModelRef("x/llama3.2"))
    assert not is_same_model(ModelRef("ollama/llama3.2:1b"), ModelRef("ollama/llama3.2:3b"))
