"""Some lines at the bottom of a terminal that change in place; only what changed is written: no flicker.

It knows nothing of runs. What else writes to the terminal meanwhile must say so with ``forget``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

_BEGIN, _END = "\x1b[?2026h", "\x1b[?2026l"
"""Synchronised update: what comes in between is shown at once; terminals that don't know it ignore it."""
_HIDE, _SHOW = "\x1b[?25l", "\x1b[?25h"
_ERASE_LINE, _ERASE_BELOW = "\x1b[K", "\x1b[J"
RESTORE = _END + _SHOW
"""What makes a terminal usable again, whatever was written before."""


class LiveArea:
    """Paints lists of lines over one another. The cursor rests at the start of the line below the area."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._lines: list[str] = []
        self._widths: list[int] = []
        self._columns = 0
        self._is_open = False
        self._is_torn = False

    def paint(self, lines: Sequence[str], widths: Sequence[int], columns: int) -> None:
        """Show ``lines`` in place of the last ones. widths: the cells each takes; columns: the terminal's."""
        if columns != self._columns:
            self._reflow(columns)
        if list(lines) == self._lines and not self._is_torn:
            return
        out = [_BEGIN, "" if self._is_open else _HIDE, self._up(len(self._lines))]
        for at, line in enumerate(lines):
            is_same = not self._is_torn and at < len(self._lines) and self._lines[at] == line
            out.append("\n" if is_same else f"\r{line}{_ERASE_LINE}\r\n")
        is_dirty = self._is_torn or len(lines) < len(self._lines)
        out += [_ERASE_BELOW if is_dirty else "", _END]
        self._write("".join(out))
        self._lines, self._widths = list(lines), list(widths)
        self._is_open, self._is_torn = True, False

    def forget(self) -> None:
        """Something else may have written over the area: paint all of it the next time."""
        self._is_torn = True

    def clear(self) -> None:
        """Take the area away and give the cursor back."""
        if self._is_open:
            self._write(f"{_BEGIN}{self._up(len(self._lines))}\r{_ERASE_BELOW}{_SHOW}{_END}")
        self._lines, self._widths, self._is_open = [], [], False

    def _reflow(self, columns: int) -> None:
        """After a resize the terminal may have folded our lines: start over above the first of them."""
        if self._is_open and self._lines:
            rows = sum(max(1, -(-width // columns)) for width in self._widths)
            self._write(f"{_BEGIN}{self._up(rows)}\r{_ERASE_BELOW}{_END}")
            self._lines, self._widths = [], []
        self._columns = columns

    @staticmethod
    def _up(rows: int) -> str:
        return f"\x1b[{rows}A\r" if rows else ""
