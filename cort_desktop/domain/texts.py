"""Text as it can be stored and sent: whole characters only."""

from __future__ import annotations


def clean(text: str) -> str:
    """``text`` with halves of a surrogate pair joined and lone ones replaced by U+FFFD."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
