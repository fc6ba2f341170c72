"""Which blocks share a widget: prose in runs of a size that is laid out in a few milliseconds, all else
alone.

Decided from left to right, so that a text that grows only changes its last group. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from typing import NamedTuple

from cort_desktop.gui.markdown.tables import is_ordinary
from cort_desktop.gui.markdown.values import Block, Code, Formula, Heading, Paragraph, Plain, Table

_MOST_CHARACTERS = 5000
_MOST_BLOCKS = 40


class Kind(Enum):
    """What shows a group."""

    PROSE = auto()
    CODE = auto()
    TABLE = auto()
    GRID = auto()
    FORMULA = auto()


class Group(NamedTuple):
    """Blocks that share a widget."""

    kind: Kind
    blocks: tuple[Block, ...]


def groups(blocks: Sequence[Block]) -> list[Group]:
    """The groups of ``blocks``."""
    made: list[Group] = []
    run: list[Block] = []
    size = 0
    for block in blocks:
        kind = kind_of(block)
        length = length_of(block)
        if run and (kind is not Kind.PROSE or len(run) == _MOST_BLOCKS or size + length > _MOST_CHARACTERS):
            made.append(Group(Kind.PROSE, tuple(run)))
            run, size = [], 0
        if kind is Kind.PROSE:
            run.append(block)
            size += length
        else:
            made.append(Group(kind, (block,)))
    if run:
        made.append(Group(Kind.PROSE, tuple(run)))
    return made


def kind_of(block: Block) -> Kind:
    """What shows a block."""
    if isinstance(block, Code):
        return Kind.CODE
    if isinstance(block, Table):
        return Kind.TABLE if is_ordinary(block) else Kind.GRID
    return Kind.FORMULA if isinstance(block, Formula) else Kind.PROSE


def length_of(block: Block) -> int:
    """About how many characters are laid out for it."""
    if isinstance(block, Paragraph | Heading):
        return sum(len(span.text) for span in block.spans)
    if isinstance(block, Code | Plain):
        return len(block.text)
    return 0


def effort_of(group: Group) -> int:
    """About how much work it is to build, in characters of prose."""
    if group.kind is Kind.PROSE:
        return 800 + sum(length_of(block) + 60 for block in group.blocks)
    (block,) = group.blocks
    if isinstance(block, Code):
        return 1600 + min(len(block.text), 20_000) // 4
    if isinstance(block, Table):
        return 1200 + (60 * len(block.head) * (len(block.rows) + 1) if group.kind is Kind.TABLE else 4000)
    return 1200
