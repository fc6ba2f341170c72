"""How alike two texts are: Jaccard's index over 5-grams of characters (ENGINE 5).

Texts are folded by NFKC, runs of blanks become one; letter case counts, for in code it does.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence

GRAM = 5
ALIKE = 0.85
"""Above this, two answers say the same in almost the same words."""


def grams(text: str) -> frozenset[str]:
    """The 5-grams of a text; of a shorter one the text itself; of an empty one nothing."""
    folded = " ".join(unicodedata.normalize("NFKC", text).split())
    if len(folded) <= GRAM:
        return frozenset([folded] if folded else [])
    return frozenset(folded[i : i + GRAM] for i in range(len(folded) - GRAM + 1))


def jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    """Shared over all, 0 to 1; two empty texts are alike."""
    return _shared(len(a & b), a, b)


def nearest(texts: Sequence[str], others: Sequence[str]) -> list[float]:
    """How alike each of ``texts`` is to the most alike of ``others``; 0 without others.

    Each of the others is looked at once, and only what it has in common with some text is counted.
    """
    own = [grams(text) for text in texts]
    having: defaultdict[str, list[int]] = defaultdict(list)
    for place, its in enumerate(own):
        for gram in its:
            having[gram].append(place)
    found = [0.0] * len(texts)
    for other in map(grams, others):
        common = Counter(place for gram in other if gram in having for place in having[gram])
        found = [max(best, _shared(common[at], own[at], other)) for at, best in enumerate(found)]
    return found


def _shared(count: int, a: frozenset[str], b: frozenset[str]) -> float:
    every = len(a) + len(b) - count
    return count / every if every else 1.0
