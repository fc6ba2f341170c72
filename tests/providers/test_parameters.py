"""What is sent, and what is left out after a refusal."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cort_desktop.domain.messages import assistant, system, user
from cort_desktop.domain.models import ModelProfile
from cort_desktop.providers.parameters import Parameters
from cort_desktop.providers.reports import read_report
from tests.fakes.asking import MODEL, SCHEMA, request

FULL = request(seed=7, reply_schema=SCHEMA)


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
    {"error": {"message": "max_tokens is too large: 100000. This model supports at most 4096 tokens"}},
    {"error": {"message": "messages is empty"}},
    {"error": {"message": "the seeds of doubt"}},
    {},
]


@pytest.mark.parametrize(("name", "told"), REFUSALS)
def test_a_refused_parameter_is_left_out_from_then_on(name: str, told: dict[str, Any]) -> None:
    learned = parameters()
    assert learned.refuse(read_report(json.loads(json.dumps(told))), learned.body(FULL)) == name
    sent = learned.body(FULL)
    assert name not in sent
    assert learned.refuse(read_report(told), sent) is None
    assert sent.get("max_completion_tokens", sent.get("max_tokens")) == 100
    assert sent.keys() - {"max_completion_tokens"} == parameters().body(FULL).keys() - {
        name,
        "max_completion_tokens",
    }


@pytest.mark.parametrize("told", OTHERS)
def test_other_complaints_change_nothing(told: dict[str, Any]) -> None:
    learned = parameters()
    assert learned.refuse(read_report(told), learned.body(FULL)) is None
    assert learned.body(FULL) == parameters().body(FULL)


def test_what_was_not_sent_is_not_what_was_refused() -> None:
    learned = parameters()
    assert (
        learned.refuse(read_report({"error": {"message": "seed is unknown"}}), learned.body(request()))
        is None
    )
