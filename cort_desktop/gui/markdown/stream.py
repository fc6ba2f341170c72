"""Reading a text while it arrives: finished constructs are read once, only the open end is read again.

At every moment ``blocks`` is what ``assembly.read_all`` makes of the text so far, with two exceptions: an
address that is defined further down (``[words][1]`` … ``[1]: https://…``) is filled in by ``finish``; and
an open end longer than 4,096 characters is read again only when it has grown by a thirty-second, so that
the work stays in proportion to the text. Each turn reads a bounded piece: call ``advance`` until it says
False.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cort_desktop.gui.markdown import limits
from cort_desktop.gui.markdown.assembly import Assembly, is_straight, is_too_long
from cort_desktop.gui.markdown.blocks import Reading, even_newlines, read
from cort_desktop.gui.markdown.constructs import Construct, Resume, plain_blocks
from cort_desktop.gui.markdown.growing import OpenFence, OpenTable
from cort_desktop.gui.markdown.values import Block, Code, Table

_PATIENCE = 32
_PLAIN_SLICE = 64 * 1024
_GUESSED = -1
_END = "```\n"


@dataclass(slots=True)
class _Settled:
    """A construct that won't change, as read; its source if an address in it may still be defined."""

    blocks: tuple[Block, ...]
    source: str
    resume: Resume
    known: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """A construct and where it stands in the piece of text that was read."""

    construct: Construct
    start: int
    source: str


class Stream:
    """One text, read as it grows. Pure; the caller decides when to go on. ``is_raw``: never as Markdown."""

    def __init__(self, *, is_raw: bool = False) -> None:
        self.is_raw = is_raw
        self.done: list[Block] = []
        self.open: tuple[Block, ...] = ()
        self._text = ""
        self._is_finished = self._is_behind = False
        self._restart()

    def _restart(self) -> None:
        self.done.clear()
        self.open = ()
        self._at = 0  # all before this is done
        self._read_to = 0
        self._window = limits.SLICE
        self._resume = Resume()
        self._references: dict[str, Mapping[str, Any]] = {}
        self._assembly = Assembly()
        self._settled: list[_Settled] = []
        self._growing: OpenFence | OpenTable | None = None
        self._is_plain = self._is_all_plain = self.is_raw
        self._resolved = 0
        self._changed = 0

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All blocks so far."""
        return (*self.done, *self.open)

    @property
    def text(self) -> str:
        """The text so far, with newlines alone at the ends of lines."""
        return self._text

    def changed(self) -> int:
        """The first block that may differ since this was asked last."""
        first, self._changed = self._changed, len(self.done)
        return first

    def grow(self, text: str) -> None:
        """The whole text so far; one that doesn't continue the last begins anew."""
        text = even_newlines(text)
        if self._is_finished or not text.startswith(self._text):
            self._restart()
            self._is_finished = False
        self._text = text
        if len(text) > limits.MARKDOWN_CHARACTERS and not self._is_all_plain:
            self._restart()
            self._is_plain = self._is_all_plain = True

    def finish(self) -> None:
        """No more will come: the open end and the addresses defined late are read to the end."""
        self._is_finished = True

    @property
    def is_behind(self) -> bool:
        """Whether an open end was left unread because it has hardly grown."""
        return self._is_behind

    def advance(self, *, at_once: bool = False) -> bool:
        """Read on for a bounded while; ``at_once``: even what has hardly grown. Returns whether there is
        more.
        """
        self._is_behind = False
        if at_once:
            self._read_to = 0
        if self._is_plain:
            more = self._advance_plain()
        elif self._growing:
            more = self._advance_growing(self._growing)
        else:
            more = self._advance_tail()
        return more or (self._is_finished and self._resolve())

    def _advance_plain(self) -> bool:
        end = min(len(self._text), self._at + _PLAIN_SLICE)
        pieces = plain_blocks(self._text[self._at : end])
        is_last = end == len(self._text) and self._is_finished
        ready = pieces if is_last else pieces[:-1]
        self.done += ready
        self._at = end if is_last else self._at + sum(len(piece.text) + (not piece.is_cut) for piece in ready)
        self.open = pieces[len(ready) :]
        return end < len(self._text)

    def _advance_growing(self, growing: OpenFence | OpenTable) -> bool:
        blocks, goes_on = growing.grow(self._text)
        if goes_on is None and not self._is_finished:
            return not self._show(blocks)
        end = len(self._text) if goes_on is None else goes_on
        self._growing = None
        if not self._settle(blocks, self._text[self._at : end], self._resume, len(self._references)):
            return self._go_plain(self._at)
        self._at, self._resume, self.open = end, Resume(is_tight=True), ()
        return end < len(self._text)

    def _advance_tail(self) -> bool:
        end = min(len(self._text), self._at + self._window)
        is_end = end == len(self._text)
        if is_end and self._is_patient(end):
            self._is_behind = True
            return False
        self._read_to = end
        source = self._text[self._at : end]
        reading = read(source, self._resume, self._references)
        offsets = _line_offsets(source)
        pieces = _pieces(reading, source, offsets)
        keep = len(pieces) if is_end and self._is_finished else _first_open(pieces, len(offsets) - 1)
        known = len(self._references)
        if len(reading.references) != known:
            known = _GUESSED  # a definition further down may still be half written
        for piece in pieces[:keep]:
            construct = piece.construct
            is_taken = not is_too_long(construct, piece.source) and self._settle(
                construct.blocks, piece.source, construct.resume, known
            )
            if not is_taken:
                return self._go_plain(self._at + piece.start)
        rest = pieces[keep:]
        if is_end and not rest:
            self.open = ()
            if self._is_finished:
                self._learn(reading, len(offsets))
                self._at = end
            return False
        self._window = limits.SLICE if keep else self._window * 2
        self._move(reading, pieces, keep, offsets)
        return self._open_up(rest, reading) or end < len(self._text)

    def _is_patient(self, end: int) -> bool:
        """Whether the open end is long and has hardly grown since it was read."""
        tail, grown = end - self._at, end - self._read_to
        return not self._is_finished and tail > limits.OPEN_TAIL and 0 <= grown < tail // _PATIENCE

    def _move(self, reading: Reading, pieces: list[_Piece], keep: int, offsets: list[int]) -> None:
        """Go on from the first piece that is still open; definitions of addresses right before it stay in
        sight.
        """
        if not keep:
            return
        before, first = pieces[keep - 1].construct, pieces[keep].construct
        gap = self._text[self._at + offsets[before.end] : self._at + offsets[first.start]]
        line, self._resume = (before.end, Resume()) if gap.strip() else (first.start, first.resume)
        self._learn(reading, line)
        self._at += offsets[line]

    def _learn(self, reading: Reading, line: int) -> None:
        """Keep the addresses that are defined before ``line``."""
        for name, reference in reading.references.items():
            if name not in self._references and reference["map"][1] <= line:
                self._references[name] = reference

    def _open_up(self, rest: list[_Piece], reading: Reading) -> bool:
        """Show what is open. True when it turned out that the rest must be shown as it is written."""
        if rest and is_too_long(rest[0].construct, rest[0].source):
            return self._go_plain(self._text.index(rest[0].source, self._at))
        if not self._show(tuple(block for piece in rest for block in piece.construct.blocks)):
            return True
        if len(rest) == 1 and is_straight(rest[0].construct.blocks, rest[0].source):
            start = self._text.index(rest[0].source, self._at)
            self._growing = _growing(self._text, start, rest[0])
            if self._growing:
                self._at = start
                self._learn(reading, rest[0].construct.start)
        return False

    def _show(self, blocks: tuple[Block, ...]) -> bool:
        taken = self._assembly.copy().take(blocks)
        if taken is None:
            self._go_plain(self._at)
            return False
        self.open = taken
        return True

    def _settle(self, blocks: tuple[Block, ...], source: str, resume: Resume, known: int) -> bool:
        taken = self._assembly.take(blocks)
        if taken is None:
            return False
        self.done += taken
        self._settled.append(_Settled(blocks, source if "[" in source else "", resume, known))
        return True

    def _go_plain(self, at: int) -> bool:
        self._is_plain, self._growing, self._at, self.open = True, None, at, ()
        return True

    def _resolve(self) -> bool:
        """Read again what names addresses that were defined after it. Returns whether there is more."""
        budget, total = limits.SLICE, len(self._references)
        while self._resolved < len(self._settled):
            if budget <= 0:
                return True
            one = self._settled[self._resolved]
            self._resolved += 1
            if one.source and one.known < total:
                budget -= len(one.source)
                one.blocks = self._read_again(one, is_last=one is self._settled[-1])
                one.known = total
                self._changed = 0
        if self._changed == 0:
            self._reassemble()
        return False

    def _read_again(self, one: _Settled, *, is_last: bool) -> tuple[Block, ...]:
        """Its blocks with the addresses known now. What stood after it ended it, which a fence does too."""
        source = one.source if is_last else f"{one.source}{_END}"
        constructs = read(source, one.resume, self._references).constructs
        kept = constructs if is_last else constructs[:-1]
        return tuple(block for construct in kept for block in construct.blocks)

    def _reassemble(self) -> None:
        count = sum(len(one.blocks) for one in self._settled)
        plain = self.done[count:]
        self._assembly = Assembly()
        self.done = [
            block for one in self._settled for block in self._assembly.take(one.blocks) or one.blocks
        ]
        self.done += plain


def _growing(text: str, start: int, piece: _Piece) -> OpenFence | OpenTable | None:
    """What follows a fence or table line by line, once its first lines are whole."""
    block, lines = piece.construct.blocks[0], piece.source.count("\n")
    if isinstance(block, Code) and not block.is_closed and lines:
        return OpenFence(text, start, block)
    return OpenTable(text, start, block) if isinstance(block, Table) and lines > 1 else None


def _pieces(reading: Reading, source: str, offsets: list[int]) -> list[_Piece]:
    starts = [offsets[each.start] for each in reading.constructs]
    ends = [*starts[1:], len(source)]
    return [
        _Piece(construct, start, source[start:end])
        for construct, start, end in zip(reading.constructs, starts, ends, strict=False)
    ]


def _first_open(pieces: list[_Piece], whole_lines: int) -> int:
    """The first piece that may still change: where a block begins is certain once the next line is whole."""
    certain = [at for at, piece in enumerate(pieces) if piece.construct.start + 2 <= whole_lines]
    return certain[-1] if certain else 0


def _line_offsets(source: str) -> list[int]:
    """Where each line begins; the last entry is the line that isn't whole yet, maybe empty."""
    offsets = [0]
    while (newline := source.find("\n", offsets[-1])) >= 0:
        offsets.append(newline + 1)
    return offsets
