"""JSON and text from strangers: bounded work, whole characters."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cort_desktop.providers.limits import Limits
from cort_desktop.providers.payload import CharacterJoiner, JsonReader, PayloadError, whole_characters

READER = JsonReader(Limits())


@pytest.mark.reliability(22)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 100_000 + "]" * 100_000, id="arrays"),
        pytest.param('{"a":' * 100_000 + "1" + "}" * 100_000, id="objects"),
        pytest.param('{"n": ' + "9" * 5000 + "}", id="number"),
        pytest.param('{"a": 1, "a": 2}', id="keys"),
        pytest.param('{"a": {"b": 1, "b": 1}}', id="inner keys"),
        pytest.param('"' + '\\"' * 400_000 + "[" * 300, id="quotes"),
        pytest.param("[" * 250 + '"' * 500_001, id="open string"),
        pytest.param("{", id="cut"),
        pytest.param("", id="empty"),
    ],
)
def test_row_22_hostile_json_is_refused_with_bounded_work(text: str) -> None:
    started = time.process_time()
    with pytest.raises(PayloadError):
        READER.read(text)
    # Quadratic or recursive work would take minutes here; the bound is wide so that no busy machine fails it.
    assert time.process_time() - started < 5


@pytest.mark.reliability(22)
def test_row_22_brackets_inside_strings_are_no_depth() -> None:
    text = "[" * 5000 + '\\"{' * 100
    assert READER.read(json.dumps({"a": text})) == {"a": text}
    assert READER.read("[" * 200 + "]" * 200)


@pytest.mark.reliability(21)
def test_row_21_nan_and_infinity_read_as_nothing() -> None:
    assert READER.read('{"a": NaN, "b": [Infinity, -Infinity], "c": "x"}') == {
        "a": None,
        "b": [None, None],
        "c": "x",
    }


@pytest.mark.reliability(21)
@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("\ud83d", "�"),
        ("\ude00x", "�x"),
        ("\ud83d\ude00", "😀"),
        ("a\ud83d\ud83d\ude00b\ude00", "a�😀b�"),
        ("nul\0", "nul�"),
        ("plain é 😀", "plain é 😀"),
    ],
)
def test_row_21_what_is_no_character_is_replaced(text: str, whole: str) -> None:
    assert whole_characters(text) == whole
    whole.encode()


@pytest.mark.reliability(21)
@settings(deadline=None)
@given(st.lists(st.text(st.characters(codec=None), max_size=4), max_size=8))
def test_row_21_pieces_join_to_the_same_text_as_the_whole(pieces: list[str]) -> None:
    joiner = CharacterJoiner()
    given_out = [joiner.feed(piece) for piece in pieces]
    for piece in given_out:
        piece.encode()
    assert "".join(given_out) + joiner.close() == whole_characters("".join(pieces))


@pytest.mark.reliability(21)
def test_row_21_a_pair_cut_over_pieces_is_joined_and_counts_as_sound() -> None:
    joiner = CharacterJoiner()
    assert [joiner.feed("a\ud83d"), joiner.feed("\ude00b")] == ["a", "😀b"]
    assert joiner.close() == ""
    assert not joiner.replaced


@pytest.mark.reliability(21)
def test_row_21_a_half_at_the_end_is_told() -> None:
    joiner = CharacterJoiner()
    assert joiner.feed("a\ud83d") == "a"
    assert joiner.close() == "�"
    assert joiner.replaced
