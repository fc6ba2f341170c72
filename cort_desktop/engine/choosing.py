"""Which turns of a long conversation are sent where not all of them fit. Pure numbers; no text is looked at.

In this order, as far as there is room: pinned turns (the newest first), the summary, the newest turns without
a gap, turns that have to do with the question (the nearest first), further new turns. A quarter of the room
is kept for the turns that matter, so that a long last hour does not push out what was said about this very
thing before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

RECENT_SHARE = 0.75
"""How much of what pins and summary leave the newest turns may take before those that matter come."""
SUMMARY_SHARE = 0.5
"""A summary that would take more than this of the room is not worth it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Numbers of turns from 1, ascending. ``used`` is their tokens with those of the summary and the note."""

    pinned: tuple[int, ...] = ()
    retrieved: tuple[int, ...] = ()
    recent: tuple[int, ...] = ()
    has_summary: bool = False
    used: int = 0
    is_whole: bool = False

    @property
    def numbers(self) -> tuple[int, ...]:
        """All that are sent word for word, in the order they were said."""
        return tuple(sorted({*self.pinned, *self.retrieved, *self.recent}))


def choose(
    costs: Sequence[int],
    *,
    room: int,
    pinned: Sequence[int] = (),
    relevant: Sequence[int] = (),
    summary_cost: int | None = None,
    note_cost: int = 0,
) -> Chosen:
    """What fits into ``room`` tokens of turns that cost so much each.

    pinned: numbers of turns. relevant: likewise, the most useful first. summary_cost: None without one.
    note_cost: of the word that says that something is missing.
    """
    whole = sum(costs)
    if whole <= room:
        kept = tuple(sorted({number for number in pinned if 1 <= number <= len(costs)}))
        recent = tuple(number for number in range(1, len(costs) + 1) if number not in kept)
        return Chosen(pinned=kept, recent=recent, used=whole, is_whole=True)
    left = room - note_cost
    if left <= 0:
        return Chosen()
    taking = _Taking(costs, left)
    for number in sorted({n for n in pinned if 1 <= n <= len(costs)}, reverse=True):
        taking.take(number, "pinned")
    has_summary = summary_cost is not None and summary_cost <= taking.left * SUMMARY_SHARE
    if has_summary and summary_cost is not None:
        taking.left -= summary_cost
    taking.go_back(taking.left if not relevant else int(taking.left * RECENT_SHARE))
    for number in relevant:
        if 1 <= number <= len(costs):
            taking.take(number, "retrieved")
    taking.go_back(taking.left)
    if not taking.kind and not has_summary:
        return Chosen()
    return Chosen(
        pinned=taking.of("pinned"),
        retrieved=taking.of("retrieved"),
        recent=taking.of("recent"),
        has_summary=has_summary,
        used=room - taking.left,
    )


class _Taking:
    """What was taken so far, and the room that is left."""

    def __init__(self, costs: Sequence[int], left: int) -> None:
        self.left = left
        self.kind: dict[int, str] = {}
        self._costs = costs
        self._next = len(costs)

    def take(self, number: int, kind: str) -> bool:
        """Take a turn if it fits and is not taken yet."""
        cost = self._costs[number - 1]
        if number in self.kind or cost > self.left:
            return False
        self.kind[number] = kind
        self.left -= cost
        return True

    def go_back(self, share: int) -> None:
        """Take the newest turns one after another for at most ``share`` tokens; the very newest may take all
        that is left. Ends at the first that doesn't fit: what comes before a gap is no longer recent.
        """
        while self._next >= 1:
            cost = 0 if self._next in self.kind else self._costs[self._next - 1]
            limit = self.left if self._next == len(self._costs) else share
            if cost > limit:
                return
            if cost:
                self.take(self._next, "recent")
                share -= cost
            self._next -= 1

    def of(self, kind: str) -> tuple[int, ...]:
        return tuple(sorted(number for number, its in self.kind.items() if its == kind))
