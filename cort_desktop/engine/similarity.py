"""How alike two texts are: Jaccard's index over 5-grams of characters (ENGINE 5).

Texts are folded by NFKC, runs of blanks become one; letter case counts, for in code it does.
"""

from __future__ import annotations

import unicodedata
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
    union = len(a | b)
    return len(a & b) / union if union else 1.0


def nearest(text: str, others: Sequence[str]) -> float:
    """How alike a text is to the most alike of ``others``; 0 without others."""
    own = grams(text)
    return max((jaccard(own, grams(other)) for other in others), default=0.0)
