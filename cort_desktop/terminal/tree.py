"""Rows of the outline as lines of a given width: names and words on the left, figures on the right.

Pure: rows in, styled lines out. What does not fit is cut in a live area and folded below its row elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from cort_desktop.telling import figures
from cort_desktop.telling.outline import Row
from cort_desktop.terminal.glyphs import STYLES, Glyphs

_SHORTEST_LEFT = 30
_INDENT = 2
_COLUMNS = ("preference", "tokens", "price", "time")
_DROP_ORDER = ("price", "preference", "tokens", "time")
"""Which column goes first when the line is short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    width: int
    name: int
    columns: dict[str, int]

    @property
    def right(self) -> int:
        return sum(size + _INDENT for size in self.columns.values())


def tree_lines(
    rows: Sequence[Row], *, width: int, glyphs: Glyphs, fold: bool, head: bool = True
) -> list[Text]:
    """The rows as lines of at most ``width`` cells. fold: long words go on below, else they are cut."""
    layout = _layout(rows, width)
    lines = [_head(layout)] if head and layout.columns else []
    for row in rows:
        lines += _row_lines(row, layout, glyphs, fold=fold)
    return lines


def cut(text: Text, width: int, ellipsis: str) -> Text:
    """``text`` in at most ``width`` cells, with a sign that it was cut."""
    if text.cell_len <= width:
        return text
    short = text.copy()
    short.truncate(max(0, width - len(ellipsis)))
    short.append(ellipsis)
    short.truncate(width)
    return short


def fold_text(text: Text, width: int) -> list[Text]:
    """``text`` in lines of at most ``width`` cells, at blanks where there are any."""
    from rich.console import Console

    # Wrapping asks only the tab size of its console; nothing is ever written to this one.
    return list(text.wrap(Console(width=max(1, width), color_system=None), max(1, width)))


def _layout(rows: Sequence[Row], width: int) -> _Layout:
    cells = [_cells(row) for row in rows]
    columns: dict[str, int] = {}
    for column in _COLUMNS:
        texts = [cell[column] for cell in cells if cell.get(column)]
        worth_it = column != "price" or any(text != figures.money(0) for text in texts)
        if texts and worth_it:
            columns[column] = max(len(column), *(len(text) for text in texts))
    for column in _DROP_ORDER:
        if width - sum(size + _INDENT for size in columns.values()) < _SHORTEST_LEFT:
            columns.pop(column, None)
    return _Layout(width=width, name=max([len(row.name) for row in rows] or [0]), columns=columns)


def _cells(row: Row) -> dict[str, str]:
    if not row.has_figures:
        return {}
    if row.tokens is None:
        tokens = "" if row.is_open or row.mark in ("failed", "cancelled") else "unknown"
    else:
        sign = "~" if row.is_open else ""
        tokens = f"{sign}{figures.tokens(row.tokens)}{'+' if row.is_least else ''}"
    price = figures.price_cell(row.cost_microusd, row.least_microusd)
    return {
        "preference": "" if row.score is None else f"{row.score:.2f}",
        "tokens": tokens,
        "price": "" if row.is_open else price,
        "time": "" if row.seconds is None else figures.seconds(row.seconds),
    }


def _head(layout: _Layout) -> Text:
    line = Text(" " * (layout.width - layout.right), style="dim")
    for column, size in layout.columns.items():
        line.append(" " * _INDENT + column.rjust(size))
    return line


def _row_lines(row: Row, layout: _Layout, glyphs: Glyphs, *, fold: bool) -> list[Text]:
    left = _left(row, layout, glyphs)
    room = layout.width - layout.right if row.has_figures else layout.width
    below: list[Text] = []
    if left.cell_len > room and fold:
        left, below = _folded(row, layout, glyphs, room)
    line = cut(left, room, glyphs.ellipsis)
    cells = _cells(row)
    if any(cells.get(column) for column in layout.columns):
        line.append(" " * (room - line.cell_len))
        for column, size in layout.columns.items():
            style = "bold" if column == "preference" else "dim"
            line.append(" " * _INDENT + cells[column].rjust(size), style=style)
    return [line, *below]


def _folded(row: Row, layout: _Layout, glyphs: Glyphs, room: int) -> tuple[Text, list[Text]]:
    """A row whose words do not fit: its word goes below, indented; a long question is folded too."""
    start = _start(row, layout, glyphs)
    indent = start.cell_len
    label = fold_text(Text(row.label, style=_label_style(row)), max(8, room - indent))
    first = start + label[0] if label else start
    below = [*label[1:], *fold_text(Text(row.word, style=STYLES[row.mark]), max(8, layout.width - indent))]
    return first, [Text(" " * indent) + line for line in below if line.plain.strip()]


def _left(row: Row, layout: _Layout, glyphs: Glyphs) -> Text:
    line = _start(row, layout, glyphs)
    line.append(row.label, style=_label_style(row))
    if row.word:
        line.append("  " if row.label else "")
        line.append(row.word, style=STYLES[row.mark])
    return line


def _start(row: Row, layout: _Layout, glyphs: Glyphs) -> Text:
    line = Text(" " * (_INDENT * row.depth))
    line.append(glyphs.marks[row.mark], style=STYLES[row.mark])
    line.append(" ")
    if row.name:
        line.append(
            row.name.ljust(layout.name) + " ", style="dim" if row.mark in ("waiting", "verdict") else ""
        )
    return line


def _label_style(row: Row) -> str:
    return "bold" if row.mark in ("question", "round") else "dim" if row.mark in ("verdict", "call") else ""
