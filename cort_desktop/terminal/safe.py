"""JSON made harmless for a terminal: what a model or a service wrote must not steer the screen.

Only for what goes to a terminal; a pipe gets the text as it is. Text that is no JSON is made harmless by
``telling/safe.py``.
"""

from __future__ import annotations

from cort_desktop.telling.safe import ACTING


def neutral_json(line: str) -> str:
    """A line of JSON that means the same and holds no character that could act on a terminal."""
    return ACTING.sub(lambda found: _escape(found[0]), line)


def _escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
