"""What an answer is, told from its headers and its first bytes: events, JSON, or nothing of ours.

Some servers stream events, or send JSON, under another content type; and bytes come in any pieces, so as many
are looked at as it takes. Not here: reading on (``chat_reading``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from cort_desktop.providers.http import Reply
from cort_desktop.providers.sse import BOM

Shape = Literal["events", "json", "other"]
_EVENTS = (b"data:", b"event:", b"id:", b"retry:", b":")


async def opening_of(reply: Reply) -> tuple[bytes, Shape]:
    """The first bytes of an answer, as many as tell what it is. Of the empty lines that DeepSeek sends for as
    long as it is busy the last ones. Raises ExchangeError.
    """
    opening = b""
    while piece := await reply.read():
        opening = (opening if opening.strip() else b"") + piece
        shape = shape_of(opening)
        if shape is not None:
            return opening, shape
    return opening, "other"


def shape_of(opening: bytes) -> Shape | None:
    """What a body that begins so is; None as long as it may be several."""
    if len(opening) < len(BOM) and BOM.startswith(opening):
        return None
    begins = opening.removeprefix(BOM).lstrip()
    if begins[:1] in (b"{", b"["):
        return "json"
    if begins.startswith(_EVENTS):
        return "events"
    return None if any(each.startswith(begins) for each in _EVENTS) else "other"


def is_event_stream(headers: Mapping[str, str]) -> bool:
    """Whether it says that events come."""
    return headers.get("content-type", "").strip().lower().startswith("text/event-stream")


def is_line_stream(headers: Mapping[str, str]) -> bool:
    """Whether it says that lines of JSON come."""
    return headers.get("content-type", "").strip().lower().startswith("application/x-ndjson")
