"""The list of models of a service, in the shapes of the services there are."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cort_desktop.domain.budget import Price
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.models import ModelProfile
from cort_desktop.errors import ProviderError
from cort_desktop.providers.catalog import list_models
from cort_desktop.providers.http import Transport
from cort_desktop.providers.limits import Limits
from cort_desktop.providers.lookup import Lookup
from tests.fakes.asking import KEY
from tests.fakes.loops import LoopClock, run_virtual
from tests.fakes.replies import Hang, Reply, Send, body_reply, head, json_reply, models_reply, status_reply
from tests.fakes.scripted_server import ScriptedServer


def listed(reply: Reply, limits: Limits | None = None) -> tuple[ModelProfile, ...]:
    async def main() -> tuple[ModelProfile, ...]:
        async with ScriptedServer([reply]) as server:
            transport = Transport(limits=limits)
            try:
                found = await list_models(
                    Lookup(
                        provider="srv",
                        base_url=server.base_url + "/",
                        key=KEY,
                        transport=transport,
                        clock=LoopClock(),
                    )
                )
            finally:
                await transport.aclose()
            (asked,) = server.requests
            assert (asked.method, asked.path) == ("GET", "/v1/models")
            assert asked.headers["authorization"] == f"Bearer {KEY}"
            return found

    return run_virtual(main())


def one(entry: dict[str, Any]) -> ModelProfile:
    (profile,) = listed(json_reply({"data": [{"id": "m", **entry}]}))
    return profile


def test_a_plain_list_keeps_its_order_and_each_once() -> None:
    found = listed(models_reply("b", "a", "b", "x/y"))
    assert [profile.ref for profile in found] == ["srv/b", "srv/a", "srv/x/y"]
    assert found[0] == ModelProfile(ref=ModelRef("srv/b"))


def test_openrouter_tells_context_prices_and_parameters() -> None:
    profile = one({
        "context_length": 131072,
        "pricing": {
            "prompt": "0.0000025", "completion": "0.00001", "input_cache_read": "0.00000125",
            "internal_reasoning": "0", "request": "0",
        },
        "supported_parameters": ["seed", "temperature"],
        "top_provider": {"max_completion_tokens": 1000},
    })  # fmt: skip
    assert profile.context_tokens == 131072
    assert profile.price == Price(input=Decimal("2.5"), output=Decimal(10), cached_input=Decimal("1.25"))
    assert (profile.seed, profile.json_schema, profile.default_max_tokens) == (True, False, 1000)


@pytest.mark.reliability(37)
@pytest.mark.parametrize(
    "pricing",
    [
        {"prompt": "-1", "completion": "-1"},
        {"prompt": "0.1"},
        {"prompt": "free", "completion": "0"},
        {"prompt": None, "completion": "0"},
        {"prompt": "NaN", "completion": "0"},
        {"prompt": True, "completion": "0"},
        [],
        None,
    ],
)
def test_row_37_a_price_that_makes_no_sense_is_unknown(pricing: Any) -> None:
    assert one({"pricing": pricing}).price is None


def test_free_is_a_price() -> None:
    assert one({"pricing": {"prompt": "0", "completion": "0"}}).price == Price(
        input=Decimal(0), output=Decimal(0)
    )


@pytest.mark.parametrize(
    ("entry", "context"),
    [
        ({"max_model_len": 4096}, 4096),
        ({"meta": {"n_ctx_train": 2048, "n_params": 1}}, 2048),
        ({"meta": None}, None),
        ({"context_length": "4096"}, None),
        ({"context_length": -1}, None),
        ({}, None),
    ],
)
def test_context(entry: dict[str, Any], context: int | None) -> None:
    assert one(entry).context_tokens == context


def test_entries_that_are_none_are_left_out() -> None:
    entries = [None, {}, {"id": 5}, {"id": ""}, {"id": "a\nb"}, {"id": "x" * 300}, {"id": "good"}, "text"]
    assert [profile.ref for profile in listed(json_reply({"data": entries}))] == ["srv/good"]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (status_reply(401), "auth"),
        (status_reply(404), "not_found"),
        (json_reply({"models": []}), "not_an_api"),
        (json_reply([]), "not_an_api"),
        (body_reply("<html>Log in</html>", content_type="text/html"), "not_an_api"),
        (body_reply(b"[" * 5000, content_type="application/json"), "not_an_api"),
        (body_reply(b"[" + b" " * 2000, content_type="application/json"), "cut_by_limit"),
        ([Hang()], "timeout"),
        ([Send(head(200, {"Content-Length": "5"})), Hang()], "timeout"),
    ],
)
def test_failures_are_provider_errors(reply: Reply, kind: str) -> None:
    limits = Limits(models_bytes=2000) if kind == "cut_by_limit" else None
    with pytest.raises(ProviderError) as failed:
        listed(reply, limits)
    assert failed.value.kind == kind


def test_openrouter_tells_what_a_model_is_able_to() -> None:
    profile = one(
        {
            "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
            "supported_parameters": [
                "reasoning",
                "include_reasoning",
                "tools",
                "structured_outputs",
                "max_tokens",
            ],
            "top_provider": {
                "context_length": 200_000,
                "max_completion_tokens": 64_000,
                "is_moderated": True,
            },
            "reasoning": {"supported_efforts": ["high", "low", "whatever"]},
        }
    )
    assert (profile.reasoning, profile.tools, profile.json_schema) == (True, True, True)
    assert (profile.temperature, profile.seed) == (False, False)
    assert (profile.most_output_tokens, profile.default_max_tokens) == (64_000, 2048)
    assert profile.efforts == ("low", "high")


@pytest.mark.parametrize(
    ("entry", "facts"),
    [
        ({"context_window": 131_072, "max_completion_tokens": 32_768}, (131_072, 32_768, None, None)),
        (
            {"max_context_length": 40_960, "capabilities": {"function_calling": True, "reasoning": False}},
            (40_960, None, True, False),
        ),
        ({"capabilities": "all", "supported_parameters": [1], "top_provider": 5}, (None, None, None, None)),
        ({}, (None, None, None, None)),
    ],
)
def test_others_tell_some_of_it(entry: dict[str, Any], facts: tuple[Any, ...]) -> None:
    """Groq, Mistral, nonsense, OpenAI."""
    profile = one(entry)
    told = (profile.context_tokens, profile.most_output_tokens, profile.tools, profile.reasoning)
    assert told == facts
    assert (profile.json_schema, profile.seed, profile.temperature) == (True, True, True)


def test_a_model_that_writes_no_text_is_no_choice() -> None:
    entries = [
        {"id": "painter", "architecture": {"output_modalities": ["image"]}},
        {"id": "both", "architecture": {"output_modalities": ["image", "text"]}},
        {"id": "embedder", "capabilities": {"completion_chat": False}},
        {"id": "odd", "architecture": {"output_modalities": "text"}},
    ]
    assert [profile.ref for profile in listed(json_reply({"data": entries}))] == ["srv/both", "srv/odd"]
