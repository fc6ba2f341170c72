"""Chunks of an answer folded into text, thoughts, usage and an end."""

from __future__ import annotations

from typing import Any

import pytest

from cort_desktop.domain.budget import Usage
from cort_desktop.providers.answer_text import AnswerTooLargeError, ErrorInAnswerError, LoopingError
from cort_desktop.providers.chat_stream import ChatStream
from cort_desktop.providers.chat_usage import read_usage
from cort_desktop.providers.limits import Limits
from tests.fakes.replies import piece


def fold(*chunks: Any, limits: Limits | None = None) -> ChatStream:
    shown: list[tuple[str, str]] = []
    stream = ChatStream(lambda channel, text: shown.append((channel, text)), limits or Limits())
    for chunk in chunks:
        stream.take(chunk)
    stream.close()
    assert "".join(text for channel, text in shown if channel == "answer") == stream.answer
    assert "".join(text for channel, text in shown if channel == "reasoning") == stream.reasoning
    return stream


def said(**delta: Any) -> dict[str, Any]:
    return {"choices": [{"delta": delta}]}


@pytest.mark.parametrize(
    ("chunk", "reasoning", "answer"),
    [
        (said(content="a"), "", "a"),
        (said(reasoning_content="r"), "r", ""),
        (said(reasoning="r"), "r", ""),
        (said(reasoning_content="r", reasoning="r", content="a"), "r", "a"),
        (said(refusal="I can't"), "", "I can't"),
        (said(content=[{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]), "", "ab"),
        (
            said(content=[{"type": "thinking", "thinking": [{"type": "text", "text": "r"}]}, {"text": "a"}]),
            "r",
            "a",
        ),
        ({"choices": [{"message": {"content": "a"}}]}, "", "a"),
        (
            {"choices": [{"index": 1, "delta": {"content": "b"}}, {"index": 0, "delta": {"content": "a"}}]},
            "",
            "a",
        ),
        ({"choices": [{"index": 1, "delta": {"content": "b"}}]}, "", ""),
        (said(role="assistant"), "", ""),
        (said(content=None), "", ""),
        (said(content=5), "", ""),
        ({"choices": []}, "", ""),
        ({"choices": None}, "", ""),
        ({"choices": [None, 3]}, "", ""),
        ({"choices": [{"delta": "text"}]}, "", ""),
        ([], "", ""),
        ("text", "", ""),
        (None, "", ""),
        ({"error": None, **said(content="a")}, "", "a"),
    ],
)
def test_text_in_every_shape_servers_use(chunk: Any, reasoning: str, answer: str) -> None:
    stream = fold(chunk)
    assert (stream.reasoning, stream.answer) == (reasoning, answer)


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("max_tokens", "length"),
        ("content_filter", "filter"),
        ("tool_calls", "stop"),
        ("whatever", "stop"),
        (None, None),
        ("", None),
        (7, None),
    ],
)
def test_reasons_to_finish(reason: Any, finish: str | None) -> None:
    assert fold({"choices": [{"delta": {}, "finish_reason": reason}]}).finish == finish


@pytest.mark.reliability(37)
@pytest.mark.parametrize(
    ("told", "usage"),
    [
        ({"prompt_tokens": 5, "completion_tokens": 7}, Usage(input=5, output=7)),
        (
            {
                "prompt_tokens": 50,
                "completion_tokens": 9,
                "prompt_tokens_details": {"cached_tokens": 40},
                "completion_tokens_details": {"reasoning_tokens": 4},
            },
            Usage(input=50, cached_input=40, output=9, reasoning=4),
        ),
        (
            {
                "prompt_tokens": 5,
                "completion_tokens": 7,
                "prompt_tokens_details": {"cached_tokens": -3},
                "completion_tokens_details": None,
            },
            Usage(input=5, output=7),
        ),
        (
            {
                "prompt_tokens": 5,
                "completion_tokens": 7,
                "prompt_tokens_details": {"cached_tokens": 99},
                "completion_tokens_details": {"reasoning_tokens": 99},
            },
            Usage(input=5, cached_input=5, output=7, reasoning=7),
        ),
        ({}, None),
        ({"prompt_tokens": None, "completion_tokens": 7}, None),
        ({"prompt_tokens": 5, "completion_tokens": -7}, None),
        ({"prompt_tokens": "5", "completion_tokens": 7}, None),
        ({"prompt_tokens": 5.5, "completion_tokens": 7}, None),
        ({"prompt_tokens": True, "completion_tokens": 7}, None),
        ({"prompt_tokens": 0, "completion_tokens": 0}, None),
        ({"prompt_tokens": 10**30, "completion_tokens": 0}, None),
    ],
)
def test_row_37_nonsense_in_usage_is_unknown_never_zero(told: dict[str, Any], usage: Usage | None) -> None:
    assert read_usage(told) == usage
    assert fold({"choices": [], "usage": told}).usage == usage


@pytest.mark.reliability(37)
@pytest.mark.parametrize(
    ("cost", "micro"),
    [
        (0.0000125, 12),
        (0.0000135, 14),
        (1, 1_000_000),
        (0, 0),
        (None, None),
        (-0.1, None),
        ("0.1", None),
        (True, None),
        (float("nan"), None),
        (1e300, None),
    ],
)
def test_row_37_cost_is_what_was_billed_or_unknown(cost: Any, micro: int | None) -> None:
    chunk = {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1, "cost": cost}}
    assert fold(chunk).cost_microusd == micro


def test_usage_null_in_between_does_not_hide_what_was_told() -> None:
    told = {"prompt_tokens": 5, "completion_tokens": 7}
    assert fold({"usage": told}, {"usage": None}, {"usage": {}}).usage == Usage(input=5, output=7)


@pytest.mark.reliability(12)
@pytest.mark.parametrize(
    "chunk",
    [
        {"error": {"message": "m"}},
        {"error": "m"},
        {"object": "error", "message": "m"},
        {"type": "error", "error": {"message": "m"}},
        {"choices": [{"delta": {"content": ""}, "finish_reason": "error"}]},
    ],
)
def test_row_12_errors_in_every_shape(chunk: dict[str, Any]) -> None:
    with pytest.raises(ErrorInAnswerError):
        fold(chunk)


@pytest.mark.reliability(26)
def test_row_26_a_hundred_equal_chunks_are_a_loop_and_ninety_nine_are_not() -> None:
    assert fold(*[piece("x")] * 99, piece("y"), *[piece("x")] * 99).answer == "x" * 99 + "y" + "x" * 99
    with pytest.raises(LoopingError):
        fold(*[piece("x")] * 100)
    with pytest.raises(LoopingError):
        fold(*[piece(reasoning="hm")] * 100)


@pytest.mark.reliability(23)
def test_row_23_text_up_to_the_limit_is_kept() -> None:
    shown: list[str] = []
    stream = ChatStream(lambda _, text: shown.append(text), Limits(answer_bytes=10))
    stream.take(piece("12345"))
    with pytest.raises(AnswerTooLargeError, match="10 bytes"):
        stream.take(piece("678éé"))
    assert stream.answer == "12345678é"
    assert "".join(shown) == stream.answer


@pytest.mark.reliability(21)
def test_row_21_halves_of_characters_join_over_chunks() -> None:
    stream = fold(piece("a\ud83d"), piece("\ude00b"), piece(reasoning="\ud83d"), piece("c"))
    assert stream.answer == "a😀bc"
    assert stream.reasoning == "�"
    assert stream.replaced


@pytest.mark.reliability(18)
def test_row_18_a_cut_answer_shows_no_half_character_but_every_whole_one() -> None:
    stream = ChatStream(lambda *_: None, Limits())
    stream.take(piece("<thi"))
    stream.cut()
    assert stream.answer == "<thi"
    stream = ChatStream(lambda *_: None, Limits())
    stream.take(piece("ab\ud83d"))
    stream.cut()
    assert stream.answer == "ab"


def test_a_refusal_is_marked() -> None:
    """It stays a candidate like any other, and a person sees that it was a refusal."""
    assert fold(said(refusal="I can't"), piece(finish="stop")).finish == "filter"
    assert fold(said(content="I can"), piece(finish="stop")).finish == "stop"
