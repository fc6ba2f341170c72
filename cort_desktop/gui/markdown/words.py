"""The words of blocks as they are shown, and as a copy gets them. Pure: finding works before anything is
drawn.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from cort_desktop.gui.markdown import safe_text
from cort_desktop.gui.markdown.blocks import spans_of
from cort_desktop.gui.markdown.tables import cells_of, is_ordinary
from cort_desktop.gui.markdown.values import (
    Block,
    Code,
    Formula,
    Heading,
    Paragraph,
    Plain,
    Rule,
    Span,
    Table,
)


def shown(block: Block) -> str:
    """The words a person sees (a formula: its TeX)."""
    match block:
        case Paragraph() | Heading():
            return "".join(span.text for span in block.spans)
        case Code() | Plain():
            return safe_text.shown(block.text)
        case Table():
            rows = [block.head, *(cells_of(row, len(block.head)) for row in block.rows)]
            cell_words = (
                _cell if is_ordinary(block) else safe_text.shown
            )  # a large one is searched as it is written
            return "\n".join("\t".join(cell_words(cell) for cell in row) for row in rows)
        case Formula():
            return safe_text.shown(block.tex or block.source)
        case Rule():
            return ""
        case _:
            assert_never(block)


def copied(block: Block) -> str:
    """The words a copy gets: true characters, list marks, tables with tabs."""
    match block:
        case Paragraph() | Heading():
            return mark(block) + spans_copied(block.spans)
        case Code() | Plain():
            return mark(block) + block.text
        case Table():
            rows = [block.head, *(cells_of(row, len(block.head)) for row in block.rows)]
            return "\n".join("\t".join(row) for row in rows)
        case Formula():
            return mark(block) + block.source
        case Rule():
            return "---"
        case _:
            assert_never(block)


def _cell(cell: str) -> str:
    return "".join(span.text for span in spans_of(cell))


def spans_copied(spans: Iterable[Span]) -> str:
    """What a copy of these spans gets."""
    return "".join(span.copied for span in spans)


def mark(block: Block) -> str:
    """The bullet or number before a block, indented by its depth."""
    depth = block.frame.within.count("l")
    if not block.frame.bullet:
        return "  " * depth
    return f"{'  ' * (depth - 1)}{block.frame.bullet} "
