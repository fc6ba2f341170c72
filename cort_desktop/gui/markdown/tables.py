"""The lines of a table: cells of a row, alignment of its columns. Pure."""

from __future__ import annotations

import re
from typing import cast

from cort_desktop.gui.markdown.values import Align, Table

MOST_CELLS = 600
MOST_COLUMNS = 16

_RULER = re.compile(r"^[ \t]*(?:\|[ \t]*)?:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*(?:\|[ \t]*)?$")
_BAR = re.compile(r"(?<!\\)\|")


def is_ordinary(table: Table) -> bool:
    """Whether it is small enough to be laid out as text; larger ones are scrolled in themselves."""
    columns = len(table.head)
    return columns <= MOST_COLUMNS and columns * (len(table.rows) + 1) <= MOST_CELLS


def cells_of(row: str, columns: int | None = None) -> tuple[str, ...]:
    r"""The cells of a line; ``\|`` is a bar in a cell. With ``columns`` exactly so many."""
    row = row.strip()
    row = row.removeprefix("|")
    if row.endswith("|") and not row.endswith("\\|"):
        row = row[:-1]
    cells = [cell.strip().replace("\\|", "|") for cell in _BAR.split(row)]
    if columns is not None:
        cells = cells[:columns] + [""] * (columns - len(cells))
    return tuple(cells)


def aligns_of(line: str) -> tuple[Align, ...] | None:
    """The alignments a line like ``| :--- | ---: |`` gives, or None when it is no such line."""
    line = line.strip()
    if ("|" not in line and ":" not in line) or not _RULER.match(line):
        return None
    return tuple(_align(cell.strip()) for cell in line.strip("|").split("|"))


def _align(cell: str) -> Align:
    left, right = cell.startswith(":"), cell.endswith(":")
    return cast(
        "Align",
        {(True, True): "center", (True, False): "left", (False, True): "right"}.get((left, right), ""),
    )
