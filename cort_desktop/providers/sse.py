"""Server-sent events, decoded piece by piece from bytes, within limits.

By the standard (WHATWG HTML 9.2.6), which neither httpx's ``aiter_lines`` follows (it splits inside JSON at
U+2028 and others) nor httpx-sse (it loses the first event after a byte order mark and has no limits). Lines
end with CR, LF or CRLF and nothing else. Ids and reconnection times are read over: nothing ever reconnects.

One deviation: at the end of the stream an event whose lines are whole is given out even when its closing
blank line is missing. Servers do forget it, and a whole line holds a whole JSON text.
"""

from __future__ import annotations

from dataclasses import dataclass

from cort_desktop.providers.limits import Limits

BOM = b"\xef\xbb\xbf"


class EventTooLargeError(Exception):
    """A line, an event or the number of events went over its limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerEvent:
    """One event; ``name`` is empty unless the server gave one."""

    name: str
    data: str


class SseDecoder:
    """Feed it bytes in any pieces. ``replaced`` tells whether bytes that are no UTF-8 became U+FFFD."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._rest = bytearray()
        self._after_cr = False
        self._at_start = True
        self._name = ""
        self._data: list[str] = []
        self._size = 0
        self._events = 0
        self.replaced = False

    def feed(self, piece: bytes) -> list[ServerEvent]:
        """The events that ``piece`` completes. Raises EventTooLargeError."""
        if self._after_cr and piece.startswith(b"\n"):
            piece = piece[1:]
            self._after_cr = False
        if not piece:
            return []
        if b"\n" not in piece and b"\r" not in piece:
            self._after_cr = False
            self._keep(piece)
            return []
        self._after_cr = piece.endswith(b"\r")
        lines = (bytes(self._rest) + piece).splitlines(keepends=True)
        self._rest.clear()
        if not lines[-1].endswith((b"\n", b"\r")):
            self._keep(lines.pop())
        found = [self._line(line.rstrip(b"\r\n")) for line in lines]
        return [event for event in found if event is not None]

    def close(self) -> list[ServerEvent]:
        """The stream ended: the last event, if its lines are whole."""
        last = None if self._rest else self._dispatch()
        return [last] if last else []

    def _keep(self, piece: bytes) -> None:
        self._rest += piece
        self._check_line(len(self._rest))

    def _check_line(self, size: int) -> None:
        if size > self._limits.line_bytes:
            raise EventTooLargeError(f"a line of more than {self._limits.line_bytes} bytes")

    def _line(self, line: bytes) -> ServerEvent | None:
        if self._at_start:
            self._at_start = False
            line = line.removeprefix(BOM)
        if not line:
            return self._dispatch()
        self._check_line(len(line))
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._size += len(value) + 1
            if self._size > self._limits.event_bytes:
                raise EventTooLargeError(f"an event of more than {self._limits.event_bytes} bytes")
            self._data.append(self._text(value))
        elif field == b"event":
            self._name = self._text(value)
        return None

    def _text(self, value: bytes) -> str:
        try:
            return value.decode()
        except UnicodeDecodeError:
            self.replaced = True
            return value.decode(errors="replace")

    def _dispatch(self) -> ServerEvent | None:
        if not self._data:
            self._name = ""
            return None
        self._events += 1
        if self._events > self._limits.events:
            raise EventTooLargeError(f"more than {self._limits.events} events")
        event = ServerEvent(name=self._name, data="\n".join(self._data))
        self._name, self._data, self._size = "", [], 0
        return event
