"""The decoder of server-sent events, held against a parser written straight from the standard."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cort_desktop.providers.limits import MIB, Limits
from cort_desktop.providers.sse import EventTooLargeError, ServerEvent, SseDecoder


def reference(stream: bytes) -> list[tuple[str, str]]:
    """WHATWG HTML 9.2.6, on the whole stream at once; the last event needs whole lines only, as with us."""
    text = stream.removeprefix(b"\xef\xbb\xbf").decode(errors="replace")
    *lines, rest = re.split("\r\n|\n|\r", text)
    found, name, data = [], "", ""
    for line in [*lines, *([""] if not rest else [])]:
        if not line:
            if data:
                found.append((name, data[:-1]))
            name, data = "", ""
            continue
        if line.startswith(":"):
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data += value + "\n"
    return found


def decode(pieces: list[bytes], limits: Limits | None = None) -> list[tuple[str, str]]:
    decoder = SseDecoder(limits or Limits())
    events: list[ServerEvent] = []
    for piece in pieces:
        events += decoder.feed(piece)
    return [(event.name, event.data) for event in [*events, *decoder.close()]]


FRAGMENTS = [
    b"data: ", b"data:", b"data", b"event: error", b"event:", b"id: 1\x00", b"retry: 10", b": comment",
    b"\n", b"\r", b"\r\n", b"\n\n", b"\r\n\r\n", b"\xef\xbb\xbf", b" ", b"\xff", b"\xe2\x80", b"\x00",
    b":", b"x: y", '{"a":"é😀"}'.encode(), " \x85\x0b".encode(),
]  # fmt: skip


@pytest.mark.reliability(19)
@settings(deadline=None)
@given(
    st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=6), max_size=40).map(b"".join),
    st.lists(st.integers(0, 300), max_size=30),
)
@example(b"data: a\r\ndata: b\r\n\r\n", [8])
@example(b"data:  two blanks \n\n", [])
@example(b"data: a\r\r\ndata: b\n\n", list(range(30)))
@example(b"\xef\xbb\xbfdata: first\n\n", [1, 2, 3])
def test_row_19_any_cutting_gives_the_events_of_the_reference_parser(stream: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    pieces = [stream[start:end] for start, end in pairwise(edges)]
    expected = reference(stream)
    assert decode(pieces) == expected
    assert decode([stream]) == expected
    assert decode([bytes([one]) for one in stream]) == expected


@pytest.mark.reliability(19)
def test_row_19_the_first_event_survives_a_byte_order_mark() -> None:
    assert decode([b"\xef\xbb", b"\xbfdata: first\n\n"]) == [("", "first")]


@pytest.mark.reliability(20)
def test_row_20_only_cr_and_lf_end_a_line() -> None:
    text = "a\u2028b\u2029c\x85d\x0be\x0cf\x1cg"
    assert decode([f"data: {text}\n\n".encode()]) == [("", text)]


@pytest.mark.reliability(21)
def test_row_21_bytes_that_are_no_text_are_replaced_and_told() -> None:
    decoder = SseDecoder(Limits())
    assert decoder.feed(b"data: a\xffb\n\n") == [ServerEvent(name="", data="a�b")]
    assert decoder.replaced


@pytest.mark.reliability(18)
def test_row_18_an_unfinished_line_at_the_end_is_no_event() -> None:
    assert decode([b"data: whole\n\ndata: cut i"]) == [("", "whole")]


def test_a_whole_last_line_counts_without_its_blank_line() -> None:
    assert decode([b"data: [DONE]\n"]) == [("", "[DONE]")]


@pytest.mark.reliability(23)
@pytest.mark.parametrize(
    "stream",
    [
        pytest.param([b"data: " + b"x" * MIB + b"\n"], id="line"),
        pytest.param([b"data: ", *[b"x" * 1000] * 1100], id="line in pieces"),
        pytest.param([b"data: " + b"x" * 1000 + b"\n"] * 2200, id="event"),
        pytest.param([b":" + b"x" * MIB + b"\n"], id="comment"),
    ],
)
def test_row_23_what_is_too_large_is_refused(stream: list[bytes]) -> None:
    with pytest.raises(EventTooLargeError, match="more than"):
        decode(stream)


@pytest.mark.reliability(23)
def test_row_23_the_number_of_events_is_bounded() -> None:
    with pytest.raises(EventTooLargeError, match="1000 events"):
        decode([b"data: x\n\n" * 100] * 11, Limits(events=1000))


def test_a_line_of_a_mebibyte_in_single_bytes_takes_linear_time() -> None:
    decoder = SseDecoder(Limits())
    for _ in range(MIB - 100):
        decoder.feed(b"x")
    assert len(decoder._rest) == MIB - 100
