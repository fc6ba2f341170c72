"""What a strategy is called among people; its name in files and options is another matter."""

from __future__ import annotations

_OWN_NAMES = {"ab_mcts": "AB-MCTS"}
"""Names that are spelled otherwise than their words."""


def strategy_words(name: str) -> str:
    """``best of n``, ``AB-MCTS``."""
    return _OWN_NAMES.get(name, name.replace("_", " "))
