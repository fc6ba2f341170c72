"""From markdown-it's block tokens to constructs: the row of blocks with the lists and quotes around each.

Spacing and numbers are decided by what stands before a block, never by what comes after: a list that turns
loose at its third item leaves the first two as they are, so nothing jumps while an answer arrives.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from markdown_it.token import Token

from cort_desktop.gui.markdown.limits import PARAGRAPH, PLAIN_PIECE
from cort_desktop.gui.markdown.values import (
    Block,
    Code,
    Formula,
    Frame,
    Heading,
    Paragraph,
    Plain,
    Rule,
    Span,
    Table,
)

_TASK = re.compile(r"\[([ xX])\](?:[ \t]+|$)")
_WORD = re.compile(r"\s*\{?\.?([^\s{}`,]{1,40})")
References: TypeAlias = Mapping[str, Mapping[str, Any]]
Words: TypeAlias = Callable[[str], tuple[Span, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """What a reading that begins in the middle of a text must know: the number of the list item it begins
    with (None: as it is written) and whether the first line follows a block without an empty line.
    """

    number: int | None = None
    is_tight: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Construct:
    """A block of the outermost level or an item of an outermost list, from line ``start`` to before
    ``end``.
    """

    start: int
    end: int
    resume: Resume
    blocks: tuple[Block, ...]


def constructs_of(tokens: Iterable[Token], resume: Resume, words: Words) -> tuple[Construct, ...]:
    """The constructs of a token stream; ``words`` reads the inline text of a paragraph."""
    building = _Building(resume, words)
    for token in tokens:
        building.take(token)
    return tuple(building.constructs)


@dataclass(slots=True)
class _List:
    """An open list: the next number, or None for bullets."""

    number: int | None


class _Building:
    """Takes tokens one by one; a construct is closed when the outermost level is reached again."""

    def __init__(self, resume: Resume, words: Words) -> None:
        self.constructs: list[Construct] = []
        self._words = words
        self._resume = resume
        self._is_first = True
        self._within = ""
        self._lists: list[_List] = []
        self._bullets: list[
            tuple[str, int]
        ] = []  # marks of items that no block has taken yet, and their line
        self._open: Token | None = None  # the paragraph or heading whose words come next
        self._blocks: list[Block] = []
        self._start = 0
        self._number: int | None = None
        self._end = -1  # of the block before

    def take(self, token: Token) -> None:
        kind = token.type
        if kind in ("bullet_list_open", "ordered_list_open"):
            self._open_list(token)
        elif kind in ("bullet_list_close", "ordered_list_close"):
            self._lists.pop()
        elif kind == "list_item_open":
            self._open_item(token)
        elif kind == "blockquote_open":
            self._begin(token)
            self._within += "q"
        elif kind in ("list_item_close", "blockquote_close"):
            self._close_container()
        elif kind in ("paragraph_open", "heading_open"):
            self._open = token
        elif kind == "inline":
            self._take_words(token)
        elif kind in _LEAVES:
            self._add(token, _LEAVES[kind](token))

    def _open_list(self, token: Token) -> None:
        number = None
        if token.type == "ordered_list_open":
            number = int(token.attrGet("start") or 1) if token.attrGet("start") != 0 else 0
            if not self._within and self._is_first and self._resume.number is not None:
                number = self._resume.number
        self._lists.append(_List(number))

    def _open_item(self, token: Token) -> None:
        numbers = self._lists[-1]
        self._begin(token, numbers.number)
        bullet = "-" if numbers.number is None else f"{numbers.number}."
        if numbers.number is not None:
            numbers.number += 1
        self._within += "l"
        self._bullets.append((bullet, _lines(token)[0]))

    def _close_container(self) -> None:
        if self._within.endswith("l"):
            self._flush_bullets(keep=0)
        self._within = self._within[:-1]
        self._finish()

    def _take_words(self, token: Token) -> None:
        opened, content = self._open, token.content
        if opened is None:
            return
        self._open = None
        if opened.type == "heading_open":
            self._add(opened, Heading(frame=_NOWHERE, level=int(opened.tag[1:]), spans=self._words(content)))
            return
        task = _TASK.match(content) if self._bullets and self._bullets[-1][0] == "-" else None
        if task:
            self._bullets[-1] = ("[ ]" if task[1] == " " else "[x]", self._bullets[-1][1])
            content = content[task.end() :]
        if len(content) > PARAGRAPH:
            self._add(opened, *plain_blocks(content))
        else:
            self._add(opened, Paragraph(frame=_NOWHERE, spans=self._words(content)))

    def _add(self, token: Token, *blocks: Block) -> None:
        start, end = _lines(token)
        self._begin(token)
        self._flush_bullets(keep=1)
        for block in blocks:
            bullet = self._bullets.pop()[0] if self._bullets else ""
            self._place(block, bullet, start, end)
        self._finish()

    def _flush_bullets(self, keep: int) -> None:
        """Items that begin with another list, or hold nothing, stand on lines of their own."""
        while len(self._bullets) > keep:
            bullet, line = self._bullets.pop(0)
            depth = len(self._bullets)
            within = self._within
            for _ in range(depth):
                within = within[: within.rindex("l")]
            self._place(Paragraph(frame=Frame(within=within), spans=()), bullet, line, line + 1)

    def _place(self, block: Block, bullet: str, start: int, end: int) -> None:
        is_tight = self._resume.is_tight and start == 0 if self._is_first else start <= self._end
        self._is_first = False
        within = block.frame.within or self._within
        frame = Frame(within=within, bullet=bullet, is_tight=is_tight)
        self._blocks.append(replace(block, frame=frame))
        self._end = max(end, self._end) if start < self._end else end

    def _begin(self, token: Token, number: int | None = None) -> None:
        if not self._within:
            self._start, self._number = _lines(token)[0], number

    def _finish(self) -> None:
        if self._within or not self._blocks:
            return
        resume = Resume(number=self._number, is_tight=self._blocks[0].frame.is_tight)
        blocks, self._blocks = tuple(self._blocks), []
        self.constructs.append(Construct(start=self._start, end=self._end, resume=resume, blocks=blocks))
        self._number = None


def plain_blocks(text: str) -> tuple[Plain, ...]:
    """``text`` as it is written, in pieces that can be laid out one by one.

    A piece is decided by its own characters alone, so a longer text only changes the last one.
    """
    pieces = []
    at = 0
    while len(text) - at > PLAIN_PIECE:
        newline = text.rfind("\n", at, at + PLAIN_PIECE)
        end = newline if newline >= 0 else at + PLAIN_PIECE
        pieces.append(Plain(frame=_NOWHERE, text=text[at:end], is_cut=newline < 0))
        at = end + (newline >= 0)
    if at < len(text):
        pieces.append(Plain(frame=_NOWHERE, text=text[at:]))
    return tuple(pieces)


_NOWHERE = Frame()


def _lines(token: Token) -> tuple[int, int]:
    return (token.map[0], token.map[1]) if token.map else (0, 0)


def _fence(token: Token) -> Block:
    found = _WORD.match(token.info)
    start, end = _lines(token)
    lines = len(token.content.removesuffix("\n").split("\n")) if token.content else 0
    return Code(
        frame=_NOWHERE,
        language=found[1].lower() if found else "",
        text=token.content.removesuffix("\n"),
        is_closed=end - start > lines + 1,
    )


def _indented(token: Token) -> Block:
    return Code(frame=_NOWHERE, language="", text=token.content.removesuffix("\n"), is_closed=True)


def _table(token: Token) -> Block:
    return Table(
        frame=_NOWHERE, head=token.meta["head"], aligns=token.meta["aligns"], rows=tuple(token.meta["rows"])
    )


def _formula(token: Token) -> Block:
    return Formula(
        frame=_NOWHERE, tex=token.content, source=token.meta["source"], is_closed=token.meta["is_closed"]
    )


_LEAVES: Mapping[str, Callable[[Token], Block]] = {
    "fence": _fence,
    "code_block": _indented,
    "table": _table,
    "formula": _formula,
    "hr": lambda _: Rule(frame=_NOWHERE),
    "deep": lambda token: Plain(frame=_NOWHERE, text=token.content),
}
