"""On which line each key of a TOML text stands; the parsers tell nothing of the kind.

Takes only text that a real parser has accepted, so it checks nothing itself: it steps over values and takes
down where keys and headers begin.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

Path = tuple[str, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r"""(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^"'=\]\n])*""")
_STRING = re.compile(
    r"""
      \"{3} (?:[^\\]|\\.)*? \"{3} \"{0,2}    # the closing quotes may follow up to two that belong to the text
    | '{3} .*? '{3} '{0,2}
    | " (?:[^"\\\n]|\\.)* "
    | ' [^'\n]* '
    """,
    re.DOTALL | re.VERBOSE,
)
_SCALAR = re.compile(r"[^,\]}#\n]*")


def lines_of(text: str) -> Mapping[Path, int]:
    """The line, from 1, of every key and table header, by its path. Of a key written twice, the first."""
    return _Scan(text).lines


def line_in(lines: Mapping[Path, int], path: Path) -> int | None:
    """The line of a key, or of the innermost table around it that was written."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


class _Scan:
    """One walk over one text."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {}
        self._text = text
        self._at = 0
        self._breaks = [found.start() for found in re.finditer("\n", text)]
        table: Path = ()
        while self._next() < len(text):
            table = self._header() if text[self._at] == "[" else self._pair_in(table)

    def _next(self) -> int:
        """Step over blanks and comments."""
        self._at = self._end(_BLANK)
        return self._at

    def _end(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self._text, self._at)
        return found.end() if found else self._at + 1

    def _key(self) -> Path:
        """Read a key, dotted or quoted, up to its ``=`` or ``]``."""
        end = self._end(_KEY)
        key, self._at = self._text[self._at : end].strip(), end
        parts: list[str] = []
        inner: Any = tomllib.loads(f"{key} = 0")
        while isinstance(inner, dict):
            (part,) = inner
            parts.append(part)
            inner = inner[part]
        return tuple(parts)

    def _note(self, path: Path, start: int) -> None:
        line = bisect_right(self._breaks, start - 1) + 1
        for length in range(1, len(path) + 1):
            self.lines.setdefault(path[:length], line)

    def _header(self) -> Path:
        start = self._at
        self._at += 2 if self._text.startswith("[[", self._at) else 1
        path = self._key()
        self._at += 2 if self._text.startswith("]]", self._at) else 1
        self._note(path, start)
        return path

    def _pair_in(self, table: Path) -> Path:
        start = self._at
        path = (*table, *self._key())
        self._note(path, start)
        self._at += 1
        self._value(path)
        return table

    def _value(self, path: Path) -> None:
        self._next()
        first = self._text[self._at]
        if first in "\"'":
            self._at = self._end(_STRING)
        elif first in "[{":
            self._inside(path, "]" if first == "[" else "}")
        else:
            self._at = self._end(_SCALAR)

    def _inside(self, path: Path, closing: str) -> None:
        """Step over an array's values or an inline table's pairs."""
        self._at += 1
        while self._text[self._next()] != closing:
            if self._text[self._at] == ",":
                self._at += 1
            elif closing == "]":
                self._value(path)
            else:
                self._pair_in(path)
        self._at += 1
