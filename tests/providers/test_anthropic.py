"""What is Anthropic's alone: how a request is laid out, what is learned, the odd ends of its streams.

What it shares with the other services is in ``conformance``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from cort_desktop.domain.budget import Usage
from cort_desktop.domain.calls import ChatRequest, Completion, RateHints
from cort_desktop.domain.messages import Message, assistant, system, user
from cort_desktop.domain.models import Effort, LeftOut, ModelProfile
from cort_desktop.errors import ProviderError
from cort_desktop.providers.anthropic import AnthropicMessages, own_headers, versioned
from cort_desktop.providers.anthropic_body import AnthropicBody
from cort_desktop.providers.anthropic_stream import AnthropicStream, read_usage
from cort_desktop.providers.http import Transport
from cort_desktop.providers.limits import Limits
from cort_desktop.providers.reports import read_report
from cort_desktop.resilience.endings import used_by
from tests.fakes.asking import KEY, Notices, resilient
from tests.fakes.loops import LoopClock, run_virtual
from tests.fakes.replies import LAST, Reply, Send, Step, Wait, framed, head, json_reply
from tests.fakes.scripted_server import ScriptedServer
from tests.providers.conformance.wire import SCHEMA, dumps
from tests.providers.conformance.wires import AnthropicWire

WIRE = AnthropicWire()
PROFILE = ModelProfile(ref=WIRE.ref)
LONG = "word " * 900  # some 1,286 tokens


def request(*messages: Message, **changes: Any) -> ChatRequest:
    fields: dict[str, Any] = {
        "model": WIRE.ref,
        "messages": messages or (user("Why?"),),
        "max_tokens": 100,
        "temperature": 0.7,
    }
    return ChatRequest(**(fields | changes))


def body(*messages: Message, profile: ModelProfile = PROFILE, **changes: Any) -> dict[str, Any]:
    return AnthropicBody(profile).body(request(*messages, **changes))


def refusal(words: str) -> Any:
    return read_report(WIRE.error(words, type="invalid_request_error"))


def turns(sent: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(turn["role"], "|".join(one["text"] for one in turn["content"])) for turn in sent["messages"]]


def marked(sent: Mapping[str, Any]) -> list[str]:
    """The texts at whose end the service is to keep what came so far."""
    blocks = [*sent.get("system", []), *(one for turn in sent["messages"] for one in turn["content"])]
    return [block["text"] for block in blocks if "cache_control" in block]


# where and how it is asked


@pytest.mark.parametrize(
    ("base_url", "address"),
    [
        ("https://api.anthropic.com", "https://api.anthropic.com/v1/messages"),
        ("https://api.anthropic.com/", "https://api.anthropic.com/v1/messages"),
        ("https://api.anthropic.com/v1", "https://api.anthropic.com/v1/messages"),
        ("https://gateway.example.org/anthropic/v1/", "https://gateway.example.org/anthropic/v1/messages"),
        ("https://gateway.example.org/anthropic", "https://gateway.example.org/anthropic/v1/messages"),
    ],
)
def test_the_address_may_end_in_v1_or_not(base_url: str, address: str) -> None:
    assert AnthropicMessages.address(base_url) == address
    assert versioned(base_url) == address.removesuffix("/messages")


def test_the_version_is_sent_and_the_key_only_where_there_is_one() -> None:
    assert own_headers("k") == {"anthropic-version": "2023-06-01", "x-api-key": "k"}
    assert own_headers(None) == {"anthropic-version": "2023-06-01"}


def test_the_systems_text_stands_apart() -> None:
    sent = body(system("One."), user("Why?"), system("Two."), seed=3)
    assert sent["system"] == [{"type": "text", "text": "One.\n\nTwo."}]
    assert turns(sent) == [("user", "Why?")]
    assert (sent["max_tokens"], sent["stream"], sent["temperature"]) == (100, True, 0.7)
    assert "seed" not in sent
    assert "system" not in body(user("Why?"))


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        ([user("a"), user("b"), assistant("c")], [("user", "a|b"), ("assistant", "c")]),
        ([user("a"), assistant(" "), user(""), user("b")], [("user", "a|b")]),
        ([user("a"), assistant("c \n")], [("user", "a"), ("assistant", "c")]),
        ([user("a\ud800\0b")], [("user", "a\ufffd\ufffdb")]),
    ],
)
def test_messages_alternate_and_are_never_empty(messages: list[Message], told: list[tuple[str, str]]) -> None:
    assert turns(body(*messages)) == told


def test_a_conversation_begins_with_a_person() -> None:
    first, second = turns(body(assistant("Hello!")))
    assert (first[0], second) == ("user", ("assistant", "Hello!"))
    assert first[1].strip()
    alone = body(system("Say hello."))
    assert turns(alone) == [("user", "Say hello.")]
    assert "system" not in alone


@pytest.mark.parametrize(("wanted", "sent"), [(0.0, 0.0), (0.7, 0.7), (1.0, 1.0), (1.6, 1.0)])
def test_a_temperature_ends_at_one(wanted: float, sent: float) -> None:
    assert body(temperature=wanted)["temperature"] == sent


def test_what_the_catalogue_told_is_heeded() -> None:
    known = ModelProfile(
        ref=WIRE.ref,
        temperature=False,
        most_output_tokens=64,
        left_out=(LeftOut(what="output_config", since=datetime(2026, 1, 1, tzinfo=UTC)),),
    )
    sent = body(profile=known, reply_schema=SCHEMA)
    assert sent["max_tokens"] == 64
    assert "temperature" not in sent
    assert "tool_choice" in sent


# its cache


def test_a_short_beginning_is_not_kept() -> None:
    assert marked(body(system("Be brief."), user("a"), assistant("b"), user(LONG))) == []


def test_a_long_stable_beginning_is_kept_and_the_last_message_never() -> None:
    assert marked(body(system(LONG), user(LONG))) == [LONG]
    sent = body(system("Be brief."), user(LONG), assistant("b"), user("c"))
    assert marked(sent) == ["b"]
    assert marked(body(system(LONG), user("a"), assistant("b"), user("c"))) == [LONG, "b"]
    half = LONG[: len(LONG) // 2]
    assert marked(body(system(half), user(half), assistant("b"), user("c"))) == ["b"]


def test_a_service_that_keeps_nothing_is_not_asked_to() -> None:
    told = AnthropicBody(PROFILE)
    asked = request(system(LONG), user("a"))
    refused = told.refuse(refusal("system.0.cache_control: Extra inputs are not permitted"), told.body(asked))
    assert refused == ("cache_control",)
    assert marked(told.body(asked)) == []


# replies held to a schema


def test_the_ways_to_hold_a_reply_are_tried_one_after_another() -> None:
    told = AnthropicBody(PROFILE)
    asked = request(reply_schema=SCHEMA)
    first = told.body(asked)
    assert first["output_config"]["format"]["type"] == "json_schema"
    assert "tools" not in first
    words = "This model does not support structured outputs."
    assert told.refuse(refusal(words), first) == ("output_config",)
    second = told.body(asked)
    assert "output_config" not in second
    assert second["tools"][0]["input_schema"] == SCHEMA.schema
    assert second["tool_choice"] == {"type": "tool", "name": "verdict"}
    assert told.refuse(refusal("tool_choice: forced tool use is not supported"), second) == ("tool_choice",)
    third = told.body(asked)
    assert not {"output_config", "tools", "tool_choice"} & third.keys()


def test_a_reply_by_tool_is_its_text() -> None:
    start = {"type": "tool_use", "id": "t", "name": "verdict", "input": {}}
    events = [
        *WIRE.opening(),
        WIRE.event("content_block_start", index=0, content_block=start),
        *(
            WIRE.event(
                "content_block_delta", index=0, delta={"type": "input_json_delta", "partial_json": part}
            )
            for part in ("", '{"winner":', ' "kqz"}')
        ),
        WIRE.event("message_delta", delta={"stop_reason": "tool_use"}, usage={"output_tokens": 9}),
        WIRE.event("message_stop"),
    ]
    done = asked(WIRE.stream(events), request(reply_schema=SCHEMA))
    assert (done.text, done.finish) == ('{"winner": "kqz"}', "stop")
    whole = WIRE.whole("") | {"content": [start | {"input": {"winner": "kqz"}}], "stop_reason": "tool_use"}
    assert asked(json_reply(whole)).text == '{"winner": "kqz"}'


def test_a_server_that_reads_over_the_schema_is_found_out() -> None:
    told = AnthropicBody(PROFILE)
    assert told.unheeded('{"winner": "kqz"}') == ()
    assert told.unheeded("kqz wins") == ("output_config",)
    assert told.unheeded("kqz still wins") == ("tool_choice",)
    assert told.unheeded("kqz") == ()
    assert "tools" not in told.body(request(reply_schema=SCHEMA))


@pytest.mark.parametrize(
    ("words", "left_out"),
    [
        ("`temperature` is deprecated for this model.", ("temperature",)),
        ("temperature: range: 0..1", ()),
        ("temperature: Input should be less than or equal to 1", ()),
        ("output_config.format.schema: too complex", ("output_config",)),
        ("messages: at least one message is required", ()),
        ("max_tokens: 100000 > 8192, which is the maximum allowed", ()),
    ],
)
def test_what_a_refusal_is_about(words: str, left_out: tuple[str, ...]) -> None:
    told = AnthropicBody(PROFILE)
    assert told.refuse(refusal(words), told.body(request(reply_schema=SCHEMA))) == left_out


# thoughts


def thinking(effort: Effort | None, profile: ModelProfile = PROFILE, **changes: Any) -> dict[str, Any]:
    return AnthropicBody(profile, effort).body(request(**changes))


def test_how_hard_to_think_is_said_only_when_a_person_says_so() -> None:
    assert not {"thinking", "output_config"} & thinking(None).keys()
    hard = thinking("high")
    assert hard["thinking"] == {"type": "adaptive", "display": "summarized"}
    assert hard["output_config"] == {"effort": "high"}
    assert "temperature" not in hard
    assert thinking("minimal")["output_config"] == {"effort": "low"}
    none = thinking("none")
    assert (none["thinking"], none["temperature"]) == ({"type": "disabled"}, 0.7)
    assert "output_config" not in none
    never = ModelProfile(ref=WIRE.ref, reasoning=False)
    assert "thinking" not in thinking("high", never)


def test_a_model_that_thinks_is_not_forced_to_use_a_tool() -> None:
    told = AnthropicBody(PROFILE, "high")
    asked = request(reply_schema=SCHEMA)
    assert told.body(asked)["output_config"].keys() == {"effort", "format"}
    assert told.refuse(refusal("output_config.format: not supported"), told.body(asked)) == ("output_config",)
    sent = told.body(asked)
    assert (sent["output_config"], sent["tool_choice"]) == ({"effort": "high"}, {"type": "auto"})


def test_thoughts_and_effort_are_left_out_where_a_model_takes_none() -> None:
    told = AnthropicBody(PROFILE, "high")
    words = "adaptive thinking is not supported on this model"
    assert told.refuse(refusal(words), told.body(request())) == ("thinking",)
    assert told.body(request())["temperature"] == 0.7
    words = "output_config.effort: Extra inputs are not permitted"
    assert told.refuse(refusal(words), told.body(request())) == ("effort",)
    assert not {"thinking", "output_config"} & told.body(request()).keys()


@pytest.mark.reliability(14)
def test_unseen_thoughts_are_given_time() -> None:
    """Newer models keep their thoughts back: only a block begins, then pings come for minutes."""
    block = {"type": "thinking", "thinking": "", "signature": ""}
    begun = [*WIRE.opening(), WIRE.event("content_block_start", index=0, content_block=block)]
    pings: list[Step] = [step for _ in range(10) for step in (Wait(10.0), framed(WIRE.idle))]
    said = [WIRE.text("late"), *WIRE.ending("stop", Usage(input=1, output=1))]
    reply: Reply = [WIRE.head(), *map(framed, begun), *pings, *map(framed, said), LAST]
    assert asked(reply).seconds == 100.0
    kept: Reply = [WIRE.head(), *map(framed, begun), *pings, *pings, *pings]
    assert "within 180 s" in str(failed(kept))


# answers


def asked(reply: Reply, what: ChatRequest | None = None) -> Completion:
    (result,) = all_asked([reply], what)
    assert isinstance(result, Completion), result
    return result


def failed(reply: Reply) -> ProviderError:
    (result,) = all_asked([reply])
    assert isinstance(result, ProviderError), result
    return result


def all_asked(replies: Sequence[Reply], what: ChatRequest | None = None) -> list[Completion | ProviderError]:
    results: list[Completion | ProviderError] = []

    async def main() -> None:
        async with ScriptedServer(replies) as server, WIRE.opened(server.base_url) as model:
            for _ in replies:
                try:
                    results.append(await model.complete(what or request(), Notices()))
                except ProviderError as error:
                    results.append(error)

    run_virtual(main())
    return results


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("pause_turn", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("refusal", "filter"),
        ("something_new", "stop"),
    ],
)
def test_why_it_ended(reason: str, finish: str) -> None:
    whole = WIRE.whole("some") | {"stop_reason": reason}
    assert asked(json_reply(whole)).finish == finish


@pytest.mark.reliability(17)
def test_row_17_a_reason_to_end_is_an_end_without_the_last_event() -> None:
    *events, _ = WIRE.events("All.")
    assert asked(WIRE.stream(events)).text == "All."


def test_the_answers_name_is_kept() -> None:
    assert asked(WIRE.answer("yes")).generation == "msg_1"
    assert asked(json_reply(WIRE.whole("yes"))).generation == "msg_1"


def test_blocks_of_text_are_one_answer_and_what_is_not_known_is_read_over() -> None:
    shown: list[str] = []
    stream = AnthropicStream(lambda _, text: shown.append(text), Limits())
    for chunk in (
        {"type": "content_block_start", "content_block": {"type": "text", "text": "a"}},
        {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "b"}},
        {"type": "content_block_delta", "delta": {"type": "citations_delta", "citation": {"text": 3}}},
        {"type": "content_block_delta", "delta": {"type": "signature_delta", "signature": "c2ln"}},
        {"type": "content_block_delta", "delta": None},
        {"type": "content_block_start", "content_block": [1]},
        {"type": "message_start", "message": {"usage": "none"}},
        {"type": "message_delta", "delta": None, "usage": "none"},
        {"type": "new_event", "text": "no"},
        ["no"],
        "no",
    ):
        stream.take(chunk)
    assert (stream.answer, shown) == ("ab", ["a", "b"])
    assert (stream.usage, stream.finish, stream.ended) == (None, None, False)


# what it cost


@pytest.mark.reliability(37)
@pytest.mark.parametrize(
    "told",
    [
        {},
        {"input_tokens": 5},
        {"output_tokens": 5},
        {"input_tokens": -1, "output_tokens": 5},
        {"input_tokens": "5", "output_tokens": 5},
        {"input_tokens": True, "output_tokens": 5},
        {"input_tokens": 0, "output_tokens": 5},
        {"input_tokens": 5, "output_tokens": 5, "cache_read_input_tokens": -2},
        {"input_tokens": 5, "output_tokens": 5, "cache_creation_input_tokens": "many"},
    ],
)
def test_row_37_a_count_that_makes_no_sense_stays_unknown(told: dict[str, Any]) -> None:
    assert read_usage(told) is None


def test_what_was_read_from_and_written_to_the_cache_is_part_of_the_input() -> None:
    told = {
        "input_tokens": 4,
        "output_tokens": 20,
        "cache_read_input_tokens": 1000,
        "cache_creation_input_tokens": 100,
        "output_tokens_details": {"thinking_tokens": 15},
    }
    assert read_usage(told) == Usage(input=1104, cached_input=1000, cache_write=100, output=20, reasoning=15)
    nulls = {"input_tokens": 4, "output_tokens": 2, "cache_read_input_tokens": None}
    assert read_usage(nulls) == Usage(input=4, output=2)


def test_an_answer_that_broke_off_has_no_usage() -> None:
    """The beginning tells of one token written: that is never the whole."""
    error = failed(WIRE.stream([*WIRE.opening(), WIRE.text("begun")]))
    assert error.kind == "interrupted"
    assert getattr(error, "usage", "unset") is None


# faults


@pytest.mark.reliability(7, 12)
@pytest.mark.parametrize(
    ("kind", "expected", "retryable"),
    [
        ("overloaded_error", "throttled", True),
        ("rate_limit_error", "throttled", True),
        ("api_error", "unavailable", True),
        ("timeout_error", "unavailable", True),
        ("authentication_error", "auth", False),
        ("permission_error", "auth", False),
        ("billing_error", "no_credit", False),
        ("not_found_error", "not_found", False),
        ("request_too_large", "bad_request", False),
        ("invalid_request_error", "bad_request", False),
    ],
)
def test_row_12_the_kinds_of_its_error_event(kind: str, expected: str, retryable: bool) -> None:
    event = f"event: error\ndata: {dumps(WIRE.error('it broke', type=kind))}\n\n".encode()
    error = failed(WIRE.stream([*WIRE.opening(), event]))
    assert (error.kind, error.retryable) == (expected, retryable)
    after = failed(WIRE.stream([*WIRE.opening(), WIRE.text("begun"), event]))
    means = "interrupted" if expected == "unavailable" else expected
    assert (after.kind, after.retryable, after.partial) == (means, retryable, "begun")


@pytest.mark.reliability(37)
def test_row_37_what_was_read_before_an_overload_is_booked() -> None:
    usage = {"input_tokens": 9000, "output_tokens": 1}
    start = {"type": "message_start", "message": {"id": "m", "usage": usage}}
    opening = f"event: message_start\ndata: {dumps(start)}\n\n".encode()
    error = failed(WIRE.stream([opening, WIRE.failure("Overloaded")]))
    assert used_by(None, error) == (Usage(input=9000, output=1), None)
    begun = failed(WIRE.stream([opening, WIRE.text("begun"), WIRE.failure("Overloaded")]))
    assert used_by(None, begun) == (None, None)  # what it had written by then nobody tells


@pytest.mark.reliability(7)
def test_row_7_an_overloaded_service_is_asked_again() -> None:
    async def main() -> None:
        overloaded = WIRE.status(529, "Overloaded", type="overloaded_error")
        script = [overloaded, WIRE.stream([*WIRE.opening(), WIRE.failure("Overloaded")]), WIRE.answer("yes")]
        async with ScriptedServer(script) as server, WIRE.opened(server.base_url) as model:
            notices = Notices()
            answer = await resilient(model).complete(request(), notices)
            assert (answer.text, answer.attempts) == ("yes", 3)
            assert notices.nexts == ["retry", "retry"]

    run_virtual(main())


def test_two_refusals_cost_one_call_two_attempts_and_the_next_none() -> None:
    async def main() -> None:
        script = [
            WIRE.status(400, "`temperature` is deprecated for this model."),
            WIRE.status(400, "output_config: Extra inputs are not permitted"),
            WIRE.answer('{"winner": "kqz"}'),
            WIRE.answer('{"winner": "bcd"}'),
        ]
        async with ScriptedServer(script) as server, WIRE.opened(server.base_url) as model:
            call = resilient(model)
            first = await call.complete(request(reply_schema=SCHEMA), Notices())
            second = await call.complete(request(reply_schema=SCHEMA), Notices())
            assert (first.attempts, second.attempts) == (3, 1)
            assert "tool_choice" in server.requests[3].json

    run_virtual(main())


def test_its_limits_are_told() -> None:
    headers = {
        "Content-Type": "text/event-stream",
        "Transfer-Encoding": "chunked",
        "anthropic-ratelimit-requests-limit": "4000",
        "anthropic-ratelimit-requests-remaining": "3999",
        "anthropic-ratelimit-tokens-limit": "480000",
        "anthropic-ratelimit-tokens-remaining": "478000",
    }
    reply: Reply = [Send(head(200, headers)), *map(framed, WIRE.events("yes")), LAST]
    assert asked(reply).hints == RateHints(
        requests_limit=4000, requests_left=3999, tokens_limit=480_000, tokens_left=478_000
    )


@pytest.mark.reliability(8)
def test_row_8_without_a_time_the_limit_that_is_used_up_tells_it() -> None:
    limits = {
        "anthropic-ratelimit-requests-remaining": "12",
        "anthropic-ratelimit-tokens-remaining": "0",
        "anthropic-ratelimit-tokens-reset": "2026-01-01T00:17:10Z",
    }
    error = failed(WIRE.status(429, "slow down", headers=limits, type="rate_limit_error"))
    assert error.kind == "throttled"
    assert error.retry_after_s == pytest.approx(30.0, abs=1)  # the virtual clock begins at 00:16:40


def test_what_is_learned_is_told_once_and_kept() -> None:
    lessons: list[tuple[str, str]] = []

    async def main() -> None:
        refused = WIRE.status(400, "`temperature` is deprecated for this model.")
        async with ScriptedServer([refused, WIRE.answer("a"), WIRE.answer("b")]) as server:
            door = Transport()
            model = AnthropicMessages(
                provider="anthropic",
                base_url=server.origin,
                key=KEY,
                profile=PROFILE,
                transport=door,
                clock=LoopClock(),
                learn=lambda what, said: lessons.append((what, said)),
            )
            try:
                with pytest.raises(ProviderError, match="does not take temperature"):
                    await model.complete(request(), Notices())
                await asyncio.gather(*(model.complete(request(), Notices()) for _ in range(2)))
            finally:
                await door.aclose()
            assert ["temperature" in one.json for one in server.requests] == [True, False, False]
            assert {one.path for one in server.requests} == {"/v1/messages"}

    run_virtual(main())
    assert lessons == [("temperature", "`temperature` is deprecated for this model.")]
