"""Which addresses may be opened, and what must be said about one. Decides; opens nothing (``link_dialog``).

Only http, https and mailto, and only with a host or a recipient; every other address is words. QUrl knows the
names with foreign letters (``xn--…``); nothing else of Qt is used here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from PySide6.QtCore import QUrl

_WEB = ("http", "https")
_LIKE_AN_ADDRESS = re.compile(
    r"^\s*(?:https?://)?(?:[^\s/@]*@)?((?:[\w-]+\.)+\w{2,})(?:[:/?#]\S*)?\s*$", re.IGNORECASE
)
_LONGEST = 2000
WRITTEN = re.compile(r"https?://[^\s<>\"“”„`⟦⟧\x00-\x20]+", re.IGNORECASE)
"""An address in running text."""
_AFTER = ".,;:!?'\"*_~)]}»”’…"
_PAIRS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An address that may be opened. ``encoded`` is what is sent to the browser, ASCII throughout."""

    encoded: str
    host: str
    """The real host (``xn--…`` for foreign letters), or the recipient of a mail."""
    is_mail: bool
    is_disguised: bool
    """Its host has foreign letters, or a name is written before it (``https://bank.com@evil.example``)."""


def link(address: str) -> Link | None:
    """What ``address`` would open, or None when nothing may be opened there."""
    if len(address) > _LONGEST or any(letter <= " " or "\x7f" <= letter <= "\x9f" for letter in address):
        return None
    url = QUrl(address, QUrl.ParsingMode.StrictMode)
    if not url.isValid():
        url = QUrl(address, QUrl.ParsingMode.TolerantMode)
    scheme = url.scheme().lower()
    encoded = bytes(url.toEncoded().data()).decode("ascii", "replace")
    if scheme == "mailto":
        recipient = url.path()
        if not recipient or not recipient.isascii():
            return None
        return Link(encoded=encoded, host=recipient, is_mail=True, is_disguised=False)
    if scheme not in _WEB or not url.isValid():
        return None
    host = url.host(QUrl.ComponentFormattingOption.FullyEncoded)
    if not host:
        return None
    is_disguised = "xn--" in host or bool(url.userInfo())
    return Link(encoded=encoded, host=host, is_mail=False, is_disguised=is_disguised)


def host_to_say(words: str, found: Link) -> str:
    """The host when it isn't what the words let one think, else nothing."""
    if found.is_mail:
        return ""
    if found.is_disguised:
        return found.host
    claimed = _LIKE_AN_ADDRESS.match(words)
    if claimed is None:
        return ""
    claim = claimed[1].lower().removeprefix("www.")
    return "" if claim == found.host.removeprefix("www.") else found.host


def written_addresses(text: str) -> list[tuple[int, int]]:
    """Where addresses are written out in ``text``, without the punctuation after them."""
    places = []
    for found in WRITTEN.finditer(text):
        end = found.end()
        while end > found.start() and text[end - 1] in _AFTER:
            opening = _PAIRS.get(text[end - 1])
            if opening and text.count(opening, found.start(), end) >= text.count(
                text[end - 1], found.start(), end
            ):
                break
            end -= 1
        if link(text[found.start() : end]) is not None:
            places.append((found.start(), end))
    return places
