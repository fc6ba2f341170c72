from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.storage.search_words import AROUND, Term, excerpt, indexable, match_expression, parse


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


@given(st.text(), st.text())
def test_any_text_and_any_query_are_fine(text: str, query: str) -> None:
    terms = parse(query)
    assert "\0" not in indexable(text)
    assert "\n" not in excerpt(text, terms)
    assert match_expression(terms).count('"') == 2 * len(terms)
