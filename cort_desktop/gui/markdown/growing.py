"""The two blocks that may grow for long without being read again: an open fence and a table.

Each is told the whole text and looks only at the lines that are new.
"""

from __future__ import annotations

import re
from dataclasses import replace

from cort_desktop.gui.markdown.blocks import read
from cort_desktop.gui.markdown.constructs import Resume
from cort_desktop.gui.markdown.values import Block, Code, Table

_FENCE = re.compile(r"(`{3,}|~{3,})")
_ANY_TABLE = "| a |\n|---|\n"


class OpenFence:
    """A fence whose end hasn't come. ``start`` is where its first line begins in the text."""

    def __init__(self, text: str, start: int, block: Code) -> None:
        mark = _FENCE.match(text, start)
        marks = mark[1] if mark else "```"
        self._closing = re.compile(rf"^ {{0,3}}{re.escape(marks[0])}{{{len(marks)},}}[ \t]*$", re.MULTILINE)
        self._block = block
        self._content = text.index("\n", start) + 1
        self._seen = self._content

    def grow(self, text: str) -> tuple[tuple[Block, ...], int | None]:
        """The blocks as they are now, and where the text goes on once the fence has ended."""
        found = self._closing.search(text, self._seen)
        end = found.start() if found else len(text)
        code = text[self._content : end].removesuffix("\n")
        block = replace(self._block, text=code, is_closed=found is not None)
        if found is None:
            self._seen = max(self._content, text.rfind("\n") + 1)
        is_over = found is not None and found.end() < len(text)
        return (block,), found.end() + 1 if found and is_over else None


class OpenTable:
    """A table that may get more rows. ``start`` is where its first line begins in the text."""

    def __init__(self, text: str, start: int, block: Table) -> None:
        self._block = block
        self._rows: list[str] = []
        first_row = text.index("\n", text.index("\n", start) + 1) + 1
        self._seen = first_row

    def grow(self, text: str) -> tuple[tuple[Block, ...], int | None]:
        """The blocks as they are now, and where the text goes on once the table has ended."""
        while (newline := text.find("\n", self._seen)) >= 0:
            line = text[self._seen : newline]
            if not _is_row(line):
                return (self._table(),), self._seen
            self._rows.append(line.strip())
            self._seen = newline + 1
        line = text[self._seen :]
        if not line.strip():
            return (self._table(),), None
        if _is_row(line):
            return (self._table(line.strip()),), None
        after = read(line, Resume(is_tight=True)).constructs
        return (self._table(), *(block for each in after for block in each.blocks)), None

    def _table(self, *more: str) -> Table:
        return replace(self._block, rows=(*self._rows, *more))


def _is_row(line: str) -> bool:
    if line.startswith("|"):
        return True
    if not line.strip():
        return False
    found = read(f"{_ANY_TABLE}{line}\n").constructs
    table = found[0].blocks[0] if len(found) == 1 else None
    return isinstance(table, Table) and len(table.rows) == 1
