"""The close match in a sentence about a wrong word."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``; did you mean X?`` for the known word closest to ``word``, or nothing."""
    from difflib import get_close_matches

    found = get_close_matches(word[:60], list(known), n=1, cutoff=0.6)
    return f"; did you mean {found[0]}?" if found else ""
