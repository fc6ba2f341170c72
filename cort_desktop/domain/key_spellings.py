"""How an API key may turn up in a text, so that it can be taken out wherever one is written or shown.

Patterns to take it out with, and apart from them the plain bytes to look for it with: the one proves the
other. Not here: whose key it is (``key_owners``), what can be one (``key_text``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

KNOWN_KEYS = re.compile(
    r"(?<![A-Za-z0-9])(?:sk-[A-Za-z0-9_-]{6,}|AIza[A-Za-z0-9_-]{10,}|gsk_\w{6,}|xai-[A-Za-z0-9_-]{6,}|hf_\w{6,}"
    r"|(?:pplx-|nvapi-|csk-|fw_|tgp_v1_)[A-Za-z0-9_-]{16,})"
    r"|(?i:(?<=bearer )|(?<=bearer%20)|(?<=basic ))(?=[^\s\"',;\[]{6,})[^\s\"',;\[]+"
    r"|(?i:(?<=x-api-key: )|(?<=x-api-key': ')|(?<=x-api-key\": \"))[^\s\"',;\[]+",
    re.ASCII,
)
"""What begins like a key of a known service, and what stands in a header where keys stand."""
_PARTS = re.compile(r"(\\*)([^\\]|\Z)", re.DOTALL)
_QUOTED = frozenset("\"'/")
SHORTEST_ANYWHERE = 6
"""A shorter key is only looked for where it stands alone."""


def spellings(key: str) -> Iterator[str]:
    """Patterns for a key as it may turn up: plain or in a URL, in JSON, in a repr, in base64.

    A very short one is looked for only where it stands alone, or no text would be left readable.
    """
    import json

    alone = ("", "") if len(key) >= SHORTEST_ANYWHERE else (r"(?<!\w)", r"(?!\w)")
    yield "".join(_part(*found) for found in _PARTS.findall(key)).join(alone)
    yield re.escape(json.dumps(key)[1:-1]).join(alone)
    yield re.escape(repr(key)[1:-1]).join(alone)
    if len(key) >= SHORTEST_ANYWHERE:
        yield from map(re.escape, _in_base64(key.encode()))


def _part(slashes: str, ch: str) -> str:
    """A character with the backslashes before it, of which quoting makes more, once or several times over."""
    if slashes:
        many = len(slashes)
        return rf"(?:\\{{{many},}}|(?i:%5c){{{many}}})" + _plain_or_coded(ch)
    return (r"\\*" if ch in _QUOTED else "") + _plain_or_coded(ch)


def _plain_or_coded(ch: str) -> str:
    """A character, or what URLs make of it."""
    if not ch or ch.isalnum():
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


def written_forms(key: str) -> dict[bytes, str]:
    """The bytes that give a key away in a file, with the name of the way it is written there.

    Found by writing it down, not by the patterns above, so that what the patterns miss is still found.
    """
    import json
    from urllib.parse import quote, quote_plus

    plain = key.encode()
    forms = {part.encode(): "in base64" for part in _in_base64(plain)}
    forms |= {plain.hex().encode(): "in hexadecimal", plain.hex().upper().encode(): "in hexadecimal"}
    forms |= {key.encode(name): "in UTF-16" for name in ("utf-16-le", "utf-16-be")}
    coded = (quote(key, safe=""), quote(key), quote_plus(key))
    forms |= {each.encode(): "as in a URL" for each in (*coded, *map(_lower_escapes, coded))}
    quoted = json.dumps(key)[1:-1]
    forms |= {each.encode(): "in quotes" for each in (quoted, json.dumps(quoted)[1:-1], repr(key)[1:-1])}
    return forms | {plain: "as it is"}


def _lower_escapes(text: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), text)
