"""Fences around text that is shown to a model as material: it can't end its fence or open another.

In fenced text the ``<`` of ``<candidate``, ``</candidate``, ``<conversation`` and ``</conversation``
becomes ``&lt;``, in any letter case and with blanks after ``<`` or ``/``; every other character stays as it
is (CONTRACT 4).
"""

from __future__ import annotations

import re

# Possessive blanks: each run of them is read once, so the time is linear.
_MARKER = re.compile(r"<(?=\s*+(?:/\s*+)?(?ai:candidate|conversation))")


def escaped(text: str) -> str:
    """The text with the four markers made harmless."""
    return _MARKER.sub("&lt;", text)


def candidate(text: str, label: str | None = None) -> str:
    """A candidate in its fence, with the id judges know it by."""
    opening = "<candidate>" if label is None else f'<candidate id="{label}">'
    return f"{opening}\n{escaped(text)}\n</candidate>"


def conversation(text: str) -> str:
    """A conversation in its fence."""
    return f"<conversation>\n{escaped(text)}\n</conversation>"
