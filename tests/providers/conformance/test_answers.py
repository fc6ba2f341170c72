"""Every adapter: what is sent, and what is made of an answer that ends well, however oddly it is spelt.

Each case is said once, in the words of a ``Wire``, and played by a real server on loopback on virtual time.
``python -m tests.providers.conformance`` prints which adapter holds to which case.
"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cort_desktop.domain.budget import Usage
from cort_desktop.domain.calls import AttemptFirstContent, Delta, Finish
from tests.fakes.asking import KEY
from tests.fakes.replies import (
    LAST,
    Step,
    Wait,
    framed,
    json_reply,
)
from tests.providers.conformance.calls import ask
from tests.providers.conformance.wire import SCHEMA, Wire
from tests.providers.conformance.wires import WIRES

pytestmark = pytest.mark.parametrize("wire", WIRES, ids=lambda wire: wire.name)


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


def test_why_an_answer_ended(wire: Wire) -> None:
    ends: tuple[Finish, ...] = ("length", "filter") if wire.tells_filtered else ("length",)
    for finish in ends:
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
