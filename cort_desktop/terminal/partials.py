"""What is left of an answer that never became one: the longest text of a call that was cut or broke off.

A partial text is no candidate (CONTRACT 3); it is shown only where a run has no answer at all.
"""

from __future__ import annotations

from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import ANSWER_ROLES
from cort_desktop.telling import figures
from cort_desktop.telling.safe import neutral

_MOST_LINES = 20
_MOST_CHARACTERS = 100_000
"""Folding more than this takes too long for lines that are mostly left out."""
_INDENT = "  "


def partial_lines(state: RunState, *, width: int, ellipsis: str = "…") -> list[str]:
    """The beginning of the longest partial text, folded to ``width`` cells; nothing beside an answer."""
    node = _longest(state)
    if node is None:
        return []
    from rich.text import Text

    from cort_desktop.terminal.tree import fold_text

    text = neutral(node.text.strip())
    room = max(1, width - len(_INDENT))
    folded = [
        line.plain.rstrip()
        for part in text[:_MOST_CHARACTERS].replace("\t", "    ").split("\n")
        for line in fold_text(Text(part), room) or [Text()]
    ]
    hidden = len(folded) - _MOST_LINES
    lines = [f"{node.name}, interrupted:", *(f"{_INDENT}{line}".rstrip() for line in folded[:_MOST_LINES])]
    if hidden > 0:
        least = "at least " if len(text) > _MOST_CHARACTERS else ""
        lines.append(f"{_INDENT}{ellipsis} and {least}{figures.count(hidden, 'more line')}")
    return lines


def _longest(state: RunState) -> Node | None:
    if state.answer_node is not None:
        return None
    broken = [
        node
        for node in state.nodes.values()
        if node.status in ("failed", "cancelled") and node.role in ANSWER_ROLES and node.text.strip()
    ]
    return max(broken, key=lambda node: len(node.text), default=None)
