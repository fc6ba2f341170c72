"""Earlier turns are found by the words they share with a question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.engine.retrieval import relevant_turns

TURNS = [
    "How do I bake bread?\nMix flour, water, salt and yeast, and wait.",
    "Which database should we take?\nPostgreSQL, because the indexes fit and migrations are easy.",
    "And what is the weather like?\nSunny.",
    "How long does the dough rest?\nTwo hours for the dough, the bread then cools.",
    "What is the name of my cat?\nYour cat is called Miso.",
    "Wie heißt die Hauptstadt von Österreich?\nSie heißt Wien.",
    "東京の天気はどうですか\n晴れです。",
]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Is one database index enough?", (2,)),  # “index” finds “indexes”
        ("Why did the BREAD not rise?", (1, 4)),
        ("Remind me of the cat's name.", (5,)),
        ("Wie viele Menschen wohnen in Österreichs Hauptstadt?", (6,)),
        ("明日の天気は", (7,)),
        ("!!! ???", ()),
        ("zzz qqq", ()),
    ],
)
def test_the_turns_that_share_telling_words_are_found(question: str, expected: tuple[int, ...]) -> None:
    assert relevant_turns(TURNS, question, 3)[: len(expected) or 3] == expected


def test_words_in_most_turns_tell_nothing() -> None:
    turns = [f"The report number {word}" for word in ("alpha", "beta", "gamma", "delta")]
    assert relevant_turns(turns, "the report on gamma", 4) == (3,)


def test_none_are_looked_for_where_none_are_wanted() -> None:
    assert relevant_turns(TURNS, "bread", 0) == ()
    assert relevant_turns([], "bread", 4) == ()


@given(st.lists(st.text(max_size=60), max_size=12), st.text(max_size=60), st.integers(0, 5))
def test_any_text_is_searched(turns: list[str], question: str, most: int) -> None:
    found = relevant_turns(turns, question, most)
    assert len(found) <= most
    assert len(set(found)) == len(found)
    assert all(1 <= number <= len(turns) for number in found)
    assert relevant_turns(turns, question, most) == found
