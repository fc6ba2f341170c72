"""What can be an API key and what can't, in words for whoever pasted it; never the key itself.

A key is refused before anything is sent or stored, because a half-right one costs a person an hour: the
service only says that it is wrong. Not here: whose key it is (``key_owners``), where it is kept.
"""

from __future__ import annotations

import re

LONGEST = 1_024
"""Characters. Real ones have 40 to 200; ten times that is another thing pasted by mistake."""
_QUOTES = "\"'`“”‘’«»"
_ASSIGNED = re.compile(r"(?:export\s+|set\s+)?[A-Za-z][A-Za-z0-9_]*_(?:KEY|TOKEN)\s*=", re.ASCII)
_HEADER = re.compile(r"(?:authorization|(?:x-)?api-key|x-goog-api-key)\s*:", re.ASCII | re.IGNORECASE)
_BEARER = re.compile(r"bearer\b", re.ASCII | re.IGNORECASE)
_ADDRESS = re.compile(r"https?://", re.ASCII | re.IGNORECASE)
_MASKED = re.compile(r"\*{3}|\.{3}|…|•{2}")


def problem_of(key: str) -> str | None:
    """What keeps a text from being a key, as half a sentence that follows "it"; None when it can be one.

    Blanks around it are the caller's to take off.
    """
    if not key:
        return "is empty"
    return _pasted_with_it(key) or _in_it(key)


def _pasted_with_it(key: str) -> str | None:
    """What is often taken along, or taken for the key, when one is copied."""
    if key[0] in _QUOTES and key[-1] in _QUOTES:
        return "has quotation marks around it; enter what is between them"
    if _BEARER.match(key):
        return "begins with “Bearer”, which is not part of a key; enter what comes after it"
    if _HEADER.match(key):
        return "begins with the name of a header; enter what comes after the colon"
    if _ASSIGNED.match(key):
        return "begins with the name of a variable; enter what comes after the “=”"
    if _ADDRESS.match(key):
        return "is an address; enter the key that the service's page shows"
    if _MASKED.search(key):
        return "has a part that was blanked out; a whole one is shown where it is made"
    return None


def _in_it(key: str) -> str | None:
    if "\n" in key or "\r" in key:
        return "has line ends in it; enter one line"
    if len(key) > LONGEST:
        return f"is {len(key):,} characters long; at most {LONGEST:,} can be kept"
    if any(ch.isspace() for ch in key):
        return "has blanks in it"
    if any(not "!" <= ch <= "~" for ch in key):
        return "has characters other than plain letters, digits and signs in it; copy it again"
    return None
