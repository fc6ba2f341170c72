"""From markdown-it's inline tokens to spans: emphasis, code, formulas, links; images are named, never
shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markdown_it.token import Token
from PySide6.QtCore import QCoreApplication

from cort_desktop.gui.markdown import safe_text
from cort_desktop.gui.markdown.links import host_to_say, link, written_addresses
from cort_desktop.gui.markdown.values import Mark, Span

_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_OPENING = {"strong_open": Mark.BOLD, "em_open": Mark.ITALIC, "s_open": Mark.STRIKE}
_CLOSING = {"strong_close": Mark.BOLD, "em_close": Mark.ITALIC, "s_close": Mark.STRIKE}


def spans(tokens: Sequence[Token]) -> tuple[Span, ...]:
    """The spans of one inline run, neighbours of one look joined."""
    made: list[Span] = []
    for span in _Reading().read(tokens):
        last = made[-1] if made else None
        if last and span.truth is None and last.truth is None and _look(last) == _look(span):
            made[-1] = Span(text=last.text + span.text, marks=last.marks, href=last.href)
        else:
            made.append(span)
    return tuple(made)


def _look(span: Span) -> tuple[Mark, str]:
    return span.marks, span.href


class _Reading:
    """Walks the tokens; keeps the marks in force and the link it is in."""

    def __init__(self) -> None:
        self._marks = Mark.NONE
        self._address = ""  # as it is written
        self._href = ""  # when it may be opened
        self._words = ""
        self._is_in_link = False

    def read(self, tokens: Sequence[Token]) -> Iterator[Span]:
        for token in tokens:
            yield from self._token(token)

    def _token(self, token: Token) -> Iterator[Span]:
        kind = token.type
        if kind in ("text", "text_special", "html_inline"):
            yield from self._text(token.content)
        elif kind in ("softbreak", "hardbreak"):
            yield self._span("\n")
        elif kind == "code_inline":
            self._words += token.content
            yield from safe_text.spans(token.content, self._marks | Mark.CODE, self._href)
        elif kind == "math_inline":
            source = token.meta["source"]
            yield Span(text=safe_text.shown(source), marks=self._marks | Mark.MATH, truth=source)
        elif kind == "link_open":
            self._open(str(token.attrGet("href") or ""))
        elif kind == "link_close":
            yield from self._close()
        elif kind == "image":
            yield from self._image(token)
        elif kind in _OPENING:
            self._marks |= _OPENING[kind]
        elif kind in _CLOSING:
            self._marks &= ~_CLOSING[kind]

    def _span(self, text: str) -> Span:
        return Span(text=text, marks=self._marks, href=self._href)

    def _text(self, text: str) -> Iterator[Span]:
        if "<" in text:
            text = _BREAK.sub("\n", text)
        if self._is_in_link or "://" not in text:
            self._words += text
            yield from safe_text.spans(text, self._marks, self._href)
            return
        at = 0
        for start, end in written_addresses(text):
            yield from safe_text.spans(text[at:start], self._marks)
            address = text[start:end]
            self._open(address)
            self._words = address
            yield from safe_text.spans(address, self._marks, self._href)
            yield from self._close()
            at = end
        yield from safe_text.spans(text[at:], self._marks)

    def _open(self, address: str) -> None:
        self._is_in_link = True
        self._address = address
        self._href = address if link(address) else ""
        self._words = ""

    def _close(self) -> Iterator[Span]:
        found = link(self._address)
        self._is_in_link, self._href = False, ""
        if found is None:
            if self._address.strip() and self._address.strip() != self._words.strip():
                yield from safe_text.spans(f" ({self._address})", self._marks | Mark.ADDRESS)
        elif host := host_to_say(self._words, found):
            yield Span(text=f" ({host})", marks=self._marks | Mark.ADDRESS, truth="")

    def _image(self, token: Token) -> Iterator[Span]:
        address = str(token.attrGet("src") or "")
        words = f"{token.content} ({_short(address)})" if token.content else f"({_short(address)})"
        label = safe_text.shown(
            QCoreApplication.translate("MarkdownView", "image not shown: {words}").replace("{words}", words)
        )
        yield Span(text=label, marks=self._marks | Mark.BLOCKED, truth=f"![{token.content}]({address})")


def _short(address: str) -> str:
    """``data:`` addresses hold whole files: their beginning says what they are."""
    longest = 200
    return address if len(address) <= longest else f"{address[:longest]}…"
