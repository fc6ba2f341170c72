"""The limits that hold over a whole text, applied to its constructs in order: links and boxes are counted.

``read_all`` is the whole way in one go; what is shown goes through ``stream``, which must come to the same.
"""

from __future__ import annotations

from dataclasses import replace

from cort_desktop.gui.markdown import limits
from cort_desktop.gui.markdown.blocks import even_newlines, read
from cort_desktop.gui.markdown.constructs import Construct, plain_blocks
from cort_desktop.gui.markdown.values import Block, Code, Formula, Heading, Mark, Paragraph, Span, Table


class Assembly:
    """Takes constructs one by one. ``is_full``: what follows is to be shown as it is written."""

    def __init__(self) -> None:
        self._links = 0
        self._boxes = 0

    def copy(self) -> Assembly:
        """The same counts, to look at blocks that may still change."""
        twin = Assembly()
        twin._links, twin._boxes = self._links, self._boxes
        return twin

    def take(self, blocks: tuple[Block, ...]) -> tuple[Block, ...] | None:
        """The blocks within the limits; None when the text has more boxes than can be shown."""
        boxes = sum(isinstance(block, Code | Table | Formula) for block in blocks)
        if self._boxes + boxes > limits.BOXES:
            return None
        self._boxes += boxes
        return tuple(self._limited(block) for block in blocks)

    def _limited(self, block: Block) -> Block:
        if not isinstance(block, Paragraph | Heading) or not any(span.href for span in block.spans):
            return block
        spans = tuple(each for span in block.spans for each in self._span(span))
        return replace(block, spans=spans)

    def _span(self, span: Span) -> tuple[Span, ...]:
        if not span.href:
            return (span,)
        self._links += 1
        if self._links <= limits.LINKS:
            return (span,)
        bare = replace(span, href="")
        if span.text == span.href:
            return (bare,)
        return bare, Span(text=f" ({span.href})", marks=span.marks | Mark.ADDRESS)


def is_straight(blocks: tuple[Block, ...], source: str) -> bool:
    """Whether ``blocks``, written as ``source``, are one fence or table that can grow line by line without
    end.
    """
    if len(blocks) != 1 or blocks[0].frame.within:
        return False
    return isinstance(blocks[0], Table) or (isinstance(blocks[0], Code) and source[:1] in ("`", "~"))


def is_too_long(construct: Construct, source: str) -> bool:
    """Whether the construct that ``source`` begins with is longer than may be read in one turn."""
    return len(source) > limits.CONSTRUCT and not is_straight(construct.blocks, source)


def read_all(text: str) -> tuple[Block, ...]:
    """The blocks of a whole text."""
    text = even_newlines(text)
    if len(text) > limits.MARKDOWN_CHARACTERS:
        return plain_blocks(text)
    constructs = read(text).constructs
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    edges = [starts[each.start] for each in constructs] + [len(text)]
    assembly = Assembly()
    blocks: list[Block] = []
    for construct, start, end in zip(constructs, edges, edges[1:], strict=False):
        taken = None if is_too_long(construct, text[start:end]) else assembly.take(construct.blocks)
        if taken is None:
            return (*blocks, *plain_blocks(text[start:]))
        blocks += taken
    return tuple(blocks)
