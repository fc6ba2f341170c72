"""The adapter against a real server that breaks the protocol byte by byte, on the loop's virtual clock."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterable
from typing import Any

import psutil
import pytest

from cort_desktop.domain.budget import Usage
from cort_desktop.domain.calls import AttemptFirstContent, ChatRequest, Completion, Idle
from cort_desktop.domain.models import ModelProfile
from cort_desktop.errors import ProviderError
from cort_desktop.providers.limits import MIB, Limits
from tests.fakes.asking import MODEL, SCHEMA, Notices, remote, request
from tests.fakes.loops import run_virtual
from tests.fakes.replies import (
    DONE,
    LAST,
    Close,
    Hang,
    Reply,
    Reset,
    Send,
    Step,
    Wait,
    body_reply,
    chat_reply,
    event,
    framed,
    head,
    json_reply,
    piece,
    status_reply,
    stream_head,
    stream_reply,
)
from tests.fakes.scripted_server import Request, ScriptedServer


class Asked:
    """What came of asking once."""

    def __init__(self) -> None:
        self.notices = Notices()
        self.completion: Completion | None = None
        self.error: ProviderError | None = None
        self.seconds = 0.0

    @property
    def done(self) -> Completion:
        assert self.completion is not None, self.error
        return self.completion

    @property
    def failed(self) -> ProviderError:
        assert self.error is not None, self.completion
        return self.error


def ask(reply: Reply, asked: ChatRequest | None = None, **setting: Any) -> Asked:
    """One call, on virtual time. No connection and no task may be left over."""
    result = Asked()

    async def main() -> None:
        async with ScriptedServer([reply]) as server:
            async with remote(server.base_url, **setting) as model:
                started = asyncio.get_running_loop().time()
                try:
                    result.completion = await model.complete(asked or request(), result.notices)
                except ProviderError as error:
                    result.error = error
                result.seconds = asyncio.get_running_loop().time() - started
            await server.connections[0].gone.wait()
            assert len(server.requests) == 1

    run_virtual(main())
    assert result.error is None or result.error.partial == result.notices.text
    return result


def pieces(texts: Iterable[str]) -> list[bytes]:
    return [event(piece(text)) for text in texts]


END = [event(piece(finish="stop")), DONE]


# answers


def test_a_streamed_answer_with_everything_in_it() -> None:
    usage = {
        "prompt_tokens": 30,
        "completion_tokens": 12,
        "prompt_tokens_details": {"cached_tokens": 10},
        "completion_tokens_details": {"reasoning_tokens": 5},
        "cost": 0.000125,
    }
    reply = chat_reply("An answer in words.", reasoning="hm", usage=usage, first_delay=2.0, delay=1.0)
    asked = ask(reply)
    assert asked.done == Completion(
        text="An answer in words.",
        reasoning="hm",
        finish="stop",
        model=MODEL,
        usage=Usage(input=30, cached_input=10, output=12, reasoning=5),
        cost_microusd=125,
        seconds=6.0,
        first_content_seconds=2.0,
        generation="c1",
    )
    assert asked.notices[0] == AttemptFirstContent(attempt=1)
    assert asked.notices.text == "An answer in words."


def test_the_request_is_what_the_protocol_says() -> None:
    async def main() -> None:
        async with (
            ScriptedServer([chat_reply("a")]) as server,
            remote(server.base_url + "/", key=None) as model,
        ):
            await model.complete(request("Grüße 😀", seed=3, reply_schema=SCHEMA), Notices())
            (asked,) = server.requests
        assert (asked.method, asked.path) == ("POST", "/v1/chat/completions")
        assert asked.headers["accept-encoding"] == "identity"
        assert asked.headers["user-agent"].startswith("cort-desktop/")
        assert "authorization" not in asked.headers
        assert "cookie" not in asked.headers
        assert asked.prompt == "Grüße 😀"
        assert asked.json["response_format"]["json_schema"]["name"] == "verdict"

    run_virtual(main())


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", "text/plain"]
)
def test_a_server_that_does_not_stream_is_understood(content_type: str) -> None:
    told = {
        "choices": [{"message": {"content": "whole", "reasoning_content": "r"}, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 4, "completion_tokens": 2},
    }
    asked = ask(body_reply(json.dumps(told), content_type=content_type))
    assert (asked.done.text, asked.done.reasoning, asked.done.finish) == ("whole", "r", "length")
    assert asked.done.usage == Usage(input=4, output=2)
    assert asked.notices.text == "whole"


def test_events_under_another_content_type_are_understood() -> None:
    data = b"".join([*pieces(["a", "b"]), *END])
    assert ask(body_reply(data, content_type="text/plain")).done.text == "ab"


@pytest.mark.reliability(20)
def test_row_20_separators_inside_json_are_text() -> None:
    text = "a\u2028b\u2029c\x85d\x0be\x0cf"
    asked = ask(stream_reply([*pieces([text]), *END]))
    assert asked.done.text == text
    assert asked.notices.text.encode() == text.encode()


@pytest.mark.expects_log
@pytest.mark.reliability(21)
def test_row_21_what_is_no_text_is_replaced_with_one_warning(logged: list[logging.LogRecord]) -> None:
    data = [
        b'data: {"choices":[{"delta":{"content":"bad \xff"},"logprobs":NaN}]}\n\n',
        rb'data: {"choices":[{"delta":{"content":" alone \ud83d"}}]}' + b"\n\n",
        rb'data: {"choices":[{"delta":{"content":" nul \u0000 pair \ud83d"}}]}' + b"\n\n",
        rb'data: {"choices":[{"delta":{"content":"\ude00 end"}}]}' + b"\n\n",
        *END,
    ]
    asked = ask(stream_reply(data))
    assert asked.done.text == "bad � alone � nul � pair 😀 end"
    assert asked.notices.text == asked.done.text
    assert [record.levelname for record in logged] == ["WARNING"]


@pytest.mark.reliability(17)
@pytest.mark.parametrize("end", [LAST, Close(), Reset(), Hang()])
def test_row_17_a_reason_to_finish_is_an_end_without_done(end: Step) -> None:
    data = [*pieces(["all ", "of it"]), event(piece(finish="length"))]
    asked = ask([stream_head(), *map(framed, data), Wait(0.01), end])
    assert (asked.done.text, asked.done.finish) == ("all of it", "length")
    assert asked.seconds < (11 if isinstance(end, Hang) else 1)


def test_the_end_is_not_waited_for_longer_than_a_moment() -> None:
    asked = ask([stream_head(), *map(framed, [*pieces(["a"]), *END]), Hang()])
    assert asked.done.text == "a"
    assert asked.done.seconds == 0
    assert asked.seconds == 1.0


def test_a_complete_answer_leaves_its_connection_for_the_next() -> None:
    async def main() -> None:
        async with ScriptedServer(lambda _: chat_reply("a b c")) as server, remote(server.base_url) as model:
            for _ in range(5):
                await model.complete(request(), Notices())
            assert len(server.connections) == 1

    run_virtual(main())


# broken answers

FOUR_SHAPES = {
    "openai": b'data: {"error": {"message": "it broke", "type": "server_error", "code": null}}\n\n',
    "openrouter": event(
        {"error": {"code": 502, "message": "it broke"}, "choices": [{"delta": {}, "finish_reason": "error"}]}
    ),
    "vllm": event({"object": "error", "message": "it broke", "type": "InternalServerError", "code": 500}),
    "anthropic": b"event: error\n"
    + event({"type": "error", "error": {"type": "api_error", "message": "it broke"}}),
}


@pytest.mark.reliability(12)
@pytest.mark.parametrize("position", [0, 1, 7])
@pytest.mark.parametrize("shape", FOUR_SHAPES)
def test_row_12_an_error_inside_the_stream(shape: str, position: int) -> None:
    said = [f"word{number} " for number in range(position)]
    asked = ask(stream_reply([*pieces(said), FOUR_SHAPES[shape]]))
    assert asked.failed.kind == ("interrupted" if position else "unavailable")
    assert asked.failed.retryable
    assert asked.failed.partial == "".join(said)
    assert "it broke" in str(asked.failed)


@pytest.mark.reliability(12)
def test_row_12_what_might_have_become_a_tag_belongs_to_the_partial_text() -> None:
    asked = ask(stream_reply([*pieces(["<think>hm</think>", "yes <", "b"]), FOUR_SHAPES["openai"]]))
    assert (asked.failed.reasoning, asked.failed.partial) == ("hm", "yes <b")
    asked = ask(stream_reply([*pieces(["<thi"]), FOUR_SHAPES["openai"]]))
    assert (asked.failed.kind, asked.failed.partial) == ("interrupted", "<thi")
    asked = ask(stream_reply([*pieces(["<think>hm</thi"]), FOUR_SHAPES["openai"]]))
    assert (asked.failed.kind, asked.failed.reasoning) == ("interrupted", "hm</thi")


def test_an_error_event_of_plain_text_is_told() -> None:
    asked = ask(stream_reply([b"event: error\ndata: no luck\n\n"]))
    assert "no luck" in str(asked.failed)


@pytest.mark.reliability(11)
@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (429, "throttled"),
        ("429", "throttled"),
        ("invalid_api_key", "auth"),
        (400, "bad_request"),
        (503, "unavailable"),
    ],
)
def test_row_11_an_error_body_with_status_200(code: Any, kind: str) -> None:
    asked = ask(json_reply({"error": {"code": code, "message": "m"}}, headers={"Retry-After": "7"}))
    assert asked.failed.kind == kind
    assert asked.failed.retry_after_s == 7.0


@pytest.mark.reliability(16)
@pytest.mark.parametrize("chunked", [True, False])
def test_row_16_an_end_without_a_reason_is_no_end(chunked: bool) -> None:
    frame: Callable[[bytes], Send] = framed if chunked else Send
    sent: list[Step] = [stream_head(chunked=chunked), *map(frame, pieces(["half ", "an answer"]))]
    ends: list[Step] = [LAST, Close()] if chunked else [Close()]
    for end in ends:
        asked = ask([*sent, end])
        assert (asked.failed.kind, asked.failed.retryable) == ("interrupted", True)
        assert asked.failed.partial == "half an answer"


@pytest.mark.reliability(16)
def test_row_16_an_end_before_any_text_may_be_asked_again() -> None:
    ends: list[Reply] = [[stream_head(), LAST], [stream_head(), Close()], [Close()], [Wait(0.1), Reset()]]
    for reply in ends:
        asked = ask(reply)
        assert (asked.failed.kind, asked.failed.retryable) == ("unreachable", True)


@pytest.mark.reliability(18)
def test_row_18_a_cut_at_every_byte_keeps_whole_characters() -> None:
    """A reset after each byte of a stream full of characters of 2, 3 and 4 bytes and of escaped pairs."""
    data = b"".join(
        [
            *pieces(["é€😀", "漢字"]),
            rb'data: {"choices":[{"delta":{"content":"\ud83d\ude00ab"}}]}' + b"\n\n",
            event(piece(finish="stop")),
        ]
    )
    assert len(data) > 300
    whole = "é€😀漢字😀ab"

    async def main() -> list[str]:
        kept = []

        def script(asked: Request) -> Reply:
            cut = asked.number - 1
            return [stream_head(chunked=False), Send(data[:cut]), Wait(0.001), Reset()]

        async with ScriptedServer(script) as server, remote(server.base_url) as model:
            for _ in range(len(data) - 1):  # the last line feed is of no consequence
                notices = Notices()
                with pytest.raises(ProviderError) as failed:
                    await model.complete(request(), notices)
                assert failed.value.partial == notices.text
                assert failed.value.kind == ("interrupted" if notices.text else "unreachable")
                kept.append(notices.text)
        return kept

    kept = run_virtual(main())
    assert {whole[: len(text)] == text for text in kept} == {True}
    assert sorted(kept, key=len) == kept
    assert [*dict.fromkeys(kept)] == ["", "é€😀", "é€😀漢字", whole]


@pytest.mark.reliability(22)
@pytest.mark.parametrize(
    "hostile",
    [
        '{"a":' * 100_000,
        '{"choices":[{"delta":{"content":"x"},"index":' + "9" * 5000 + "}]}",
        '{"choices":[],"choices":[{"delta":{"content":"x"}}]}',
        "{broken",
    ],
    ids=["depth", "number", "keys", "broken"],
)
def test_row_22_a_hostile_event_ends_the_stream_and_keeps_the_text(hostile: str) -> None:
    asked = ask(stream_reply([*pieces(["kept"]), event(hostile), *pieces(["never"]), *END]))
    assert (asked.failed.kind, asked.failed.partial) == ("interrupted", "kept")
    assert ask(stream_reply([event(hostile)])).failed.kind == "not_an_api"


@pytest.mark.reliability(25)
@pytest.mark.parametrize(
    "events",
    [
        [DONE],
        [event(piece(finish="stop"))],
        [event({"choices": [{"delta": {"role": "assistant", "content": ""}}]}), *END],
        [event(piece(" \n")), *END],
        [event(piece(reasoning="thoughts only")), *END],
        [event(piece("<think>thoughts only</think>")), *END],
    ],
)
def test_row_25_an_empty_answer_may_be_asked_for_once_more_and_its_cost_is_known(events: list[bytes]) -> None:
    usage = event({"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 1, "cost": 0.5}})
    asked = ask(stream_reply([usage, *events]))
    assert (asked.failed.kind, asked.failed.retryable) == ("no_content", True)
    assert getattr(asked.failed, "usage", None) == Usage(input=9, output=1)
    assert getattr(asked.failed, "cost_microusd", None) == 500_000


def test_thoughts_that_ate_all_tokens_are_not_asked_for_again() -> None:
    asked = ask(stream_reply([event(piece(reasoning="long")), event(piece(finish="length")), DONE]))
    assert (asked.failed.kind, asked.failed.retryable) == ("no_content", False)
    assert "allow a longer answer" in str(asked.failed)
    assert asked.failed.reasoning == "long"


def test_a_withheld_answer_is_moderated_and_a_shortened_one_is_marked() -> None:
    assert ask(stream_reply([event(piece(finish="content_filter")), DONE])).failed.kind == "moderated"
    asked = ask(stream_reply([*pieces(["some"]), event(piece(finish="content_filter")), DONE]))
    assert (asked.done.text, asked.done.finish) == ("some", "filter")


@pytest.mark.reliability(26)
def test_row_26_a_loop_is_stopped_at_a_hundred_and_its_text_kept() -> None:
    asked = ask(stream_reply(pieces(["again "] * 1000)))
    assert (asked.failed.kind, asked.failed.retryable) == ("looping", False)
    assert asked.failed.partial == "again " * 99


@pytest.mark.reliability(27)
def test_row_27_a_login_page_is_no_answer() -> None:
    page = "<!DOCTYPE html><title>Wi-Fi</title>\x1b[31m<a href='http://x'>Log in</a>" + "z" * 5000
    asked = ask(body_reply(page, content_type="text/html"))
    assert (asked.failed.kind, asked.failed.retryable, asked.failed.status) == ("not_an_api", False, 200)
    quoted = str(asked.failed).partition("“")[2].removesuffix("”")
    assert quoted.startswith("<!DOCTYPE html><title>Wi-Fi</title> <a href='http://x'>Log in</a>zz")
    assert len(quoted) == 200


@pytest.mark.reliability(27)
@pytest.mark.parametrize("body", ["", "OK", "[1, 2]", '{"status": "ok"}', '"text"'])
def test_row_27_other_things_that_answer_200(body: str) -> None:
    assert ask(body_reply(body)).failed.kind == "not_an_api"


@pytest.mark.reliability(28)
def test_row_28_a_redirect_gets_neither_key_nor_prompt() -> None:
    async def main() -> None:
        async with ScriptedServer([]) as other:
            target = f"{other.origin}/v1/chat/completions"
            async with ScriptedServer([status_reply(307, headers={"Location": target})]) as server:
                async with remote(server.base_url) as model:
                    with pytest.raises(ProviderError, match="redirects to") as failed:
                        await model.complete(request(), Notices())
                assert other.origin in str(failed.value)
            assert not other.connections

    run_virtual(main())


# limits of time


def ticking(line: bytes, every_s: float, times: int) -> list[Step]:
    return [step for _ in range(times) for step in (Wait(every_s), framed(line))]


@pytest.mark.reliability(13)
def test_row_13_comments_keep_the_line_alive_until_content_comes() -> None:
    waiting = ticking(b": OPENROUTER PROCESSING\n\n", 10.0, 5)
    asked = ask([stream_head(), *waiting, *map(framed, [*pieces(["here"]), *END]), LAST])
    assert asked.done.text == "here"
    assert asked.done.first_content_seconds == 50.0
    assert [round(notice.idle_seconds) for notice in asked.notices.of(Idle)] == [20, 40]


@pytest.mark.reliability(14)
@pytest.mark.parametrize(
    ("setting", "limit_s"),
    [
        ({}, 60.0),
        ({"reasoning": True}, 180.0),
        ({"profile": ModelProfile(ref=MODEL, local=True)}, 300.0),
    ],
)
@pytest.mark.parametrize(
    "line", [b": still here\n\n", event({"choices": [{"delta": {"role": "assistant"}}]})]
)
def test_row_14_comments_for_ever_are_no_content(
    setting: dict[str, Any], limit_s: float, line: bytes
) -> None:
    asked = ask([stream_head(), *ticking(line, 7.0, 100)], **setting)
    assert (asked.failed.kind, asked.failed.retryable) == ("timeout", True)
    assert asked.seconds == pytest.approx(limit_s)
    assert f"within {limit_s:g} s" in str(asked.failed)


def test_no_head_of_an_answer_is_no_first_event_either() -> None:
    asked = ask([Hang()])
    assert asked.failed.kind == "timeout"
    assert asked.seconds == pytest.approx(60.0)


@pytest.mark.reliability(15)
@pytest.mark.parametrize("comments", [False, True])
def test_row_15_a_stall_after_fifty_tokens_is_interrupted(comments: bool) -> None:
    """Silence on the wire counts from the last byte (60 s), missing text from the last text (90 s)."""
    said = [f"t{number} " for number in range(50)]
    rest: list[Step] = ticking(b": ping\n\n", 20.0, 30) if comments else [Hang()]
    asked = ask([stream_head(), *map(framed, pieces(said)), *rest])
    assert (asked.failed.kind, asked.failed.retryable) == ("interrupted", True)
    assert asked.failed.partial == "".join(said)
    assert asked.seconds == pytest.approx(90.0 if comments else 60.0)


def test_a_model_that_thinks_may_be_silent_for_longer() -> None:
    thinking = [framed(event(piece(reasoning="hm"))), *ticking(b": ping\n\n", 50.0, 5)]
    asked = ask([stream_head(), *thinking, *map(framed, [*pieces(["yes"]), *END]), LAST])
    assert (asked.done.text, asked.done.seconds) == ("yes", 250.0)


def test_a_model_seen_thinking_is_given_more_time_from_then_on() -> None:
    async def main() -> None:
        script = [chat_reply("a", reasoning="hm"), chat_reply("late", first_delay=150.0)]
        async with ScriptedServer(script) as server, remote(server.base_url) as model:
            await model.complete(request(), Notices())
            assert (await model.complete(request(), Notices())).text == "late"

    run_virtual(main())


def test_idle_is_told_while_text_is_missing_and_not_while_it_comes() -> None:
    async def quiet_after_the_end() -> Notices:
        async with ScriptedServer([status_reply(503)]) as server, remote(server.base_url) as model:
            notices = Notices()
            with pytest.raises(ProviderError):
                await model.complete(request(), notices)
            await asyncio.sleep(100)
            return notices

    assert run_virtual(quiet_after_the_end()) == []
    flowing = [step for word in "abcdef" for step in (Wait(15.0), framed(event(piece(word))))]
    asked = ask([stream_head(), *flowing, Wait(45.0), *map(framed, END), LAST])
    assert asked.done.text == "abcdef"
    assert [round(notice.idle_seconds) for notice in asked.notices.of(Idle)] == [20, 40]


# limits of size


def memory() -> int:
    return int(psutil.Process().memory_info().rss)


@pytest.mark.reliability(23)
@pytest.mark.parametrize(
    "flood",
    [
        pytest.param([framed(b"data: " + b"x" * (2 * MIB))], id="line"),
        pytest.param([framed(b"data: " + b"x" * 500_000 + b"\n")] * 6, id="event"),
        pytest.param([framed(b": " + b"c" * 500_000 + b"\n\n")] * 80, id="comments"),
        pytest.param([framed(b"data: {}\n\n" * 10_000)] * 100, id="a million tiny events"),
    ],
)
def test_row_23_a_flood_is_cut_and_the_connection_closed(flood: list[Step]) -> None:
    before = memory()
    asked = ask([stream_head(), *map(framed, pieces(["kept ", "text"])), *flood, Hang()])
    assert (asked.failed.kind, asked.failed.retryable) == ("cut_by_limit", False)
    assert asked.failed.partial == "kept text"
    assert memory() - before < 64 * MIB


@pytest.mark.reliability(23)
def test_row_23_an_endless_answer_is_kept_up_to_its_limit() -> None:
    texts = [f"{number:07d}" + "x" * 99_993 for number in range(90)]
    before = memory()
    asked = ask([stream_head(), *map(framed, pieces(texts)), Hang()])
    assert asked.failed.kind == "cut_by_limit"
    assert asked.failed.partial == "".join(texts)[: 8 * MIB]
    assert memory() - before < 64 * MIB


@pytest.mark.reliability(24)
@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "x"])
def test_row_24_what_is_compressed_is_refused_unread(encoding: str) -> None:
    headers = {"Content-Type": "text/event-stream", "Content-Encoding": encoding, "Connection": "close"}
    asked = ask([Send(head(200, headers)), *[Send(b"\0" * MIB)] * 200])
    assert asked.failed.kind == "not_an_api"
    assert "compressed" in str(asked.failed)


def test_a_long_error_body_is_read_in_part_and_shown_in_less() -> None:
    told = json.dumps({"error": {"message": "m" * 5000}})
    asked = ask(body_reply(told, status=400))
    assert len(str(asked.failed)) < 2200
    endless = [
        Send(head(500, {"Content-Type": "text/plain", "Connection": "close"})),
        *[Send(b"e" * MIB)] * 100,
    ]
    assert ask(endless).failed.kind == "unavailable"


def test_limits_are_one_value_that_can_be_changed() -> None:
    asked = ask(stream_reply(pieces(["12345", "67890"])), limits=Limits(answer_bytes=7))
    assert asked.failed.partial == "1234567"


# refusals


def test_a_refused_parameter_is_named_remembered_and_left_out() -> None:
    async def main() -> None:
        script = [
            status_reply(400, "Unsupported parameter: 'response_format'", param="response_format"),
            status_reply(422, "Unknown parameter: seed"),
            chat_reply("fine"),
        ]
        asked = request(seed=1, reply_schema=SCHEMA)
        async with ScriptedServer(script) as server, remote(server.base_url) as model:
            for parameter in ("response_format", "seed"):
                with pytest.raises(ProviderError, match=f"does not take {parameter}") as failed:
                    await model.complete(asked, Notices())
                assert (failed.value.kind, failed.value.retryable) == ("unsupported", True)
            assert (await model.complete(asked, Notices())).text == "fine"
            assert "response_format" not in server.requests[2].json
            assert "seed" not in server.requests[2].json

    run_virtual(main())


def test_the_key_may_be_found_when_it_is_needed() -> None:
    async def main() -> None:
        async def find() -> str:
            await asyncio.sleep(0.5)
            return " found-key\n"

        async with ScriptedServer([chat_reply("a")]) as server, remote(server.base_url, key=find) as model:
            await model.complete(request(), Notices())
            assert server.requests[0].headers["authorization"] == "Bearer found-key"

    run_virtual(main())


@pytest.mark.parametrize("key", ["two words", "line\r\nHost: evil", "schlüssel"])
def test_what_can_be_no_key_is_never_sent(key: str) -> None:
    async def main() -> None:
        async with ScriptedServer([]) as server, remote(server.base_url, key=key) as model:
            with pytest.raises(ProviderError, match="key of my-server holds blanks") as failed:
                await model.complete(request(), Notices())
            assert (failed.value.kind, failed.value.sent) == ("auth", False)
            assert key not in str(failed.value)
            assert not server.connections

    run_virtual(main())
