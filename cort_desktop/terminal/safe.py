"""Foreign text made harmless for a terminal: what a model or a service wrote must not steer the screen.

Only for what goes to a terminal. A pipe gets the text as it is. Nothing is dropped: what could act is shown.
"""

from __future__ import annotations

import re

_NEWLINES = re.compile("\r\n|[\u2028\u2029]")
_ACTING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 (but tab and newline), DEL and C1: escape sequences begin here
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction marks, overrides and isolates
    "\ufeff\U000e0000-\U000e007f"  # a zero-width mark and the invisible tag letters
    "\ud800-\udfff]"  # half a character
)
_PICTURES = 0x2400
_SPACE = 0x20


def neutral(text: str) -> str:
    """``text`` with every character that could act on a terminal replaced by a visible name."""
    return _ACTING.sub(_name, _NEWLINES.sub("\n", text))


def one_line(text: str) -> str:
    """``neutral`` text on one line, with runs of blanks folded."""
    return " ".join(neutral(text).split())


def neutral_json(line: str) -> str:
    """A line of JSON that means the same and holds no character that could act on a terminal."""
    return _ACTING.sub(lambda found: _escape(found[0]), line)


def _name(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < _SPACE:
        return chr(_PICTURES + code)
    return f"<U+{code:04X}>"


def _escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
