"""Finding words in a text: where they are, before and after its parts are built. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

MOST = 5000


class Match(NamedTuple):
    """A place: the slot, and the letters in its words."""

    slot: int
    start: int
    end: int


def matches(query: str, texts: Iterable[str]) -> list[Match]:
    """Every place of ``query``, in any letter case; blanks in it match any blanks. At most ``MOST``."""
    pieces = query.split()
    if not pieces:
        return []
    pattern = re.compile(r"\s+".join(map(re.escape, pieces)), re.IGNORECASE)
    found: list[Match] = []
    for slot, text in enumerate(texts):
        for each in pattern.finditer(text):
            found.append(Match(slot, each.start(), each.end()))
            if len(found) == MOST:
                return found
    return found
