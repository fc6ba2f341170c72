"""A run in a few sentences for a terminal: the strip under its answer, and the commands to go on with.

The words themselves are ``telling/summary.py``; which stream they go to is the caller's.
"""

from __future__ import annotations

from typing import Literal

from cort_desktop.domain.run import RunState
from cort_desktop.telling.summary import cost_parts, is_resumable, notes, winner_words
from cort_desktop.terminal.streams import PROGRAM

Hints = Literal["all", "chat", "none"]


def summary(state: RunState, *, hints: Hints = "all", dot: str = "·", star: str = "★") -> list[str]:
    """The strip under an answer: who won, what it took, why it ended, what is missing, how to go on.

    hints: the ways on: commands, what can be typed in a chat, or none where nothing is stored.
    """
    winner = winner_words(state)
    parts = [f"{star} {winner}" if winner else "", *cost_parts(state)]
    lines = [f" {dot} ".join(part for part in parts if part), *notes(state)]
    if hints == "chat" and is_resumable(state):
        lines.append(f"go on with: /resume, or {PROGRAM} resume {state.run}; /retry begins anew")
    elif hints == "all" and is_resumable(state):
        lines.append(way_on(state))
    elif hints == "all":
        lines.append(f"every round of it: {PROGRAM} replay {state.run}")
    return lines


def way_on(state: RunState) -> str:
    """How an unfinished run is gone on with."""
    return f"go on with: {PROGRAM} resume {state.run}"
