"""Writes blocks of prose into a QTextDocument: one text block each, with lists, quotes, links and formulas.

Only what changed is written. A paragraph that merely grew is added to, which is what a streamed answer does
most of the time.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtGui import (
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)

from cort_desktop.gui.markdown import safe_text, words
from cort_desktop.gui.markdown.copying import BARS, BULLET, MARK, RULE
from cort_desktop.gui.markdown.limits import RUN
from cort_desktop.gui.markdown.look import Look
from cort_desktop.gui.markdown.span_writer import SpanWriter
from cort_desktop.gui.markdown.spots import Spots
from cort_desktop.gui.markdown.typesetter import Typesetter
from cort_desktop.gui.markdown.values import Block, Frame, Heading, Mark, Paragraph, Plain, Rule, Span

_BULLETS = "•◦▪"


class ProseWriter:
    """Keeps one document in step with its blocks. ``waits``: a formula in it is still being set."""

    def __init__(self, document: QTextDocument, look: Look, typesetter: Typesetter) -> None:
        self._document = document
        self._look = look
        self._typesetter = typesetter
        self._writer = SpanWriter(look, typesetter)
        self._blocks: tuple[Block, ...] = ()
        self._starts: list[int] = []
        self.spots = Spots()
        self.waits: set[int] = set()

    @property
    def has_marks(self) -> bool:
        """Whether anything stands beside the words: bullets, quotes, lines."""
        return any(block.frame.within or isinstance(block, Rule) for block in self._blocks)

    def write(self, blocks: tuple[Block, ...]) -> None:
        """Make the document say ``blocks``."""
        old = self._blocks
        same = next(
            (at for at, (one, other) in enumerate(zip(old, blocks, strict=False)) if one != other), None
        )
        first = min(len(old), len(blocks)) if same is None else same
        if first == len(old) == len(blocks):
            return
        cursor = QTextCursor(self._document)
        cursor.beginEditBlock()
        if not self._extend(cursor, first, blocks):
            self._replace(cursor, first, blocks)
        cursor.endEditBlock()
        self._blocks = blocks

    def rewrite(self, look: Look) -> None:
        """Write all anew in another look, or with formulas that are there now."""
        self._look, self._writer = look, SpanWriter(look, self._typesetter)
        blocks, self._blocks = self._blocks, ()
        self.waits.clear()
        cursor = QTextCursor(self._document)
        cursor.beginEditBlock()
        self._replace(cursor, 0, blocks)
        cursor.endEditBlock()
        self._blocks = blocks

    def _extend(self, cursor: QTextCursor, at: int, blocks: tuple[Block, ...]) -> bool:
        """Add to the last paragraph when it has only grown."""
        old = self._blocks
        if at != len(old) - 1 or at != len(blocks) - 1:
            return False
        before, after = old[at], blocks[at]
        if (
            not isinstance(before, Paragraph)
            or not isinstance(after, Paragraph)
            or before.frame != after.frame
        ):
            return False
        added = _added(before.spans, after.spans)
        if added is None:
            return False
        cursor.movePosition(QTextCursor.MoveOperation.End)
        self._spans(cursor, added, self._starts[at] + len(words.shown(before)), at, after)
        return True

    def _replace(self, cursor: QTextCursor, first: int, blocks: tuple[Block, ...]) -> None:
        start = self._starts[first] if first < len(self._starts) else None
        if start is not None:
            self.spots.cut(start)
            cursor.setPosition(self._document.findBlockByNumber(first).position())
        else:
            cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        del self._starts[first:]
        self.waits = {each for each in self.waits if each < first}
        is_begun = start is not None or (first == 0 and not self._blocks)
        for at in range(first, len(blocks)):
            self._block(cursor, at, blocks, is_begun=is_begun)
            is_begun = False
        if not blocks and first == 0:
            cursor.setBlockFormat(QTextBlockFormat())
        elif first == len(blocks) and first and start is not None:
            cursor.deletePreviousChar()  # the empty block the removed ones left

    def _block(self, cursor: QTextCursor, at: int, blocks: tuple[Block, ...], *, is_begun: bool) -> None:
        block = blocks[at]
        before = blocks[at - 1] if at else None
        form, plain = self._form(block, before), self._letters(block)
        if is_begun:
            cursor.setBlockFormat(form)
            cursor.setBlockCharFormat(plain)
        else:
            cursor.insertBlock(form, plain)
        start = self._starts[-1] + len(words.shown(before)) + 1 if before is not None and self._starts else 0
        self._starts.append(start)
        if isinstance(block, Paragraph | Heading):
            self._spans(cursor, block.spans, start, at, block)
        elif isinstance(block, Plain):
            self._spans(cursor, tuple(safe_text.spans(block.text)), start, at, block)

    def _form(self, block: Block, before: Block | None) -> QTextBlockFormat:
        look, form = self._look, QTextBlockFormat()
        frame = block.frame
        form.setTopMargin(look.gap(block, before))
        form.setLineHeight(look.line_percent, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        form.setIndent(frame.within.count("l"))  # unlike a margin, on the right of text that runs to the left
        form.setLeftMargin(look.quote * frame.within.count("q"))
        form.setProperty(MARK, words.mark(block))
        if frame.bullet:
            form.setProperty(BULLET, frame.bullet if frame.bullet[0] in "[0123456789" else _bullet(frame))
        if bars := look.bars(frame):
            form.setProperty(BARS, ",".join(map(str, bars)))
        if isinstance(block, Heading):
            form.setHeadingLevel(block.level)
            form.setLineHeight(
                look.line_percent * 0.9, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value
            )
        if isinstance(block, Rule):
            form.setProperty(RULE, True)
        return form

    def _letters(self, block: Block) -> QTextCharFormat:
        look, letters = self._look, QTextCharFormat()
        letters.setFont(look.heading(block.level) if isinstance(block, Heading) else look.body)
        letters.setForeground(look.colour("muted" if "q" in block.frame.within else "text"))
        if isinstance(block, Rule):
            letters.setFontPointSize(2)
        return letters

    def _spans(self, cursor: QTextCursor, spans: tuple[Span, ...], start: int, at: int, block: Block) -> None:
        if self._writer.write(cursor, spans, self._letters(block), self.spots, start):
            self.waits.add(at)


def _bullet(frame: Frame) -> str:
    return _BULLETS[min(frame.within.count("l"), len(_BULLETS)) - 1]


def _added(before: tuple[Span, ...], after: tuple[Span, ...]) -> tuple[Span, ...] | None:
    """What was added to the spans, or None when they changed otherwise."""
    if not before:
        return after
    if len(after) < len(before) or before[:-1] != after[: len(before) - 1]:
        return None
    last, grown = before[-1], after[len(before) - 1]
    if grown == last:
        return after[len(before) :]
    if last.truth is not None or Mark.MATH in last.marks or replace(grown, text=last.text) != last:
        return None
    if not grown.text.startswith(last.text) or len(grown.text) > RUN:
        return None
    return (replace(grown, text=grown.text[len(last.text) :]), *after[len(before) :])
