"""Foreign text made harmless to show: what a model or a service wrote must not steer the screen.

Nothing is dropped: what could act on a terminal or turn the direction of a line is shown by a visible name.
Only for what is shown; what is stored, copied or piped stays as it is.
"""

from __future__ import annotations

import re

ACTING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 (but tab and newline), DEL and C1: escape sequences begin here
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction marks, overrides and isolates
    "\ufeff\U000e0000-\U000e007f"  # a zero-width mark and the invisible tag letters
    "\ud800-\udfff]"  # half a character
)
"""Characters that act instead of being seen."""
_NEWLINES = re.compile("\r\n|[\u2028\u2029]")
_PICTURES = 0x2400
_SPACE = 0x20


def neutral(text: str) -> str:
    """``text`` with every character that could act replaced by a visible name; newlines and tabs stay."""
    return ACTING.sub(_name, _NEWLINES.sub("\n", text))


def one_line(text: str) -> str:
    """``neutral`` text on one line, with runs of blanks folded."""
    return " ".join(neutral(text).split())


def _name(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < _SPACE:
        return chr(_PICTURES + code)
    return f"<U+{code:04X}>"
