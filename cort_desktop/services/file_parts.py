"""A part of a file, where all of it is too long for a model: “notes.txt#2/5” is the second of five.

The parts are of about equal length, end at the end of a paragraph or a line where one is near, and together
are the whole file, nothing twice and nothing lost. Nobody's file is split unasked: what is too long is
refused with these words.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from cort_desktop.errors import UsageError

MOST_PARTS = 999
_PART = re.compile(r"(?P<file>.+)#(?P<part>\d{1,9})[/\\](?P<count>\d{1,9})", re.DOTALL)
_NEAR_SHARE = 0.2
"""How far from the even place a part may end, in lengths of a part."""
_ENDS = ("\n\n", "\n", ". ", " ")
"""Where a part may end, the better place first."""


def asked_part(path: Path) -> tuple[Path, int, int] | None:
    """(file, part, of how many) where a path names a part; None for a plain file, also for one that is really
    called so. Raises UsageError when there can't be such a part.
    """
    found = _PART.fullmatch(str(path))  # the last slash is no folder's
    if found is None or os.path.lexists(path):  # which is a plain no for a name that can't be
        return None
    part, count = int(found["part"]), int(found["count"])
    if not 1 <= part <= count <= MOST_PARTS:
        raise UsageError(
            f"{path} names no part: write the part and how many there are, as in "
            f"{Path(found['file']).name}#1/3, with at most {MOST_PARTS}."
        )
    return Path(found["file"]), part, count


def part_of(text: str, part: int, count: int) -> str:
    """The ``part``-th of ``count`` parts of a text, from 1; one of a very short text may be empty."""
    return text[_end(text, part - 1, count) : _end(text, part, count)]


def part_name(name: str, part: int, count: int) -> str:
    """How a part is called where files are listed."""
    return f"{name} (part {part} of {count})"


def _end(text: str, part: int, count: int) -> int:
    if part <= 0:
        return 0
    if part >= count:
        return len(text)
    length = len(text) / count
    even = round(part * length)
    first, last = even - int(length * _NEAR_SHARE), even
    for end in _ENDS:
        at = text.rfind(end, first, last)
        if at >= 0:
            return at + len(end)
    return even
