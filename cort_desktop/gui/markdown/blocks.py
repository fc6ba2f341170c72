"""From a text to its blocks with markdown-it: HTML stays words, images stay names, nothing is swallowed.

The unit is the *construct*: a block of the outermost level, or one item of an outermost list. Constructs
never change once the next one stands, which is what ``stream`` builds on; ``read`` here is the same in one
go. What a paragraph's words are made of is ``inline``; limits over a whole text are ``assembly``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from cort_desktop.gui.markdown import block_rules, inline, safe_text
from cort_desktop.gui.markdown.constructs import Construct, References, Resume, constructs_of
from cort_desktop.gui.markdown.limits import PARAGRAPH
from cort_desktop.gui.markdown.values import Span

_NEWLINES = re.compile("\r\n?")
_NESTING = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read. ``references`` are the addresses defined for ``[words][name]``, with their lines."""

    constructs: tuple[Construct, ...]
    references: References


def even_newlines(text: str) -> str:
    """``text`` with a newline alone at the end of each line."""
    return _NEWLINES.sub("\n", text) if "\r" in text else text


def read(text: str, resume: Resume | None = None, references: References | None = None) -> Reading:
    """The constructs of ``text``, whose lines end evenly. ``references`` are known from elsewhere."""
    known = dict(references or {})
    env: dict[str, Any] = {"references": known}
    whole_lines = text if text.endswith("\n") else f"{text}\n"  # markdown-it drops blanks at the very end
    tokens = _reader().parse(whole_lines, env)
    return Reading(
        constructs=constructs_of(tokens, resume or Resume(), lambda words: spans_of(words, known)),
        references=known,
    )


def spans_of(text: str, references: References | None = None) -> tuple[Span, ...]:
    """The words of one paragraph, heading or table cell."""
    if len(text) > PARAGRAPH:
        return tuple(safe_text.spans(text))
    made: list[Token] = []
    _reader().inline.parse(text, _reader(), {"references": references or {}}, made)
    return inline.spans(made)


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "maxNesting": _NESTING})
    reader.enable(["table", "strikethrough"])
    reader.core.ruler.disable("normalize")  # it would turn NULs into something else; lines are even already
    reader.core.ruler.disable("inline")  # ``spans_of`` does it, within limits
    block_rules.keep_addresses(reader)
    block_rules.install(reader)
    return reader
