"""Colours of program text: Pygments' tokens as runs by line. Pure; ``code`` paints them.

While code arrives, each new piece is read from its own beginning; when it is complete it is read once more
as a whole, because only then is a string over many lines certain. Both are done in bounded pieces.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from cort_desktop.gui.markdown.spots import units

Kind = Literal["syntax_keyword", "syntax_string", "syntax_number", "syntax_comment", "good", "bad"]
_LONGEST_LINE = 5000


class Run(NamedTuple):
    """``length`` letters from ``start`` of a line, as Qt counts them, in the colour of that name."""

    start: int
    length: int
    kind: Kind


def runs(text: str, lexer: Any) -> Iterator[tuple[int, Run | None]]:
    """For each piece of ``text`` its line and its run, None without a colour."""
    line, column = 0, 0
    for token, piece in _tokens(lexer, text):
        kind = _kind(token)
        for number, part in enumerate(piece.split("\n")):
            if number:
                line, column = line + 1, 0
            length = units(part)
            yield line, Run(column, length, kind) if kind and length else None
            column += length


def _tokens(lexer: Any, text: str) -> Iterator[tuple[Any, str]]:
    if max(map(len, text.split("\n"))) > _LONGEST_LINE:
        return
    for _at, token, piece in lexer.get_tokens_unprocessed(text):
        yield token, piece


def lexer_for(language: str) -> Any:
    """Pygments' lexer, None for languages it doesn't know. Takes a tenth of a second the first time."""
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return None
    if lexer.name == "Text only":
        return None
    for _ in lexer.get_tokens_unprocessed("x"):  # its patterns are compiled now, not at the first block
        pass
    return lexer


@lru_cache(maxsize=512)
def _kind(token: Any) -> Kind | None:
    from pygments.token import Token

    table: tuple[tuple[Any, Kind], ...] = (
        (Token.Comment, "syntax_comment"),
        (Token.Keyword, "syntax_keyword"),
        (Token.Operator.Word, "syntax_keyword"),
        (Token.Name.Tag, "syntax_keyword"),
        (Token.Name.Builtin.Pseudo, "syntax_keyword"),
        (Token.Name.Decorator, "syntax_number"),
        (Token.Name.Attribute, "syntax_number"),
        (Token.Literal.String, "syntax_string"),
        (Token.Literal.Number, "syntax_number"),
        (Token.Literal, "syntax_string"),
        (Token.Generic.Inserted, "good"),
        (Token.Generic.Deleted, "bad"),
        (Token.Generic.Heading, "syntax_keyword"),
        (Token.Generic.Subheading, "syntax_keyword"),
    )
    return next((kind for parent, kind in table if token in parent), None)
