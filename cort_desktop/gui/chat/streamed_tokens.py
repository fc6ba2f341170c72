"""About how many tokens the calls in flight have written, until their model tells what it was.

The program's own estimate, for a figure marked “~”. A text that grows is not counted anew each time: what is
there stays counted, block by block.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cort_desktop.domain.ids import NodeName
from cort_desktop.gui.run_feed import RunFeed

BLOCK = 2_000
"""Characters that are counted once and for all."""


@dataclass(slots=True)
class _Counted:
    """``tokens`` of the first ``characters`` of a text."""

    characters: int = 0
    tokens: int = 0


class StreamedTokens:
    """Counts with ``count``, which takes a text and returns tokens."""

    def __init__(self, count: Callable[[str], int]) -> None:
        self._count = count
        self._run: str | None = None
        self._counted: dict[tuple[NodeName, bool], _Counted] = {}

    def of(self, feed: RunFeed) -> int:
        """Tokens, answers and reasoning, of all calls of the run that are in flight now."""
        if feed.run != self._run:
            self._run = feed.run
            self._counted.clear()
        at_work = [name for name in feed.texts if name in feed.state.running]
        for gone in [key for key in self._counted if key[0] not in at_work]:
            del self._counted[gone]
        total = 0
        for name in at_work:
            streamed = feed.texts[name]
            total += self._grown((name, True), streamed.answer)
            total += self._grown((name, False), streamed.reasoning)
        return total

    def _grown(self, key: tuple[NodeName, bool], text: str) -> int:
        known = self._counted.setdefault(key, _Counted())
        if len(text) < known.characters:  # it was begun anew
            known = self._counted[key] = _Counted()
        while len(text) - known.characters >= BLOCK:
            end = known.characters + BLOCK
            known.tokens += self._count(text[known.characters : end])
            known.characters = end
        rest = text[known.characters :]
        return known.tokens + (self._count(rest) if rest else 0)
