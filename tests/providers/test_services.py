"""Each OpenAI-compatible service as it really answers: its stream, its end, its ways to fail. Wire forms from
the services' documentation and from streams people have published.
"""

from __future__ import annotations

from typing import Any

import pytest

from cort_desktop.domain.budget import Usage
from cort_desktop.domain.calls import BilledError, Completion, RateHints, hints_of
from cort_desktop.domain.messages import system, user
from cort_desktop.domain.models import ModelProfile
from cort_desktop.errors import ProviderError
from cort_desktop.providers.dialects import GEMINI, OPENROUTER, Dialect, Wishes
from cort_desktop.providers.http import Transport
from cort_desktop.providers.openai_chat import OpenAIChat
from tests.fakes.asking import KEY, MODEL, Notices, request
from tests.fakes.loops import EPOCH, LoopClock, run_virtual
from tests.fakes.replies import (
    DONE,
    LAST,
    Reply,
    Send,
    Step,
    Wait,
    event,
    framed,
    head,
    json_reply,
    stream_head,
    stream_reply,
)
from tests.fakes.scripted_server import Request, ScriptedServer

NOW = int(EPOCH.timestamp())


class Told:
    """What came of one call, and what was sent for it."""

    def __init__(self) -> None:
        self.notices = Notices()
        self.requests: list[Request] = []
        self.lessons: list[tuple[str, str]] = []
        self.completion: Completion | None = None
        self.error: ProviderError | None = None

    @property
    def done(self) -> Completion:
        assert self.completion is not None, self.error
        return self.completion

    @property
    def failed(self) -> ProviderError:
        assert self.error is not None, self.completion
        return self.error


def ask(reply: Reply, dialect: Dialect | None = None, wishes: Wishes | None = None, **facts: Any) -> Told:
    """One attempt at a service of that dialect."""
    told = Told()

    async def main() -> None:
        async with ScriptedServer([reply]) as server:
            door = Transport()
            model = OpenAIChat(
                provider="my-server",
                base_url=server.base_url,
                key=KEY,
                profile=ModelProfile(ref=MODEL, **facts),
                transport=door,
                clock=LoopClock(),
                learn=lambda what, said: told.lessons.append((what, said)),
                dialect=dialect,
                wishes=wishes,
            )
            asked = request(messages=(system("Be brief."), user("Why?")), seed=5)
            try:
                told.completion = await model.complete(asked, told.notices)
            except ProviderError as error:
                told.error = error
            await door.aclose()
            told.requests = server.requests

    run_virtual(main())
    return told


def delta(finish: str | None = None, /, **said: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": said, "finish_reason": finish}]}


def events(*chunks: dict[str, Any]) -> Reply:
    return stream_reply([*map(event, chunks), DONE])


# OpenRouter


@pytest.mark.reliability(13)
def test_openrouter_with_comments_thoughts_cost_and_its_name_for_the_answer() -> None:
    last = delta("stop", content="") | {
        "usage": {
            "prompt_tokens": 194,
            "completion_tokens": 30,
            "total_tokens": 224,
            "cost": 0.0095,
            "is_byok": False,
            "cost_details": {"upstream_inference_cost": None},
            "prompt_tokens_details": {"cached_tokens": 100, "cache_write_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 12},
        }
    }
    waiting: list[Step] = [
        step for _ in range(5) for step in (framed(b": OPENROUTER PROCESSING\n\n"), Wait(10.0))
    ]
    first = delta(content="", reasoning="hm", reasoning_details=[{"type": "reasoning.text", "text": "hm"}])
    chunks = [
        {"id": "gen-1760000000-abc", "provider": "Anthropic", "model": "a/b"} | first,
        delta(reasoning_details=[{"type": "reasoning.summary", "summary": ", so"}]),
        delta(reasoning_details=[{"type": "reasoning.encrypted", "data": "Zm9v"}]),
        delta(content="Because."),
        last,
    ]
    headers = {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked", "X-RateLimit-Limit": "20"}
    told = ask(
        [Send(head(200, headers)), *waiting, *[framed(event(chunk)) for chunk in chunks], framed(DONE), LAST],
        OPENROUTER,
        Wishes(attribution=True),
    )
    assert (told.done.text, told.done.reasoning) == ("Because.", "hm, so")
    assert told.done.usage == Usage(input=194, cached_input=100, output=30, reasoning=12)
    assert (told.done.cost_microusd, told.done.generation) == (9_500, "gen-1760000000-abc")
    assert told.done.hints == RateHints(requests_limit=20)
    (asked,) = told.requests
    assert asked.json["usage"] == {"include": True}
    assert (asked.headers["x-title"], asked.headers["x-openrouter-title"]) == ("CoRT Desktop", "CoRT Desktop")


def test_openrouter_is_not_told_the_programs_name_when_a_person_does_not_want_it() -> None:
    told = ask(events(delta("stop", content="a")), OPENROUTER, Wishes(attribution=False))
    assert not [name for name in told.requests[0].headers if "title" in name or "referer" in name]


@pytest.mark.reliability(12)
@pytest.mark.parametrize(
    ("chunk", "kind", "word"),
    [
        (
            delta("error", content="")
            | {"error": {"code": "server_error", "message": "Provider disconnected"}},
            "unavailable",
            "Provider disconnected",
        ),
        ({"error": {"code": 429, "message": "slow down"}}, "throttled", "slow down"),
        (
            {
                "choices": [
                    {"delta": {}, "finish_reason": "error", "error": {"code": 502, "message": "bad gate"}}
                ]
            },
            "unavailable",
            "bad gate",
        ),
        (
            {"error": {"code": 403, "message": "flagged", "metadata": {"reasons": ["hate"]}}},
            "moderated",
            "hate",
        ),
    ],
)
def test_row_12_an_error_of_openrouter_inside_its_stream(chunk: dict[str, Any], kind: str, word: str) -> None:
    at_once = ask(events(chunk), OPENROUTER).failed
    assert (at_once.kind, at_once.partial) == (kind, "")
    later = ask(events(delta(content="Some "), delta(content="text"), chunk), OPENROUTER).failed
    means = "interrupted" if kind == "unavailable" else kind
    assert (later.kind, later.retryable, later.partial) == (means, at_once.retryable, "Some text")
    assert word in str(at_once)
    assert word in str(later)


@pytest.mark.reliability(37)
@pytest.mark.parametrize("named", [True, False], ids=["event: error", "plain"])
@pytest.mark.parametrize("said", [[], ["Some"]], ids=["before", "after"])
def test_row_37_the_bill_in_an_error_chunk_is_booked(said: list[str], *, named: bool) -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 4, "cost": 0.000012}
    chunk = {"error": {"code": 502, "message": "bad gate"}, "usage": usage}
    data = b"event: error\n" * named + event(chunk)
    error = ask(stream_reply([*(event(delta(content=each)) for each in said), data]), OPENROUTER).failed
    assert isinstance(error, BilledError)
    assert (error.usage, error.cost_microusd) == (Usage(input=9, output=4), 12)


def refused(status: int, body: Any, **headers: str) -> ProviderError:
    return ask(json_reply(body, status=status, headers=headers), OPENROUTER).failed


@pytest.mark.reliability(10)
@pytest.mark.parametrize(
    "metadata",
    [
        {
            "reason": "in_flight_budget_exhausted",
            "remedy_hint": "Retry after your in-flight requests settle.",
        },
        {"limit_source": "openrouter_in_flight_budget"},
    ],
)
def test_row_10_money_held_for_other_requests_is_waited_for(metadata: dict[str, str]) -> None:
    told = {"error": {"code": 402, "message": "This request would exceed your credits", "metadata": metadata}}
    error = refused(402, told, **{"Retry-After": "7"})
    assert (error.kind, error.retryable, error.retry_after_s) == ("throttled", True, 7.0)


@pytest.mark.reliability(9)
@pytest.mark.parametrize(
    ("status", "message", "words"),
    [
        (402, "Insufficient credits", "Add credit there"),
        (
            402,
            "This requires more credits, or fewer max_tokens. You can only afford 30104.",
            "a shorter answer",
        ),
        (403, "Key limit exceeded (monthly limit)", "Add credit there"),
    ],
)
def test_row_9_no_credit_at_openrouter(status: int, message: str, words: str) -> None:
    error = refused(status, {"error": {"code": status, "message": message}})
    assert (error.kind, error.retryable) == ("no_credit", False)
    assert words in str(error)


@pytest.mark.reliability(5)
def test_row_5_a_moderated_question_is_no_matter_of_the_key() -> None:
    metadata = {"reasons": ["violence", "self-harm"], "flagged_input": "Why?", "provider_name": "OpenAI"}
    error = refused(403, {"error": {"code": 403, "message": "Input was rejected", "metadata": metadata}})
    assert (error.kind, error.retryable) == ("moderated", False)
    assert "violence, self-harm" in str(error)
    assert "Why?" not in str(error)
    assert refused(403, {"error": {"code": 403, "message": "Forbidden"}}).kind == "auth"
    assert refused(403, {"error": {"message": "Request blocked by guardrail"}}).kind == "moderated"


@pytest.mark.reliability(8)
def test_row_8_a_free_model_tells_in_its_body_when_it_may_be_asked_again() -> None:
    headers = {
        "X-RateLimit-Limit": "20",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": f"{NOW + 3600}000",
    }
    told = {
        "error": {
            "message": "Rate limit exceeded: free-models-per-day",
            "code": 429,
            "metadata": {"headers": headers, "provider_name": None},
        }
    }
    error = refused(429, told)
    assert error.kind == "throttled"
    assert "until 2026-01-01 01:00:00 UTC" in str(error)
    hints = hints_of(error)
    assert hints is not None
    assert (hints.requests_limit, hints.requests_left) == (20, 0)


# OpenAI


def test_openais_reasoning_is_counted_though_it_is_not_shown() -> None:
    usage = {
        "prompt_tokens": 9,
        "completion_tokens": 300,
        "total_tokens": 309,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 256},
    }
    told = ask(
        events(
            {"id": "chatcmpl-1", "service_tier": "default", "obfuscation": "x"} | delta(content="Because."),
            delta("stop"),
            {"id": "chatcmpl-1", "choices": [], "usage": usage},
        )
    )
    assert told.done.usage == Usage(input=9, output=300, reasoning=256)
    assert (told.done.generation, told.done.reasoning) == ("chatcmpl-1", "")


@pytest.mark.reliability(9)
def test_row_9_a_429_of_openai_that_means_money() -> None:
    told = {
        "error": {"message": "You exceeded your current quota", "type": "insufficient_quota", "code": None}
    }
    error = ask(json_reply(told, status=429, headers={"Retry-After": "1"})).failed
    assert (error.kind, error.retryable) == ("no_credit", False)


@pytest.mark.reliability(7)
@pytest.mark.parametrize(("word", "retryable"), [("true", True), ("false", False)])
def test_row_7_openai_says_itself_whether_to_ask_again(word: str, retryable: bool) -> None:
    told = {"error": {"message": "m"}}
    assert ask(json_reply(told, status=409, headers={"x-should-retry": word})).failed.retryable is retryable


def test_openai_tells_its_limits_with_a_refusal_too() -> None:
    headers = {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1m30s"}
    error = ask(json_reply({"error": {"code": "rate_limit_exceeded"}}, status=429, headers=headers)).failed
    assert hints_of(error) == RateHints(tokens_left=0, tokens_reset_s=90.0)
    assert error.retry_after_s == 90.0


def test_what_a_model_refuses_is_handed_on_to_be_remembered() -> None:
    words = "Unsupported value: 'temperature' does not support 0.7 with this model. Only the default (1) is."
    told = ask(json_reply({"error": {"message": words, "param": "temperature"}}, status=400))
    assert (told.failed.kind, told.failed.retryable) == ("unsupported", True)
    assert told.lessons == [("temperature", words)]


@pytest.mark.reliability(7)
def test_row_7_a_failure_refuses_nothing_but_a_role() -> None:
    hot = ask(json_reply({"error": {"message": "GPU temperature is not supported"}}, status=500))
    assert (hot.failed.kind, hot.lessons) == ("unavailable", [])
    words = "Jinja Exception: System role not supported"
    roles = ask(json_reply({"error": {"code": 500, "message": words}}, status=500))
    assert (roles.failed.kind, roles.lessons) == ("unsupported", [("system role", words)])


# Google


@pytest.mark.parametrize("has_tags", [True, False])
def test_google_marks_its_thoughts(has_tags: bool) -> None:
    opening, closing = ("<thought>", "</thought>") if has_tags else ("", "")
    mark: dict[str, Any] = {"extra_content": {"google": {"thought": True}}}
    told = ask(
        events(
            delta(role="assistant", content=f"{opening}**Calculating**\n\n", **mark),
            delta(content="Step one.", **mark),
            delta(content=f"{closing}The answer is "),
            delta(content="391."),
            delta("stop") | {"usage": {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 120}},
        ),
        GEMINI,
        reasoning=True,
        seed=False,
    )
    assert (told.done.text, told.done.reasoning) == ("The answer is 391.", "**Calculating**\n\nStep one.")
    assert told.done.usage == Usage(input=7, output=113, reasoning=108)
    sent = told.requests[0].json
    assert sent["extra_body"] == {"google": {"thinking_config": {"include_thoughts": True}}}
    assert "seed" not in sent
    assert told.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_google_without_a_stream_marks_the_whole_message() -> None:
    message = {
        "role": "assistant",
        "content": "<thought>hidden</thought>answer",
        "extra_content": {"google": {"thought": True, "thought_signature": "sig"}},
    }
    told = ask(json_reply({"choices": [{"index": 0, "finish_reason": "stop", "message": message}]}), GEMINI)
    assert (told.done.text, told.done.reasoning) == ("answer", "hidden")


def google_error(code: int, status: str, *details: dict[str, Any], message: str = "m") -> ProviderError:
    told = [{"error": {"code": code, "message": message, "status": status, "details": list(details)}}]
    return ask(json_reply(told, status=code), GEMINI).failed


QUOTA = "type.googleapis.com/google.rpc.QuotaFailure"
RETRY = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.07s"}


@pytest.mark.reliability(8)
def test_row_8_google_tells_in_its_body_how_long_to_wait() -> None:
    error = google_error(429, "RESOURCE_EXHAUSTED", RETRY, message="Resource has been exhausted")
    assert (error.kind, error.retryable, error.retry_after_s) == ("throttled", True, 34.07)
    assert "Resource has been exhausted" in str(error)
    for nonsense in ("soon", "-3s", "0s", 5, None, "1e999s"):
        assert google_error(429, "RESOURCE_EXHAUSTED", {"retryDelay": nonsense}).retry_after_s is None


@pytest.mark.reliability(8)
def test_row_8_the_quota_of_a_day_is_not_waited_for() -> None:
    daily = {"@type": QUOTA, "violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}
    minute = {"@type": QUOTA, "violations": [{"quotaId": "GenerateRequestsPerMinutePerProjectPerModel"}]}
    assert google_error(429, "RESOURCE_EXHAUSTED", daily, RETRY).retryable is False
    assert google_error(429, "RESOURCE_EXHAUSTED", minute, RETRY).retryable is True


@pytest.mark.reliability(5)
def test_row_5_google_refuses_a_key_with_400() -> None:
    reason = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
    assert google_error(400, "INVALID_ARGUMENT", reason).kind == "auth"
    assert google_error(400, "INVALID_ARGUMENT", message="API key not valid. Please pass one.").kind == "auth"
    assert google_error(400, "INVALID_ARGUMENT", message="contents is empty").kind == "bad_request"
    assert google_error(503, "UNAVAILABLE", message="The model is overloaded.").retryable is True


@pytest.mark.parametrize(
    "reason", ["content_filter", "content_filter: PROHIBITED_CONTENT", "SAFETY", "recitation"]
)
def test_google_withholds_an_answer(reason: str) -> None:
    kept = ask(events(delta(content="Some text"), delta(reason)), GEMINI).done
    assert (kept.finish, kept.text) == ("filter", "Some text")
    error = ask(events(delta(reason)), GEMINI).failed
    assert (error.kind, error.retryable) == ("moderated", False)


# DeepSeek, Mistral, Groq, xAI, vLLM, LM Studio, llama-server


def test_deepseek_sends_empty_lines_while_it_is_busy_and_thoughts_of_their_own() -> None:
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 9,
        "prompt_cache_hit_tokens": 64,
        "prompt_cache_miss_tokens": 36,
    }
    busy: list[Step] = [framed(b": keep-alive\n\n"), Wait(20.0), framed(b": keep-alive\n\n")]
    chunks = [
        delta(role="assistant", content=None, reasoning_content=""),
        delta(content=None, reasoning_content="hm"),
        delta(content="Because.", reasoning_content=None),
        delta("stop", content="", reasoning_content=None) | {"usage": usage},
    ]
    told = ask([stream_head(), *busy, *[framed(event(chunk)) for chunk in chunks], framed(DONE), LAST])
    assert (told.done.text, told.done.reasoning) == ("Because.", "hm")
    assert told.done.usage == Usage(input=100, cached_input=64, output=9)
    body = b'\n\n\n{"choices":[{"message":{"content":"whole"}}]}'
    fields = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    steps: list[Step] = [
        Send(head(200, fields)),
        Send(body[:1]),
        Wait(9.0),
        Send(body[1:3]),
        Wait(9.0),
        Send(body[3:]),
    ]
    assert ask(steps).done.text == "whole"


@pytest.mark.reliability(16)
@pytest.mark.parametrize("reason", ["insufficient_system_resource", "abort", "error"])
def test_row_16_an_end_that_is_none(reason: str) -> None:
    """DeepSeek, vLLM, and Mistral as OpenRouter."""
    error = ask(events(delta(content="Some text"), delta(reason))).failed
    assert (error.kind, error.retryable, error.partial) == ("interrupted", True, "Some text")


@pytest.mark.reliability(9)
def test_row_9_deepseek_without_balance() -> None:
    told = {
        "error": {"message": "Insufficient Balance", "type": "unknown_error", "code": "invalid_request_error"}
    }
    assert ask(json_reply(told, status=402)).failed.kind == "no_credit"


def test_mistral_thinks_in_parts_and_has_its_own_word_for_too_long() -> None:
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}
    told = ask(
        events(
            delta(content=[thought]),
            delta(content=[{"type": "text", "text": "Because"}]),
            delta("model_length", content="."),
        )
    )
    assert (told.done.reasoning, told.done.text, told.done.finish) == ("hm", "Because.", "length")


@pytest.mark.reliability(11)
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (
            {"object": "error", "message": "Service tier capacity exceeded", "type": "x", "code": 429},
            "throttled",
        ),
        ({"object": "Error", "message": "Unauthorized", "code": "401"}, "auth"),
        ({"object": "error", "message": "boom", "type": "InternalServerError", "code": 500}, "unavailable"),
    ],
)
def test_row_11_mistral_and_vllm_answer_200_with_an_error(body: dict[str, Any], kind: str) -> None:
    assert ask(json_reply(body)).failed.kind == kind
    error = ask(events(delta(content="a"), body)).failed
    assert (error.kind, error.partial) == ("interrupted" if kind == "unavailable" else kind, "a")


def test_groq_counts_in_a_part_of_its_own() -> None:
    usage = {"queue_time": 0.07, "prompt_tokens": 23, "completion_tokens": 19, "total_tokens": 42}
    told = ask(
        events(
            delta(role="assistant", content="") | {"x_groq": {"id": "req_01hy"}},
            delta(reasoning="hm"),
            delta(content="Because."),
            delta("stop") | {"x_groq": {"id": "req_01hy", "usage": usage}},
        )
    )
    assert (told.done.usage, told.done.reasoning) == (Usage(input=23, output=19), "hm")
    error = ask(events({"choices": [], "x_groq": {"error": "over capacity"}})).failed
    assert (error.kind, error.retryable) == ("unavailable", True)
    assert "over capacity" in str(error)


@pytest.mark.reliability(6)
def test_row_6_groq_refuses_for_good_what_is_over_its_rate_at_once() -> None:
    words = "Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 7500"
    told = {"error": {"message": words, "type": "tokens", "code": "rate_limit_exceeded"}}
    error = ask(json_reply(told, status=413)).failed
    assert (error.kind, error.retryable) == ("bad_request", False)
    assert "ask with less text" in str(error)


def test_xai_counts_with_every_piece_and_bills_in_ticks() -> None:
    def counted(made: int) -> dict[str, Any]:
        details = {"reasoning_tokens": 386}
        return {
            "usage": {
                "prompt_tokens": 12,
                "completion_tokens": made,
                "total_tokens": 12 + made + 386,
                "completion_tokens_details": details,
                "cost_in_usd_ticks": 37_756_000 + made,
            }
        }

    told = ask(
        events(
            delta(reasoning_content="hm") | counted(0),
            delta(content="5") | counted(1),
            delta("stop") | counted(1),
            {"choices": []},
        )
    )
    assert told.done.usage == Usage(input=12, output=387, reasoning=386)
    assert told.done.cost_microusd == 3_776


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (
            400,
            {"code": "Client specified an invalid argument", "error": "Incorrect API key provided: x"},
            "auth",
        ),
        (
            403,
            {"code": "permission", "error": "Your newly created team doesn't have any credits yet."},
            "no_credit",
        ),
        (429, {"code": "Some resource has been exhausted", "error": "Too many requests"}, "throttled"),
    ],
)
def test_xai_tells_its_errors_in_two_texts(status: int, body: dict[str, str], kind: str) -> None:
    error = ask(json_reply(body, status=status)).failed
    assert error.kind == kind
    assert body["error"] in str(error).replace("[key]", "")


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_vllm_and_lm_studio_name_their_thoughts_in_two_ways(name: str) -> None:
    told = ask(events(delta(**{name: "hm"}), delta(content="a"), delta("stop")))
    assert (told.done.reasoning, told.done.text) == ("hm", "a")


@pytest.mark.reliability(12)
def test_row_12_lm_studio_names_the_event_too() -> None:
    broken = b'event: error\ndata: {"error":{"message":"Model unloaded"}}\n\n'
    error = ask(stream_reply([event(delta(content="a")), broken])).failed
    assert (error.kind, error.partial) == ("interrupted", "a")
    assert "Model unloaded" in str(error)


def test_llama_server_counts_in_timings_where_usage_is_not_to_be_had() -> None:
    timings = {"cache_n": 236, "prompt_n": 1, "prompt_ms": 30.9, "predicted_n": 35, "predicted_ms": 661.0}
    told = ask(events(delta(content="a"), delta("stop") | {"timings": timings}))
    assert told.done.usage == Usage(input=237, cached_input=236, output=35)
    usage = {"prompt_tokens": 40, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 39}}
    both = ask(events(delta(content="a"), delta("stop"), {"choices": [], "usage": usage, "timings": timings}))
    assert both.done.usage == Usage(input=40, cached_input=39, output=2)


@pytest.mark.reliability(6)
def test_row_6_llama_server_says_what_does_not_fit() -> None:
    words = "the request exceeds the available context size, try increasing it"
    told = {"error": {"code": 400, "message": words, "type": "exceed_context_size_error", "n_ctx": 512}}
    assert ask(json_reply(told, status=400)).failed.kind == "context_too_long"
