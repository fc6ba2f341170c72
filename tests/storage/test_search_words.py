from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.storage import search_words
from cort_desktop.storage.search_words import (
    AROUND,
    Term,
    excerpt,
    indexable,
    marks,
    match_expression,
    parse,
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("plain words", "plain words"),
        ("中国人", " 中国 国人 人 "),
        ("中", " 中 "),
        ("GPT模型abc", "GPT 模型 型 abc"),
        ("東京タワー", " 東京 京タ タワ ワー ー "),
        ("a\0b", "a b"),
        ("\U00020000\U00020001", " \U00020000\U00020001 \U00020001 "),
    ],
)
def test_cjk_runs_become_pairs(text: str, words: str) -> None:
    assert indexable(text) == words


@pytest.mark.parametrize(
    ("query", "expression"),
    [
        ("sky", '"sky"*'),
        ("of", '"of"'),
        ("blue sky", '"blue"* "sky"*'),
        ('"blue sky" why', '"blue sky" "why"*'),
        ('"blue sky', '"blue"* "sky"*'),
        ("state-of-the-art", '"state"* "of" "the"* "art"*'),
        ("NEAR(a b) OR col:x*", '"NEAR"* "a" "b" "OR" "col"* "x"'),
        ("中国人", '"中国 国人"'),
        ("中", '"中"*'),
        ("GPT模型", '"GPT"* "模型"'),
        ("", ""),
        ("😀 -- * ^ ()", ""),
        ("\0", ""),
        ('""', ""),
    ],
)
def test_a_query_is_words_and_never_syntax(query: str, expression: str) -> None:
    assert match_expression(parse(query)) == expression


def test_an_excerpt_is_one_line_around_the_first_match() -> None:
    text = "beginning " * 40 + "the\n\nneedle\tis here " + "ending " * 40
    found = excerpt(text, parse("needle"))
    assert "the needle is here" in found
    assert found.startswith("…beginning")
    assert found.endswith("ending…")
    assert len(found) <= 2 * AROUND + len("needle") + 2


@pytest.mark.parametrize(
    ("text", "query", "start"),
    [
        ("Crème brûlée", "brulee", "Crème brûlée"),
        ("x" * 200 + " Cre\u0301me", "creme", "…Cre\u0301me"),
        ("y " * 200 + "ÄRGER", "arger", "…y y"),
        ("z" * 300 + "中国人民", "国人", "…" + "z" * 79 + "中国人民"),
        ("사과 " * 50 + "서울의 밤", "서울", "…사과"),
        ("か " * 100 + "が", "が", "…か か"),
        ("no such word", "absent", "no such word"),
        ("unneeded need " + "x " * 100 + "need", "need", "unneeded need x"),
    ],
)
def test_an_excerpt_finds_what_the_index_finds(text: str, query: str, start: str) -> None:
    assert excerpt(text, parse(query)).startswith(start)


def test_a_short_text_is_shown_whole() -> None:
    assert excerpt("Why is the sky blue?", parse("sky")) == "Why is the sky blue?"
    assert excerpt("", [Term(("sky",))]) == ""


@pytest.mark.parametrize(
    ("line", "query", "marked"),
    [
        ("Why is the sky blue? The sky.", "sky", ["sky", "sky"]),
        ("Why is the sky blue?", "blue why", ["Why", "blue"]),
        ("scattering, unscattered", "scat", ["scat"]),
        ("Crème brûlée", "brulee", ["brûlée"]),
        ("Cre\u0301me", "creme", ["Cre\u0301me"]),
        ("the sky blue", '"the sky" "sky blue"', ["the sky blue"]),
        ("我爱中国人民", "中国 国人", ["中国人"]),
        ("no such word", "absent", []),
        ("", "sky", []),
    ],
)
def test_the_words_that_were_found_are_marked(line: str, query: str, marked: list[str]) -> None:
    assert [line[start:end] for start, end in marks(line, parse(query))] == marked


@pytest.mark.parametrize("gap", [0, 1, 47, 48, 60, 61, 200])
def test_a_long_text_is_looked_through_to_its_end(monkeypatch: pytest.MonkeyPatch, gap: int) -> None:
    """Windows that end in the middle of a word, or of what comes before it."""
    monkeypatch.setattr(search_words, "_WINDOW", 64)
    monkeypatch.setattr(search_words, "_OVERLAP", 16)
    text = f"{'é' * gap} needle {'haystack ' * 40}"
    assert "needle" in excerpt(text, parse("needle"))
    assert "needle" not in excerpt(f"{'x ' * 200}{'é' * gap}éneedle", parse("needle"))  # a word's end


@given(st.text(), st.text())
def test_marks_are_in_order_apart_and_within(line: str, query: str) -> None:
    last = -1
    for start, end in marks(line, parse(query)):
        assert last < start < end <= len(line)
        last = end


@given(st.text(), st.text())
def test_any_text_and_any_query_are_fine(text: str, query: str) -> None:
    terms = parse(query)
    assert "\0" not in indexable(text)
    assert "\n" not in excerpt(text, terms)
    assert match_expression(terms).count('"') == 2 * len(terms)
