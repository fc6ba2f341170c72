"""What is sent, and what is left out after a refusal."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from cort_desktop.domain.asking_ways import Routing
from cort_desktop.domain.calls import ChatRequest
from cort_desktop.domain.messages import assistant, system, user
from cort_desktop.domain.models import LeftOut, ModelProfile
from cort_desktop.providers.dialects import (
    GEMINI,
    MISTRAL,
    OPENAI,
    OPENROUTER,
    PLAIN,
    Dialect,
    Wishes,
    dialect_of,
)
from cort_desktop.providers.parameters import Parameters
from cort_desktop.providers.reports import read_report
from tests.fakes.asking import MODEL, SCHEMA, request

FULL = request(seed=7, reply_schema=SCHEMA)
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def refused(learned: Parameters, told: Any, asked: ChatRequest = FULL) -> tuple[str, ...]:
    return learned.refuse(read_report(told), learned.body(asked))


def parameters(**facts: Any) -> Parameters:
    return Parameters(ModelProfile(ref=MODEL, **facts))


def test_everything_that_is_sent() -> None:
    asked = request(
        messages=(system("s"), user("q \ud83d"), assistant("a")), seed=7, reply_schema=SCHEMA, temperature=0.0
    )
    assert parameters().body(asked) == {
        "model": "fast",
        "messages": [
            {"role": "system", "content": "s"},
            {"role": "user", "content": "q �"},
            {"role": "assistant", "content": "a"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 100,
        "temperature": 0.0,
        "seed": 7,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "verdict", "schema": {"type": "object"}, "strict": True},
        },
    }


def test_the_profile_decides_what_is_not_sent() -> None:
    assert parameters(seed=False, json_schema=False).body(FULL).keys().isdisjoint({"seed", "response_format"})
    assert parameters().body(request()).keys().isdisjoint({"seed", "response_format"})


REFUSALS = [
    ("response_format", {"error": {"message": "response_format is not supported", "param": None}}),
    ("response_format", {"error": {"message": "m", "param": "response_format"}}),
    ("response_format", {"error": {"message": "'json_schema' type unavailable"}}),
    ("seed", {"detail": [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "not permitted"}]}),
    ("seed", {"error": {"message": "Unknown parameter: seed."}}),
    ("stream_options", {"error": {"message": "Unrecognized request argument supplied: stream_options"}}),
    ("temperature", {"error": {"message": "does not support 0.7 with this model", "param": "temperature"}}),
    ("max_tokens", {"error": {"message": "Unsupported: max_tokens. Use 'max_completion_tokens' instead."}}),
]
OTHERS = [
    {"error": {"message": "temperature must be between 0 and 2"}},
    {
        "error": {
            "message": "Invalid 'temperature': decimal above maximum value. Expected a value <= 2.",
            "param": "temperature",
            "code": "decimal_above_max_value",
        }
    },
    {"error": {"message": "max_tokens is too large: 100000. This model supports at most 4096 tokens"}},
    {"error": {"message": "messages is empty"}},
    {"error": {"message": "the seeds of doubt"}},
    {},
]


@pytest.mark.parametrize(("name", "told"), REFUSALS)
def test_a_refused_parameter_is_left_out_from_then_on(name: str, told: dict[str, Any]) -> None:
    learned = parameters()
    assert refused(learned, told) == (name,)
    sent = learned.body(FULL)
    assert name not in sent
    assert refused(learned, told) == ()
    assert sent.get("max_completion_tokens", sent.get("max_tokens")) == 100
    assert sent.keys() - {"max_completion_tokens"} == parameters().body(FULL).keys() - {
        name,
        "max_completion_tokens",
    }
    before = parameters(left_out=(LeftOut(what=name, since=NOW),))
    assert before.body(FULL) == sent


@pytest.mark.parametrize("told", OTHERS)
def test_other_complaints_change_nothing(told: dict[str, Any]) -> None:
    learned = parameters()
    assert refused(learned, told) == ()
    assert learned.body(FULL) == parameters().body(FULL)


def test_what_was_not_sent_is_not_what_was_refused() -> None:
    report = read_report({"error": {"message": "seed is unknown"}})
    learned = parameters()
    assert learned.refuse(report, learned.body(request())) == ()


def test_a_server_that_names_all_it_does_not_take_is_believed_at_once() -> None:
    """Mistral, vLLM and whoever else checks with pydantic."""
    places = [["body", "seed"], ["body", "stream_options"]]
    errors = [
        {"type": "extra_forbidden", "loc": at, "msg": "Extra inputs are not permitted"} for at in places
    ]
    for told in (
        {"detail": errors},
        {"object": "error", "message": {"detail": errors}, "type": "invalid_request_error", "code": None},
    ):
        learned = parameters()
        assert set(refused(learned, told)) == {"seed", "stream_options"}
        assert learned.body(FULL).keys().isdisjoint({"seed", "stream_options"})


def test_the_limit_has_two_names_and_is_always_sent_under_one() -> None:
    newer = Parameters(ModelProfile(ref=MODEL), OPENAI)
    assert newer.body(FULL)["max_completion_tokens"] == 100
    told = {"detail": [{"type": "extra_forbidden", "loc": ["body", "max_completion_tokens"], "msg": "no"}]}
    assert refused(newer, told) == ("max_completion_tokens",)
    assert newer.body(FULL)["max_tokens"] == 100
    again = {"error": {"message": "Unsupported parameter: 'max_tokens'", "param": "max_tokens"}}
    assert refused(newer, again) == ()
    assert "max_tokens" in newer.body(FULL)


def test_no_answer_is_asked_for_that_is_longer_than_the_service_gives() -> None:
    assert parameters(most_output_tokens=64).body(FULL)["max_tokens"] == 64


INSTRUCTED = request(
    messages=(system("Be brief."), system("In verse."), user("q"), assistant("a"), user("r"))
)


@pytest.mark.parametrize(
    ("role", "told"),
    [
        ("developer", {"error": {
            "message": "Invalid value: 'developer' is not one of ['system', 'user']",
            "param": "messages[0].role", "code": "unsupported_value",
        }}),
        ("developer", {"message": "messages[0].role: unknown variant `developer`, expected one of `system`"}),
        ("system", {"error": {
            "message": "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
            "param": "messages[0].role",
        }}),
        ("system", {"error": {"code": 500, "message": "Jinja Exception: System role not supported"}}),
        ("system", {"error": "Error rendering prompt: Only user and assistant roles are supported!"}),
        ("system", [{"error": {
            "code": 400, "message": "Developer instruction is not enabled for models/gemma-3-27b-it",
            "status": "INVALID_ARGUMENT",
        }}]),
    ],
)  # fmt: skip
def test_instructions_find_a_role_that_the_model_has(role: str, told: Any) -> None:
    learned = parameters(system_role=role)
    assert refused(learned, told, INSTRUCTED) == (f"{role} role",)
    messages = learned.body(INSTRUCTED)["messages"]
    if role == "developer":
        assert [each["role"] for each in messages] == ["system", "system", "user", "assistant", "user"]
    else:
        assert messages == [
            {"role": "user", "content": "Be brief.\n\nIn verse.\n\nq"},
            {"role": "assistant", "content": "a"},
            {"role": "user", "content": "r"},
        ]


@pytest.mark.parametrize("words", ["System message must be at the beginning.", "An internal system error."])
def test_not_every_word_of_a_system_is_about_its_role(words: str) -> None:
    assert refused(parameters(), {"error": {"message": words}}, INSTRUCTED) == ()


def test_instructions_without_a_question_are_the_question() -> None:
    asked = request(messages=(system("Begin."),))
    assert parameters(system_role="none").body(asked)["messages"] == [{"role": "user", "content": "Begin."}]


def test_a_reasoning_model_of_openai_is_asked_in_its_own_way() -> None:
    """platform.openai.com/docs/guides/reasoning: no temperature, no seed, own words for limit and role."""
    profile = ModelProfile(
        ref=MODEL,
        reasoning=True,
        temperature=False,
        seed=False,
        system_role="developer",
        efforts=("low", "high"),
    )
    body = Parameters(profile, OPENAI, Wishes(effort="medium")).body(
        request(messages=(system("s"), user("q")), seed=7)
    )
    assert body == {
        "model": "fast",
        "messages": [{"role": "developer", "content": "s"}, {"role": "user", "content": "q"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_completion_tokens": 100,
        "reasoning_effort": "low",
    }


def test_an_effort_is_not_asked_of_a_model_that_does_not_think() -> None:
    for reasoning, sent in ((None, True), (True, True), (False, False)):
        body = Parameters(ModelProfile(ref=MODEL, reasoning=reasoning), PLAIN, Wishes(effort="high")).body(
            FULL
        )
        assert ("reasoning_effort" in body) is sent


def test_one_effort_that_is_refused_says_nothing_of_the_others() -> None:
    told = {
        "error": {
            "message": "Unsupported value: 'reasoning_effort' does not support 'minimal' with this model. "
            "Supported values are: 'low', 'medium', and 'high'.",
            "param": "reasoning_effort",
        }
    }
    learned = Parameters(ModelProfile(ref=MODEL), PLAIN, Wishes(effort="minimal"))
    assert refused(learned, told) == ("reasoning_effort=minimal",)
    assert "reasoning_effort" not in learned.body(FULL)
    kept = (LeftOut(what="reasoning_effort=minimal", since=NOW),)
    other = Parameters(ModelProfile(ref=MODEL, left_out=kept), PLAIN, Wishes(effort="low"))
    assert other.body(FULL)["reasoning_effort"] == "low"


def test_openrouter_is_told_how_hard_to_think_where_to_ask_and_to_tell_the_cost() -> None:
    routing = Routing(
        order=("a", "b"), allow_fallbacks=False, data_collection="deny", most_prompt_usd=Decimal("1.5")
    )
    body = Parameters(ModelProfile(ref=MODEL), OPENROUTER, Wishes(effort="high", routing=routing)).body(FULL)
    assert body["reasoning"] == {"effort": "high"}
    assert body["usage"] == {"include": True}
    assert body["provider"] == {
        "order": ["a", "b"],
        "allow_fallbacks": False,
        "data_collection": "deny",
        "max_price": {"prompt": 1.5},
    }


def test_where_a_request_may_go_is_never_left_out() -> None:
    learned = Parameters(ModelProfile(ref=MODEL), OPENROUTER, Wishes(routing=Routing(zdr=True)))
    told = {"error": {"message": "Unknown parameter: 'provider'", "param": "provider"}}
    assert refused(learned, told) == ()
    assert learned.body(FULL)["provider"] == {"zdr": True}


def test_google_is_asked_for_the_thoughts_of_a_model_that_has_some() -> None:
    thinking = Parameters(ModelProfile(ref=MODEL, reasoning=True), GEMINI)
    wanted = {"google": {"thinking_config": {"include_thoughts": True}}}
    assert thinking.body(FULL)["extra_body"] == wanted
    assert "extra_body" not in Parameters(ModelProfile(ref=MODEL), GEMINI).body(FULL)
    told = [{"error": {"code": 400, "message": "Thinking is not enabled for models/gemini-2.0-flash"}}]
    assert refused(thinking, told) == ("extra_body",)


def test_mistral_has_its_own_name_for_the_seed() -> None:
    body = Parameters(ModelProfile(ref=MODEL), MISTRAL).body(FULL)
    assert (body["random_seed"], "seed" in body) == (7, False)


@pytest.mark.parametrize(
    ("url", "dialect"),
    [
        ("https://api.openai.com/v1", OPENAI),
        ("https://openrouter.ai/api/v1", OPENROUTER),
        ("https://generativelanguage.googleapis.com/v1beta/openai", GEMINI),
        ("https://api.mistral.ai/v1", MISTRAL),
        ("https://api.openai.com.example/v1", PLAIN),
        ("http://127.0.0.1:8080/v1", PLAIN),
    ],
)
def test_a_service_is_known_by_where_it_is(url: str, dialect: Dialect) -> None:
    assert dialect_of(url) is dialect
