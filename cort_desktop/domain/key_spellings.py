"""How an API key may turn up in a text, so that it can be taken out wherever one is written or shown."""

from __future__ import annotations

import re
from collections.abc import Iterator

SHORTEST_ANYWHERE = 6
"""A shorter key is only looked for where it stands alone."""


def spellings(key: str) -> Iterator[str]:
    """Patterns for a key as it may turn up: plain or in a URL, in JSON, in a repr, in base64.

    A very short one is looked for only where it stands alone, or no text would be left readable.
    """
    import json

    alone = ("", "") if len(key) >= SHORTEST_ANYWHERE else (r"(?<!\w)", r"(?!\w)")
    yield "".join(map(_plain_or_quoted, key)).join(alone)
    yield re.escape(json.dumps(key)[1:-1]).join(alone)
    yield re.escape(repr(key)[1:-1]).join(alone)
    if len(key) >= SHORTEST_ANYWHERE:
        yield from map(re.escape, _in_base64(key.encode()))


def _plain_or_quoted(ch: str) -> str:
    """A character, or what URLs make of it."""
    if ch.isalnum():
        return ch
    quoted = "".join(f"%{byte:02x}" for byte in ch.encode())
    return f"(?:{re.escape(ch)}|(?i:{quoted}))"


def _in_base64(key: bytes) -> Iterator[str]:
    """The part of the base64 that does not depend on what stands before and after the key."""
    from base64 import b64encode, urlsafe_b64encode

    for offset in range(3):
        start, end = (0, 2, 3)[offset], (len(key) + offset) * 8 // 6
        for encode in (b64encode, urlsafe_b64encode):
            yield encode(bytes(offset) + key).decode()[start:end]
