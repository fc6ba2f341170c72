"""Ollama's own interface against a real server that speaks it, and breaks it byte by byte."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from cort_desktop.domain.budget import Usage
from cort_desktop.domain.calls import AttemptFirstContent, BilledError, ChatRequest, Completion
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.models import LeftOut, ModelProfile
from cort_desktop.errors import ProviderError
from cort_desktop.providers.http import Transport
from cort_desktop.providers.limits import Limits
from cort_desktop.providers.ollama import OllamaChat, native_address
from tests.fakes.asking import SCHEMA, Notices, request
from tests.fakes.loops import LoopClock, run_virtual
from tests.fakes.ollama import chat_lines, done, line, lines_reply, said
from tests.fakes.replies import (
    Close,
    Hang,
    Reply,
    Reset,
    Send,
    Step,
    Wait,
    body_reply,
    head,
    json_reply,
    status_reply,
)
from tests.fakes.scripted_server import Request, ScriptedServer

REF = ModelRef("ollama/llama3.2")
THINKER = ModelProfile(ref=REF, reasoning=True, thinking_tokens=4096, context_tokens=32768)


class Asked:
    """What came of asking, once for each reply."""

    def __init__(self) -> None:
        self.notices = Notices()
        self.completions: list[Completion] = []
        self.errors: list[ProviderError] = []
        self.requests: list[Request] = []

    @property
    def done(self) -> Completion:
        assert self.completions, self.errors
        return self.completions[-1]

    @property
    def failed(self) -> ProviderError:
        assert self.errors, self.completions
        return self.errors[-1]

    @property
    def sent(self) -> list[Any]:
        return [each.json for each in self.requests]


def ask(
    *replies: Reply,
    asked: list[ChatRequest] | None = None,
    path: str = "/v1",
    limits: Limits | None = None,
    **setting: Any,
) -> Asked:
    """One call for each reply, all by one adapter, on virtual time."""
    result = Asked()
    wanted = asked or [request(model=REF)]

    async def main() -> None:
        async with ScriptedServer(list(replies)) as server:
            transport = Transport(limits=limits)
            parts = {"profile": ModelProfile(ref=REF), "key": None, **setting}
            model = OllamaChat(
                provider="ollama",
                base_url=server.origin + path,
                transport=transport,
                clock=LoopClock(),
                **parts,
            )
            try:
                for number in range(len(replies)):
                    try:
                        one = wanted[min(number, len(wanted) - 1)]
                        result.completions.append(await model.complete(one, result.notices))
                    except ProviderError as error:
                        result.errors.append(error)
            finally:
                await transport.aclose()
            result.requests = server.requests
        for connection in server.connections:
            await connection.gone.wait()

    run_virtual(main())
    return result


def test_a_streamed_answer_with_everything_in_it() -> None:
    asked = ask(chat_lines("An answer in words.", thinking="hm", prompt=30, first_delay=2.0, delay=1.0))
    assert asked.done == Completion(
        text="An answer in words.",
        reasoning="hm",
        model=REF,
        usage=Usage(input=30, output=12),
        seconds=7.0,
        first_content_seconds=2.0,
    )
    assert asked.notices[0] == AttemptFirstContent(attempt=1)
    assert asked.notices.text == "An answer in words."


@pytest.mark.parametrize("path", ["", "/", "/v1", "/v1/"])
def test_the_base_address_may_be_either_interface(path: str) -> None:
    asked = ask(chat_lines("a"), path=path, key="secret-key-123")
    (sent,) = asked.requests
    assert (sent.method, sent.path) == ("POST", "/api/chat")
    assert sent.headers["authorization"] == "Bearer secret-key-123"
    assert native_address("http://far/ollama/v1") == "http://far/ollama"


def test_the_request_is_what_ollama_documents() -> None:
    asked = ask(
        chat_lines("a"), asked=[request("Grüße", model=REF, seed=3, reply_schema=SCHEMA)], keep_alive="-1"
    )
    (sent,) = asked.sent
    assert sent == {
        "model": "llama3.2",
        "messages": [{"role": "user", "content": "Grüße"}],
        "stream": True,
        "options": {"num_ctx": 4096, "num_predict": 100, "temperature": 0.7, "seed": 3},
        "truncate": False,
        "shift": False,
        "format": {"type": "object"},
        "keep_alive": -1,
    }
    assert "authorization" not in asked.requests[0].headers
    (sent,) = ask(chat_lines("a"), keep_alive="10m").sent
    assert (sent["keep_alive"], "think" in sent, "format" in sent) == ("10m", False, False)


def test_the_context_grows_by_doubling_and_never_shrinks() -> None:
    """Ollama cuts the beginning of what doesn't fit off, and loads a model anew for another number."""
    long = request("word " * 3000, model=REF)
    asked = ask(*[chat_lines("a")] * 3, asked=[request(model=REF), long, request(model=REF)])
    first, second, third = (sent["options"]["num_ctx"] for sent in asked.sent)
    assert (first, second >= 8192, third) == (4096, True, second)
    small = ModelProfile(ref=REF, context_tokens=6000)
    assert [one["options"]["num_ctx"] for one in ask(chat_lines("a"), asked=[long], profile=small).sent] == [
        6000
    ]
    assert [one["options"]["num_ctx"] for one in ask(chat_lines("a"), asked=[long], context=2048).sent] == [
        2048
    ]


@pytest.mark.parametrize(
    ("effort", "schema", "model", "think"),
    [
        (None, None, "qwen3", True),
        ("none", None, "qwen3", False),
        ("high", None, "qwen3", True),
        (None, SCHEMA, "qwen3", False),
        ("medium", None, "gpt-oss:20b", "medium"),
        ("minimal", None, "gpt-oss:20b", "low"),
        ("max", None, "gpt-oss:20b", "high"),
    ],
)
def test_how_hard_to_think(effort: Any, schema: Any, model: str, think: Any) -> None:
    one = request(model=ModelRef(f"ollama/{model}"), reply_schema=schema, max_tokens=4196)
    (sent,) = ask(chat_lines("a"), asked=[one], profile=THINKER, effort=effort).sent
    assert sent["think"] == think
    assert sent["options"]["num_predict"] == (4196 if think else 100)  # the room for thoughts is in it


def test_a_model_that_cannot_think_is_asked_without() -> None:
    lessons: list[str] = []
    refusal = json_reply({"error": '"llama3.2" does not support thinking'}, status=400)
    asked = ask(refusal, chat_lines("a"), profile=THINKER, learn=lambda what, _said: lessons.append(what))
    assert (asked.failed.kind, asked.failed.retryable, lessons) == ("unsupported", True, ["think"])
    assert ["think" in sent for sent in asked.sent] == [True, False]


def test_what_was_refused_is_remembered_by_the_next_one_that_asks() -> None:
    """Another start of the program, or settings that changed: another adapter, that knows the lesson."""
    since = datetime(2026, 1, 1, tzinfo=UTC)
    known = THINKER.without([LeftOut(what="think", since=since), LeftOut(what="format", since=since)])
    asked = ask(chat_lines("a"), profile=known, asked=[request(model=REF, reply_schema=SCHEMA)])
    assert asked.done.text == "a"
    assert {"think", "format"}.isdisjoint(asked.sent[0])


@pytest.mark.parametrize(("reason", "finish"), [("stop", "stop"), ("length", "length"), ("other", "stop")])
def test_why_it_ended(reason: str, finish: str) -> None:
    assert ask(chat_lines("a", reason=reason)).done.finish == finish


@pytest.mark.reliability(37)
@pytest.mark.parametrize(("prompt", "made"), [(None, 12), (20, None), (-1, 3), (0, 3)])
def test_row_37_what_was_not_counted_is_unknown(prompt: int | None, made: int | None) -> None:
    assert ask(chat_lines("a", prompt=prompt, made=made)).done.usage is None


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (
            json_reply({"error": "model 'llama3.2' not found"}, status=404),
            "not_found",
            "`cort-desktop models install ollama/llama3.2` fetches it",
        ),
        (body_reply("404 page not found", status=404), "not_found", 'write kind = "openai"'),
        (json_reply({"error": '"bge" does not support chat'}, status=400), "bad_request", "something else"),
        (
            json_reply(
                {"error": "model requires more system memory (9.1 GiB) than is available (3.2 GiB)"},
                status=500,
            ),
            "bad_request",
            "does not fit into the memory of the computer Ollama runs on. It said: “model requires more",
        ),
        (
            json_reply({"error": "the input length exceeds the context length"}, status=400),
            "context_too_long",
            "ask with less text",
        ),
        (
            status_reply(503, "server busy, please try again. maximum pending requests exceeded"),
            "unavailable",
            "",
        ),
        (status_reply(401, "unauthorized"), "auth", "wants a key"),
    ],
)
def test_refusals_in_plain_words(reply: Reply, kind: str, words: str) -> None:
    failed = ask(reply).failed
    assert failed.kind == kind
    assert words in str(failed)
    assert failed.status is not None


@pytest.mark.reliability(12)
@pytest.mark.parametrize("after", [0, 1, 5])
def test_row_12_an_error_in_mid_stream(after: int) -> None:
    pieces = [line(said(f"w{number} ")) for number in range(after)]
    failed = ask(lines_reply([*pieces, line({"error": "llama runner process has terminated"})])).failed
    assert failed.kind == ("interrupted" if after else "unavailable")
    assert failed.partial == "".join(f"w{number} " for number in range(after))
    assert "llama runner process has terminated" in str(failed)
    assert failed.retryable


@pytest.mark.reliability(16, 17)
def test_rows_16_17_the_end_without_the_last_line() -> None:
    failed = ask(lines_reply([line(said("half"))])).failed
    assert (failed.kind, failed.partial) == ("interrupted", "half")
    close: list[Step] = [
        Send(head(200, {"Content-Type": "application/x-ndjson", "Connection": "close"}) + line(said("a")))
    ]
    assert ask([*close, Close()]).failed.kind == "interrupted"
    assert ask([*close, Send(line(done()).rstrip()), Close()]).done.text == "a"


@pytest.mark.reliability(18)
def test_row_18_a_reset_at_any_byte_keeps_whole_characters() -> None:
    text = "Grüße, 😀 und é"
    stream = line(said(text[:8])) + line(said(text[8:]))
    for cut in range(1, len(stream)):
        reply: Reply = [
            Send(head(200, {"Content-Type": "application/x-ndjson", "Connection": "close"}) + stream[:cut]),
            Wait(0.05),
            Reset(),
        ]
        failed = ask(reply).failed
        assert text.startswith(failed.partial)
        assert "�" not in failed.partial


@pytest.mark.reliability(14, 15)
def test_rows_14_15_silence() -> None:
    begun = Send(head(200, {"Content-Type": "application/x-ndjson", "Connection": "close"}))
    failed = ask([begun, Hang()], limits=Limits(first_event_s=7.0)).failed
    assert (failed.kind, failed.partial) == ("timeout", "")
    asked = ask([begun, Send(line(said("one"))), Hang()], limits=Limits(content_idle_s=7.0))
    assert (asked.failed.kind, asked.failed.partial) == ("interrupted", "one")


@pytest.mark.reliability(20)
def test_row_20_line_ends_inside_a_text() -> None:
    text = "a\u2028b\u0085c\x0bd"
    assert ask(chat_lines(text)).done.text == text


@pytest.mark.reliability(21)
@pytest.mark.expects_log
def test_row_21_what_is_no_character(logged: list[logging.LogRecord]) -> None:
    halves = [b'{"message":{"content":"a\\ud83d"}}\n', b'{"message":{"content":"\\ude00 \\ud83d b"}}\n']
    assert ask(lines_reply([*halves, line(done())])).done.text == "a😀 � b"
    assert len(logged) == 1


@pytest.mark.reliability(22, 23)
@pytest.mark.parametrize(
    ("piece", "kind"),
    [
        (b"[" * 100_000 + b"\n", "not_an_api"),
        (b'{"a":' + b"9" * 5000 + b"}\n", "not_an_api"),
        (b'{"done":false,"done":true}\n', "not_an_api"),
        (b"{" + b" " * 2000, "cut_by_limit"),
        (line(said("x" * 800)) * 2, "cut_by_limit"),
    ],
)
def test_rows_22_23_what_is_too_much(piece: bytes, kind: str) -> None:
    limits = Limits(line_bytes=1000, answer_bytes=1500) if kind == "cut_by_limit" else None
    first = line(said("kept "))
    failed = ask(lines_reply([first, piece]), limits=limits).failed
    assert failed.kind == (kind if kind == "cut_by_limit" else "interrupted")
    assert failed.partial.startswith("kept ")
    assert ask(lines_reply([piece, piece]), limits=limits).failed.kind == kind


@pytest.mark.reliability(25, 26, 27)
def test_rows_25_26_27_nothing_a_loop_and_a_page() -> None:
    assert ask(lines_reply([line(said()), line(done())])).failed.kind == "no_content"
    thoughts = ask(lines_reply([line(said(thinking="hm")), line(done("length"))])).failed
    assert (thoughts.kind, isinstance(thoughts, BilledError)) == ("no_content", True)
    assert ask(lines_reply([line(said("again "))] * 200)).failed.kind == "looping"
    page = ask(body_reply("<html>Log in</html>", content_type="text/html")).failed
    assert (page.kind, "Log in" in str(page)) == ("not_an_api", True)


@pytest.mark.reliability(31)
def test_row_31_cancelling_closes_the_connection() -> None:
    async def main() -> None:
        begun = Send(
            head(200, {"Content-Type": "application/x-ndjson", "Connection": "close"}) + line(said("a"))
        )
        async with ScriptedServer([[begun, Hang()]]) as server:
            transport, arrived = Transport(), asyncio.Event()
            model = OllamaChat(
                provider="ollama",
                base_url=server.origin,
                key=None,
                profile=ModelProfile(ref=REF),
                transport=transport,
                clock=LoopClock(),
            )
            call = asyncio.create_task(model.complete(request(model=REF), lambda _: arrived.set()))
            await arrived.wait()
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            await server.connections[0].gone.wait()
            await transport.aclose()

    run_virtual(main())


def test_a_body_that_is_not_streamed_is_an_answer_too() -> None:
    whole = json.dumps({**said("all at once"), **done(), "message": {"content": "all at once"}})
    assert ask(body_reply(whole, content_type="application/json")).done.text == "all at once"
