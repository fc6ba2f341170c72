"""The word diff: applying it to A gives B, whatever the texts; it reads well; huge texts stay affordable."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.telling import word_diff
from cort_desktop.telling.word_diff import Comparison, compare

WORDS = st.sampled_from(
    ["the", "index", "scan", "Row", ",", ".", " ", "  ", "\n", "\n\n", "索", "引", "é", "don’t", "🙂"]
)
TEXTS = st.one_of(st.lists(WORDS, max_size=60).map("".join), st.text(max_size=80))


def told(comparison: Comparison) -> list[tuple[str, str]]:
    return [(piece.kind, piece.text) for piece in comparison.pieces]


def assert_lawful(old: str, new: str) -> Comparison:
    found = compare(old, new)
    assert "".join(p.text for p in found.pieces if p.kind != "added") == old
    assert "".join(p.text for p in found.pieces if p.kind != "removed") == new
    kinds = [piece.kind for piece in found.pieces]
    assert all(a != b for a, b in pairwise(kinds))
    assert ("added", "removed") not in list(pairwise(kinds))
    assert all(piece.text for piece in found.pieces)
    return found


@given(TEXTS, TEXTS)
def test_applying_the_diff_to_the_old_text_gives_the_new_one(old: str, new: str) -> None:
    assert_lawful(old, new)


@given(TEXTS, TEXTS)
def test_the_law_holds_for_texts_too_long_to_be_compared_at_once(old: str, new: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(word_diff, "MOST_CELLS", 40)
        patch.setattr(word_diff, "_STRETCH", 3)
        assert_lawful(old, new)


@given(TEXTS)
def test_a_text_compared_with_itself_is_all_the_same(text: str) -> None:
    found = compare(text, text)
    assert [piece.kind for piece in found.pieces] == (["same"] if text else [])
    assert found.changes == []


def test_a_replaced_word_is_one_change() -> None:
    found = compare("Add an index on status.", "Add a partial index on status.")
    assert told(found) == [
        ("same", "Add "),
        ("removed", "an"),
        ("added", "a partial"),
        ("same", " index on status."),
    ]
    assert (found.words("removed"), found.words("added"), found.words("same")) == (1, 2, 4)
    assert found.changes == [1]
    assert found.share == pytest.approx(8 / 11)


def test_words_that_stayed_by_chance_in_a_rewritten_sentence_do_not_break_it_up() -> None:
    found = compare(
        "First line.\nThe planner scans the whole big table each time.\nLast line.",
        "First line.\nAn index lets the engine stop after fifty rows.\nLast line.",
    )
    assert told(found) == [
        ("same", "First line.\n"),
        ("removed", "The planner scans the whole big table each time"),
        ("added", "An index lets the engine stop after fifty rows"),
        ("same", ".\nLast line."),
    ]


def test_lines_are_never_joined_by_the_cleaning() -> None:
    found = compare("alpha one\nbeta two\n", "gamma three\ndelta four\n")
    assert ("same", "\n") in told(found)


def test_scripts_without_spaces_are_compared_by_letter() -> None:
    assert told(compare("数据库很慢", "数据表很慢"))[:3] == [
        ("same", "数据"),
        ("removed", "库"),
        ("added", "表"),
    ]
    assert compare("ข้อมูลช้า", "ข้อมูลเร็ว").words("same") > 0


def test_marks_stay_with_their_letters() -> None:
    assert told(compare("हिन्दी भाषा", "हिन्दी बोली")) == [
        ("same", "हिन्दी "),
        ("removed", "भाषा"),
        ("added", "बोली"),
    ]


def test_a_text_against_none_is_all_added() -> None:
    assert told(compare("", "one two")) == [("added", "one two")]
    assert compare("", "").share is None


def test_a_long_text_changed_here_and_there_is_compared_by_stretches_and_words() -> None:
    random.seed(5)
    words = [f"w{random.randrange(4000)}" for _ in range(30_000)]
    changed = list(words)
    places = random.sample(range(30_000), 40)
    for place in places:
        changed[place] = "changed"
    found = assert_lawful(" ".join(words), " ".join(changed))
    assert len(words) * 2 * len(words) * 2 > word_diff.MOST_CELLS
    assert found.words("added") <= 40 * 8
    assert found.share is not None
    assert found.share > 0.98
