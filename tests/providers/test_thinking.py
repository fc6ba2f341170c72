"""Thoughts at the beginning of an answer, told apart however the text is cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cort_desktop.providers.thinking import ThinkSplitter


def split(pieces: list[str]) -> tuple[str, str]:
    splitter = ThinkSplitter()
    found = [one for piece in pieces for one in splitter.feed(piece)] + splitter.close()
    return tuple(
        "".join(text for channel, text in found if channel == wanted) for wanted in ("reasoning", "answer")
    )  # type: ignore[return-value]


CASES = [
    ("<think>hm</think>\n\nyes", "hm", "yes"),
    ("\n <think>hm</think>yes", "hm", "yes"),
    ("<think></think>yes", "", "yes"),
    ("<think>never closed", "never closed", ""),
    ("<think>a</thin", "a</thin", ""),
    ("<think>a</thi b</think>c", "a</thi b", "c"),
    ("plain", "", "plain"),
    ("the tag <think>x</think> in HTML", "", "the tag <think>x</think> in HTML"),
    ("<thinking>no", "", "<thinking>no"),
    ("<thi", "", "<thi"),
    ("  \n", "", "  \n"),
    ("<think>a</think><think>b</think>", "a", "<think>b</think>"),
    ("", "", ""),
    ("<thought>hm</thought>yes", "hm", "yes"),
    ("<thought>a</think>b</thought>c", "a</think>b", "c"),
    ("<thou", "", "<thou"),
]


@pytest.mark.parametrize(("text", "reasoning", "answer"), CASES)
def test_whole(text: str, reasoning: str, answer: str) -> None:
    assert split([text]) == (reasoning, answer)


@settings(deadline=None)
@given(st.sampled_from(CASES), st.lists(st.integers(0, 40)))
def test_any_cutting_gives_the_same(case: tuple[str, str, str], cuts: list[int]) -> None:
    text, reasoning, answer = case
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    assert split([text[a:b] for a, b in pairwise(edges)]) == (reasoning, answer)


def test_plain_text_is_not_held_back() -> None:
    splitter = ThinkSplitter()
    assert splitter.feed("Hi") == [("answer", "Hi")]
    assert splitter.feed("<think>") == [("answer", "<think>")]
