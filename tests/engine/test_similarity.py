"""How alike texts are: the quick way over a whole archive says what looking at each pair says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.engine.similarity import grams, jaccard, nearest

TEXT = st.text(alphabet="ab c", max_size=24)


@given(st.lists(TEXT, max_size=4), st.lists(TEXT, max_size=4))
def test_nearest_is_the_best_of_all_pairs(texts: list[str], others: list[str]) -> None:
    each = [max((jaccard(grams(a), grams(b)) for b in others), default=0.0) for a in texts]
    assert nearest(texts, others) == each


@given(TEXT, TEXT)
def test_jaccard_is_shared_over_all(one: str, other: str) -> None:
    a, b = grams(one), grams(other)
    assert jaccard(a, b) == (len(a & b) / len(a | b) if a | b else 1.0)
    assert jaccard(a, a) == 1.0
