"""An answer on standard output: exactly as it is for a pipe, as formatted text on a terminal.

Everything in it that could act on the terminal is made visible. What looks like HTML is shown as it was
written, addresses of links are written out, and the ends of lines stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cort_desktop.telling.safe import neutral
from cort_desktop.terminal.streams import Streams

if TYPE_CHECKING:
    from markdown_it.token import Token

_MOST_FORMATTED = 200_000
"""Longer texts would keep a person waiting; they are shown as they are."""


def print_answer(streams: Streams, text: str) -> None:
    """A model's text on standard output, closed by one newline."""
    if not streams.out_is_terminal or len(text) > _MOST_FORMATTED or not text.strip():
        streams.write_answer(text)
    else:
        streams.write_styled(_formatted(streams, neutral(text)))


def _formatted(streams: Streams, text: str) -> list[str]:
    """Lines of the terminal's width, folded at blanks, with its own control sequences only."""
    from markdown_it import MarkdownIt
    from rich.markdown import Markdown

    console = streams.console(error=False)
    tokens = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).parse(text)
    _make_plain(tokens)
    # No hyperlinks: the address is shown beside its words, and no sequence of the terminal's holds it.
    markdown = Markdown("", code_theme="ansi_dark", hyperlinks=False)
    markdown.parsed = tokens
    with console.capture() as captured:
        console.print(markdown)
    return [line.rstrip(" ") for line in captured.get().rstrip("\n").split("\n")]


def _make_plain(tokens: list[Token]) -> None:
    """Models end lines where they mean it, so they stay. Pictures become their words and address.

    Entities were resolved while the Markdown was read: what could act is made visible once more.
    """
    for token in tokens:
        token.content = neutral(token.content)
        if token.type == "softbreak":
            token.type = "hardbreak"
        elif token.type == "image":
            token.type, token.tag, token.children = "text", "", None
            token.content = " ".join(
                part for part in (token.content, f"({token.attrs.get('src', '')})") if part
            )
        elif token.children:
            _make_plain(token.children)
