"""One suite over every adapter: whatever a service speaks, a call ends in the same few ways.

Each case is said once, in the words of ``wires``, and played by a real server on loopback on virtual time.
``python -m tests.providers.conformance`` prints which adapter holds to which case.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cort_desktop.domain.budget import Usage
from cort_desktop.domain.calls import AttemptFirstContent, ChatRequest, Completion, Delta, Finish
from cort_desktop.domain.messages import system, user
from cort_desktop.domain.models import ModelProfile
from cort_desktop.errors import ProviderError
from cort_desktop.providers.limits import MIB, Limits
from tests.fakes.asking import KEY, Notices
from tests.fakes.loops import run_virtual
from tests.fakes.replies import (
    LAST,
    Close,
    Hang,
    Reply,
    Reset,
    Send,
    Step,
    Wait,
    body_reply,
    framed,
    json_reply,
)
from tests.fakes.scripted_server import Request, ScriptedServer
from tests.providers.conformance.wires import SCHEMA, WIRES, Wire

pytestmark = pytest.mark.parametrize("wire", WIRES, ids=lambda wire: wire.name)


@dataclass
class Asked:
    """What came of asking once."""

    notices: Notices = field(default_factory=Notices)
    completion: Completion | None = None
    error: ProviderError | None = None
    seconds: float = 0.0
    requests: list[Request] = field(default_factory=list)

    @property
    def done(self) -> Completion:
        assert self.completion is not None, self.error
        return self.completion

    @property
    def failed(self) -> ProviderError:
        assert self.error is not None, self.completion
        return self.error


def asking(wire: Wire, **changes: Any) -> ChatRequest:
    messages = (system("Be brief."), user("Why is the sky blue?"))
    fields: dict[str, Any] = {
        "model": wire.ref,
        "messages": messages,
        "max_tokens": 100,
        "temperature": 0.7,
    }
    return ChatRequest(**(fields | changes))


def ask_all(wire: Wire, replies: Sequence[Reply], **changes: Any) -> list[Asked]:
    """One call of one adapter for each reply; no connection and no task may be left over."""
    limits, profile = changes.pop("limits", None), changes.pop("profile", None)
    results: list[Asked] = []

    async def main() -> None:
        async with ScriptedServer(replies) as server:
            async with wire.opened(server.base_url, limits=limits, profile=profile) as model:
                for _ in replies:
                    results.append(asked := Asked())
                    started = asyncio.get_running_loop().time()
                    try:
                        asked.completion = await model.complete(asking(wire, **changes), asked.notices)
                    except ProviderError as error:
                        asked.error = error
                    asked.seconds = asyncio.get_running_loop().time() - started
                    asked.requests = server.requests
            assert len(server.requests) == len(replies)

    run_virtual(main())
    for asked in results:
        assert asked.error is None or asked.error.partial == asked.notices.text
        assert asked.completion is None or asked.completion.text == asked.notices.text
    return results


def ask(wire: Wire, reply: Reply, **changes: Any) -> Asked:
    return ask_all(wire, [reply], **changes)[0]


# what is sent


def test_a_request_says_everything_once(wire: Wire) -> None:
    (sent,) = ask(wire, wire.answer("yes")).requests
    assert (sent.method, sent.path) == ("POST", wire.path)
    assert sent.headers["accept-encoding"] == "identity"
    assert sent.headers["user-agent"].startswith("cort-desktop/")
    assert sent.json["model"] == "fast"
    assert sent.json["stream"] is True
    assert wire.said_to(sent) == [("system", "Be brief."), ("user", "Why is the sky blue?")]
    assert "100" in json.dumps(sent.json)


@pytest.mark.reliability(60)
def test_row_60_the_key_travels_in_its_header_alone(wire: Wire) -> None:
    (sent,) = ask(wire, wire.answer("yes")).requests
    assert wire.key_of(sent.headers) == KEY
    assert sum(KEY in value for value in sent.headers.values()) == 1
    assert KEY not in sent.path
    assert KEY.encode() not in sent.body


def test_a_reply_can_be_held_to_a_schema(wire: Wire) -> None:
    asked = ask(wire, wire.answer('{"winner"', ':"kqz"}'), reply_schema=SCHEMA)
    held = wire.schema_in(asked.requests[0])
    assert held["properties"]["winner"]["enum"] == ["kqz", "bcd"]
    assert held["additionalProperties"] is False
    assert json.loads(asked.done.text) == {"winner": "kqz"}


def test_nothing_is_said_of_a_schema_without_one(wire: Wire) -> None:
    assert wire.schema_in(ask(wire, wire.answer("yes")).requests[0]) is None


# answers


def test_a_plain_answer(wire: Wire) -> None:
    asked = ask(wire, wire.answer("An answer", " in ", "words."))
    assert (asked.done.text, asked.done.reasoning) == ("An answer in words.", "")
    assert (asked.done.finish, asked.done.model, asked.done.attempts) == ("stop", wire.ref, 1)
    assert asked.notices[0] == AttemptFirstContent(attempt=1)
    assert asked.notices.of(Delta) == [Delta(text=text) for text in ("An answer", " in ", "words.")]


def test_thoughts_are_kept_apart(wire: Wire) -> None:
    asked = ask(wire, wire.answer("yes", thoughts=["hm, ", "well"]))
    assert (asked.done.text, asked.done.reasoning) == ("yes", "hm, well")
    assert [one.channel for one in asked.notices.of(Delta)] == ["reasoning", "reasoning", "answer"]


def test_the_time_of_an_answer_is_measured(wire: Wire) -> None:
    first, *rest = map(framed, wire.events("a", "b"))
    opening = len(wire.opening())
    steps: list[Step] = [first, *rest]
    steps.insert(opening, Wait(2.0))
    steps.insert(opening + 2, Wait(3.0))
    asked = ask(wire, [wire.head(), *steps, LAST])
    assert (asked.done.first_content_seconds, asked.done.seconds) == (2.0, 5.0)


@pytest.mark.reliability(37)
def test_usage_as_it_was_told(wire: Wire) -> None:
    told = Usage(input=30, cached_input=10, output=12, reasoning=5)
    usage = ask(wire, wire.answer("yes", usage=told)).done.usage
    if wire.name == "ollama":  # it tells no more
        told = replace(told, cached_input=0, reasoning=0)
    assert usage == told


@pytest.mark.parametrize("finish", ["length", "filter"])
def test_why_an_answer_ended(wire: Wire, finish: Finish) -> None:
    if finish == "filter" and not wire.tells_filtered:
        pytest.skip("its service withholds nothing")
    asked = ask(wire, wire.answer("some", finish=finish))
    assert (asked.done.text, asked.done.finish) == ("some", finish)


def test_an_answer_that_is_not_streamed(wire: Wire) -> None:
    asked = ask(wire, json_reply(wire.whole("All at once.")))
    assert (asked.done.text, asked.done.finish) == ("All at once.", "stop")
    assert asked.done.usage == Usage(input=20, output=5)


@pytest.mark.reliability(17)
def test_row_17_what_comes_after_the_end_is_not_part_of_it(wire: Wire) -> None:
    events = [*wire.events("All."), wire.text(" And more."), wire.failure("too late")]
    assert ask(wire, wire.stream(events)).done.text == "All."
    together = [wire.head(), framed(b"".join(events)), LAST]
    assert ask(wire, together).done.text == "All."


# answers that are none


@pytest.mark.reliability(25)
@pytest.mark.parametrize("said", ["nothing", "blanks", "thoughts"])
def test_row_25_an_empty_answer(wire: Wire, said: str) -> None:
    texts = [" \n"] if said == "blanks" else []
    thoughts = ["only thoughts"] if said == "thoughts" else []
    asked = ask(wire, wire.answer(*texts, thoughts=thoughts, usage=Usage(input=9, output=1)))
    assert (asked.failed.kind, asked.failed.retryable) == ("no_content", True)
    assert getattr(asked.failed, "usage", None) == Usage(input=9, output=1)


def test_thoughts_that_ate_all_tokens_are_not_asked_for_again(wire: Wire) -> None:
    asked = ask(wire, wire.answer(thoughts=["long"], finish="length"))
    assert (asked.failed.kind, asked.failed.retryable) == ("no_content", False)
    assert "--max-tokens" in str(asked.failed)


@pytest.mark.reliability(12)
@pytest.mark.parametrize("position", [0, 1, 7])
def test_row_12_an_error_inside_the_stream(wire: Wire, position: int) -> None:
    said = [f"word{number} " for number in range(position)]
    events = [*wire.opening(), *map(wire.text, said), wire.failure("it broke"), *wire.events("never")]
    asked = ask(wire, wire.stream(events))
    assert asked.failed.retryable
    assert asked.failed.kind in (("interrupted",) if position else ("unavailable", "throttled"))
    assert asked.failed.partial == "".join(said)
    assert "it broke" in str(asked.failed)


@pytest.mark.reliability(16)
@pytest.mark.parametrize("chunked", [True, False], ids=["chunked", "closed"])
@pytest.mark.parametrize("said", [["half ", "an answer"], []], ids=["begun", "not begun"])
def test_row_16_an_end_without_a_reason_is_no_end(wire: Wire, said: list[str], *, chunked: bool) -> None:
    events = [*wire.opening(), *map(wire.text, said)]
    sent: list[Step] = [framed(one) if chunked else Send(one) for one in events]
    ends: list[Step] = [LAST, Close()] if chunked else [Close()]
    for end in ends:
        asked = ask(wire, [wire.head(chunked=chunked), *sent, end])
        assert (asked.failed.kind, asked.failed.retryable) == ("interrupted" if said else "unreachable", True)
        assert asked.failed.partial == "".join(said)


@pytest.mark.reliability(18)
def test_row_18_a_reset_at_every_byte_keeps_whole_characters(wire: Wire) -> None:
    """Characters of 2, 3 and 4 bytes and an escaped pair; the reset comes after each byte of a piece."""
    pieces = [wire.text("é€😀漢"), wire.text("字😀", ascii_only=True)]
    before = b"".join(wire.opening())
    data = b"".join(pieces)
    replies: list[Reply] = [
        [wire.head(chunked=False), Send(before + data[:cut]), Wait(0.001), Reset()]
        for cut in range(1, len(data), 2)
    ]
    kept = []
    for asked in ask_all(wire, replies):
        assert asked.failed.kind == ("interrupted" if asked.notices.text else "unreachable")
        kept.append(asked.failed.partial)
    assert [*dict.fromkeys(kept)] in (["", "é€😀漢"], ["", "é€😀漢", "é€😀漢字😀"])


@pytest.mark.reliability(22)
@pytest.mark.parametrize(
    "data",
    ["{broken", '{"a":' * 100_000, '{"a":1,"a":2}', '{"a":' + "9" * 5000 + "}"],
    ids=["broken", "depth", "keys", "number"],
)
def test_row_22_garbage_ends_the_stream_and_keeps_the_text(wire: Wire, data: str) -> None:
    events = [*wire.opening(), wire.text("kept"), wire.raw(data), *wire.events("never")]
    asked = ask(wire, wire.stream(events))
    assert (asked.failed.kind, asked.failed.partial) == ("interrupted", "kept")


@pytest.mark.reliability(23)
def test_row_23_an_oversized_line_is_cut(wire: Wire) -> None:
    steps: list[Step] = [wire.head(), *map(framed, [*wire.opening(), wire.text("kept")])]
    flood = framed(wire.raw('"' + "x" * (2 * MIB)))
    asked = ask(wire, [*steps, flood, Hang()])
    assert (asked.failed.kind, asked.failed.retryable) == ("cut_by_limit", False)
    assert asked.failed.partial == "kept"


@pytest.mark.reliability(23)
def test_row_23_an_endless_answer_is_cut(wire: Wire) -> None:
    events = [*wire.opening(), wire.text("12345"), wire.text("67890"), *wire.events("never")]
    asked = ask(wire, wire.stream(events), limits=Limits(answer_bytes=7))
    assert (asked.failed.kind, asked.failed.partial) == ("cut_by_limit", "1234567")


@pytest.mark.reliability(26)
def test_row_26_a_loop_is_stopped_at_a_hundred(wire: Wire) -> None:
    asked = ask(wire, wire.stream([*wire.opening(), *[wire.text("again ")] * 1000]))
    assert (asked.failed.kind, asked.failed.retryable) == ("looping", False)
    assert asked.failed.partial == "again " * 99


@pytest.mark.reliability(27)
@pytest.mark.parametrize("body", ["<!DOCTYPE html><title>Log in</title>", "", "OK", '{"status": "ok"}'])
def test_row_27_what_is_no_answer_at_all(wire: Wire, body: str) -> None:
    asked = ask(wire, body_reply(body, content_type="text/html"))
    assert (asked.failed.kind, asked.failed.retryable) == ("not_an_api", False)


# odd text


@pytest.mark.expects_log
@pytest.mark.reliability(21)
def test_row_21_what_is_no_character_is_replaced(wire: Wire) -> None:
    pieces = ["a\ud83d", "\ude00b", "\ud800c", "\0d", "\udfffe"]
    events = [*wire.opening(), *(wire.text(one, ascii_only=True) for one in pieces)]
    asked = ask(wire, wire.stream([*events, *wire.ending("stop", Usage(input=1, output=1))]))
    assert asked.done.text == "a😀b\ufffdc\ufffdd\ufffde"


@pytest.mark.reliability(20)
def test_row_20_line_ends_of_unicode_are_text(wire: Wire) -> None:
    text = "a\u2028b\u2029c\u0085d\x0be\x1ff"
    assert ask(wire, wire.answer(text)).done.text == text


@pytest.mark.reliability(19)
@settings(max_examples=15)
@given(cuts=st.lists(st.integers(1, 400), max_size=12))
def test_row_19_any_pieces_are_the_same_answer(wire: Wire, cuts: list[int]) -> None:
    usage = Usage(input=30, output=12)
    data = b"".join(wire.events("Grüße, ", "漢字 😀", thoughts=["hm — "], usage=usage))
    pieces, start = [], 0
    for cut in cuts:
        pieces.append(data[start : start + cut])
        start += cut
    pieces.append(data[start:])
    cut_up = ask(wire, [wire.head(), *(framed(one) for one in pieces if one), LAST]).done
    assert (cut_up.text, cut_up.reasoning, cut_up.usage) == ("Grüße, 漢字 😀", "hm — ", usage)


@pytest.mark.reliability(19)
def test_row_19_byte_by_byte_is_the_same_answer(wire: Wire) -> None:
    data = b"".join(wire.events("Grüße, ", "漢字 😀", thoughts=["hm — "]))
    asked = ask(wire, [wire.head(), *(framed(data[at : at + 1]) for at in range(len(data))), LAST])
    assert (asked.done.text, asked.done.reasoning) == ("Grüße, 漢字 😀", "hm — ")


# time


def ticking(line: bytes, every_s: float, times: int) -> list[Step]:
    return [step for _ in range(times) for step in (Wait(every_s), framed(line))]


@pytest.mark.reliability(13)
def test_row_13_signs_of_life_keep_the_line_open(wire: Wire) -> None:
    opening, said = wire.opening(), wire.events("here")[len(wire.opening()) :]
    steps = [*map(framed, opening), *ticking(wire.idle, 10.0, 5), *map(framed, said)]
    asked = ask(wire, [wire.head(), *steps, LAST])
    assert (asked.done.text, asked.done.first_content_seconds) == ("here", 50.0)


@pytest.mark.reliability(14)
@pytest.mark.parametrize(("reasoning", "limit_s"), [(None, 60.0), (True, 180.0)])
def test_row_14_signs_of_life_are_no_content(wire: Wire, reasoning: bool | None, limit_s: float) -> None:
    profile = ModelProfile(ref=wire.ref, reasoning=reasoning)
    steps = [*map(framed, wire.opening()), *ticking(wire.idle, 7.0, 100)]
    asked = ask(wire, [wire.head(), *steps], profile=profile)
    assert (asked.failed.kind, asked.failed.retryable) == ("timeout", True)
    assert asked.seconds == pytest.approx(limit_s)


@pytest.mark.reliability(15)
def test_row_15_a_stall_in_the_middle_is_interrupted(wire: Wire) -> None:
    steps = [framed(one) for one in [*wire.opening(), wire.text("begun")]]
    asked = ask(wire, [wire.head(), *steps, *ticking(wire.idle, 20.0, 30)])
    assert (asked.failed.kind, asked.failed.partial) == ("interrupted", "begun")
    assert asked.seconds == pytest.approx(90.0)


@pytest.mark.reliability(31)
def test_row_31_cancelling_closes_the_connection(wire: Wire) -> None:
    async def main() -> None:
        begun_only: list[Step] = [framed(one) for one in [*wire.opening(), wire.text("begun")]]
        reply: Reply = [wire.head(), *begun_only, Hang()]
        async with ScriptedServer([reply]) as server, wire.opened(server.base_url) as model:
            begun = asyncio.Event()
            call = asyncio.create_task(model.complete(asking(wire), lambda _: begun.set()))
            await begun.wait()
            assert server.open_connections == 1
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            async with asyncio.timeout(0.2):
                await server.connections[0].gone.wait()

    run_virtual(main())


# refusals


STATUSES: list[tuple[int, str, bool, dict[str, Any]]] = [
    (400, "bad_request", False, {"type": "invalid_request_error"}),
    (401, "auth", False, {"type": "authentication_error"}),
    (402, "no_credit", False, {"type": "billing_error"}),
    (403, "auth", False, {"type": "permission_error"}),
    (404, "not_found", False, {"type": "not_found_error"}),
    (413, "bad_request", False, {"type": "request_too_large"}),
    (422, "bad_request", False, {}),
    (429, "throttled", True, {"type": "rate_limit_error"}),
    (500, "unavailable", True, {"type": "api_error"}),
    (503, "unavailable", True, {}),
    (529, "throttled", True, {"type": "overloaded_error"}),
]


@pytest.mark.reliability(5, 6, 7, 9)
@pytest.mark.parametrize(
    ("status", "kind", "retryable", "facts"), STATUSES, ids=[str(s[0]) for s in STATUSES]
)
def test_rows_5_to_9_what_a_status_means(
    wire: Wire,
    status: int,
    kind: str,
    retryable: bool,
    facts: dict[str, Any],
) -> None:
    asked = ask(wire, wire.status(status, "sorry", **facts))
    assert (asked.failed.kind, asked.failed.status) == (kind, status)
    assert asked.failed.retryable is retryable
    assert wire.name in str(asked.failed)


@pytest.mark.reliability(6)
@pytest.mark.parametrize(
    "words",
    [
        "prompt is too long: 250000 tokens > 200000 maximum",
        "This model's maximum context length is 8192 tokens.",
        "the request exceeds the available context size",
    ],
)
def test_row_6_a_request_over_the_context(wire: Wire, words: str) -> None:
    asked = ask(wire, wire.status(400, words))
    assert (asked.failed.kind, asked.failed.retryable) == ("context_too_long", False)


@pytest.mark.reliability(8)
@pytest.mark.parametrize("status", [429, 503, 529])
def test_row_8_the_time_a_service_asks_for(wire: Wire, status: int) -> None:
    asked = ask(wire, wire.status(status, headers={"Retry-After": "7"}))
    assert asked.failed.retry_after_s == 7.0


@pytest.mark.reliability(9)
def test_row_9_money_is_no_matter_of_waiting(wire: Wire) -> None:
    words = "Your credit balance is too low. You exceeded your current quota: insufficient_quota."
    for status in (400, 429):
        asked = ask(wire, wire.status(status, words))
        assert (asked.failed.kind, asked.failed.retryable) == ("no_credit", False)


@pytest.mark.reliability(11)
def test_row_11_an_error_in_place_of_an_answer(wire: Wire) -> None:
    asked = ask(wire, json_reply(wire.error("it broke")))
    assert asked.failed.kind in ("unavailable", "bad_request")
    assert "it broke" in str(asked.failed)


def test_a_refused_parameter_is_named_left_out_and_remembered(wire: Wire) -> None:
    for parameter, words in wire.refusals.items():
        replies = [wire.status(400, words, type="invalid_request_error"), wire.answer("a"), wire.answer("b")]
        refused, *asked = ask_all(wire, replies, seed=3, reply_schema=SCHEMA)
        assert (refused.failed.kind, refused.failed.retryable) == ("unsupported", True)
        assert parameter.split(".")[0] in str(refused.failed)
        assert [one.done.text for one in asked] == ["a", "b"]
        assert [wire.holds(sent, parameter) for sent in refused.requests] == [True, False, False]


@pytest.mark.reliability(28)
def test_row_28_a_redirect_is_not_followed(wire: Wire) -> None:
    async def main() -> None:
        async with ScriptedServer([]) as other:
            moved = wire.status(307, headers={"Location": other.origin + wire.path})
            async with ScriptedServer([moved]) as server, wire.opened(server.base_url) as model:
                with pytest.raises(ProviderError, match="redirects to"):
                    await model.complete(asking(wire), Notices())
            assert not other.connections

    run_virtual(main())


@pytest.mark.reliability(60)
@pytest.mark.parametrize("where", ["status", "stream", "page"])
def test_row_60_the_key_is_in_no_error(wire: Wire, where: str) -> None:
    echo = f"bad key {KEY} (x-api-key: {KEY}, Authorization: Bearer {KEY})"
    replies = {
        "status": wire.status(401, echo),
        "stream": wire.stream([*wire.opening(), wire.text("begun"), wire.failure(echo)]),
        "page": body_reply(f"<html>{echo}</html>", content_type="text/html"),
    }
    error = ask(wire, replies[where]).failed
    seen: BaseException | None = error
    while seen is not None:
        assert KEY not in f"{seen} {seen!r}"
        seen = seen.__cause__
    assert "[key]" in str(error)


@pytest.mark.reliability(60)
def test_row_60_the_key_is_in_no_repr(wire: Wire) -> None:
    async def main() -> None:
        async with ScriptedServer([]) as server, wire.opened(server.base_url) as model:
            assert KEY not in repr(model)

    run_virtual(main())
