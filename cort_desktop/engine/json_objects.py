"""Finds JSON objects inside whatever a model wrote around them, in time linear in the text.

A brace scanner that knows strings: a brace inside a JSON string is text. Reading an object's meaning is
``replies.py``. Never raises, however broken or deep the text is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

MOST_TRIED = 16
"""So many objects are tried, from the end: each may be as long as the text."""

# A string (or what an unfinished text has of it) or a bracket. Possessive, so that nothing is read twice.
_TOKEN = re.compile(r'"((?:[^"\\]|\\.|\\\Z)*+)(?:"|\Z)|[{}\[\],]', re.DOTALL)
_OPENING = re.compile(r'\{\s*+"(?:analysis|ranking)"')
_STRING = r'"(?:[^"\\]|\\.|\\\Z)*+(?:"|\Z)'
_COMMENT = re.compile(rf"({_STRING})|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)", re.DOTALL)
_TRAILING_COMMA = re.compile(rf"({_STRING})|,\s*+(?=[}}\]])", re.DOTALL)


def whole_object(text: str) -> dict[str, Any] | None:
    """The object that the whole text is, if it is one."""
    stripped = text.strip().removeprefix("\ufeff").lstrip()
    return _loads(stripped) if stripped.startswith("{") else None


def objects_with(text: str, key: str) -> Iterator[dict[str, Any]]:
    """Objects anywhere in the text that have ``key`` themselves, the last one first.

    An object that the text's end cuts off is read up to its last whole member. Should a stray brace and
    quote in the prose have misled the scanner, objects that open as a verdict does are read from where they
    open. Comments and commas too many are forgiven, with braces and quotes inside the comments too.
    """
    yield from _found(text, key)
    bare = _without(_COMMENT, text)
    if bare != text:
        yield from _found(bare, key)


def _found(text: str, key: str) -> Iterator[dict[str, Any]]:
    spans = _spans(text, key)
    for start, end in reversed(spans[-MOST_TRIED:]):
        piece = text[start:end]
        found = _loads(piece) if end is not None else _loads(_closed(piece))
        if found is None and end is not None:
            found = _loads(_without(_TRAILING_COMMA, _without(_COMMENT, piece)))
        if found is not None and key in found:
            yield found
    for opening in [*_OPENING.finditer(text)][-MOST_TRIED:][::-1]:
        found = _decoded_at(text, opening.start())
        if found is not None and key in found:
            yield found


def _without(pattern: re.Pattern[str], text: str) -> str:
    """The text without what ``pattern`` finds outside of strings, which are its first group."""
    return pattern.sub(lambda found: found[1] or "", text)


def _spans(text: str, key: str) -> list[tuple[int, int | None]]:
    """(start, end) of every object that mentions ``key`` at its own level; the end is None where it has none.

    Outside of all braces quotes are prose. A stray brace in the prose swallows nothing: the innermost object
    around the key counts.
    """
    spans: list[tuple[int, int | None]] = []
    open_at: list[int] = []
    owners: set[int] = set()
    at = 0
    while True:
        if not open_at:
            at = text.find("{", at)
            if at < 0:
                return spans
        token = _TOKEN.search(text, at)
        if token is None:
            break
        at = token.end()
        if token[0] == "{":
            open_at.append(token.start())
        elif token[0] == "}" and open_at:
            start = open_at.pop()
            if start in owners:
                spans.append((start, at))
                owners.remove(start)
        elif token[1] == key:
            owners.add(open_at[-1])
    return spans + [(start, None) for start in open_at if start in owners]


def _closed(piece: str) -> str:
    """An object cut off by the text's end, closed behind its last whole member."""
    depth = 0
    last_comma = len(piece)
    for token in _TOKEN.finditer(piece):
        if token[0] in ("{", "["):
            depth += 1
        elif token[0] in ("}", "]"):
            depth -= 1
            if depth == 1:
                last_comma = token.end()
        elif token[0] == "," and depth == 1:
            last_comma = token.start()
    return piece[:last_comma] + "}"


def _loads(text: str) -> dict[str, Any] | None:
    """The object, or None. Control characters within strings are forgiven, depth and huge numbers are not."""
    try:
        found = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _decoded_at(text: str, start: int) -> dict[str, Any] | None:
    """The object that begins at ``start``, whatever follows it."""
    try:
        found, _ = json.JSONDecoder(strict=False).raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
