"""What a text is made of once it is read: a flat row of blocks, each knowing the lists and quotes around it.

Flat, because a streamed text only grows at its end: a finished block never changes, whatever list it is in.
Pure values; how they look is ``prose_writer`` and the parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Flag, auto
from typing import Literal, TypeAlias


class Mark(Flag):
    """How a run of letters is set apart."""

    NONE = 0
    BOLD = auto()
    ITALIC = auto()
    STRIKE = auto()
    CODE = auto()
    MATH = auto()  # ``text`` is TeX between its delimiters
    SIGN = auto()  # stands for characters that can't be seen
    BLOCKED = auto()  # an image that isn't shown
    ADDRESS = auto()  # where a link really leads


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Letters of one look. ``href`` is only filled for addresses that may be opened.

    ``truth`` is what a copy gets instead of ``text``; None: the text itself.
    """

    text: str
    marks: Mark = Mark.NONE
    href: str = ""
    truth: str | None = None

    @property
    def copied(self) -> str:
        """What a copy gets."""
        return self.text if self.truth is None else self.truth


def tex_of(span: Span) -> str:
    """The TeX of a span of mathematics, without its delimiters."""
    width = 2 if span.text.startswith(("$$", "\\")) else 1
    return span.text[width:-width].strip()


Within: TypeAlias = str
"""The containers around a block from the outside in: ``q`` a quote, ``l`` a list item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Where a block stands. ``bullet`` (``-``, ``3.``, ``[ ]``, ``[x]``) is on the first block of an item.

    ``is_tight``: it follows the block before without an empty line.
    """

    within: Within = ""
    bullet: str = ""
    is_tight: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Words. A line break is a newline in a span."""

    frame: Frame
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """Words that head what follows; ``level`` 1 to 6."""

    frame: Frame
    level: int
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """Program text; ``language`` is the first word after the fence. ``is_closed``: its fence has ended."""

    frame: Frame
    language: str
    text: str
    is_closed: bool


Align = Literal["", "left", "center", "right"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Cells as they are written: rows are source lines, split and read when they are shown (``tables``)."""

    frame: Frame
    head: tuple[str, ...]
    aligns: tuple[Align, ...]
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """Mathematics on lines of its own. ``source`` has the delimiters; not closed: still being written."""

    frame: Frame
    tex: str
    source: str
    is_closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A line across."""

    frame: Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """Text as it is written. ``is_cut``: its last line goes on in the next block."""

    frame: Frame
    text: str
    is_cut: bool = False


Block: TypeAlias = Paragraph | Heading | Code | Table | Formula | Rule | Plain
