"""JSON by the line (NDJSON), decoded piece by piece from bytes within limits: a line is like an event's data.

Only LF ends a line, and a CR before it belongs to the end: U+2028 and its kind may stand inside a JSON text.
A last line without its end is given out: what is not whole JSON is found by whoever reads it.
"""

from __future__ import annotations

from cort_desktop.providers.limits import Limits
from cort_desktop.providers.sse import BOM, EventTooLargeError, ServerEvent


class LineDecoder:
    """Feed it bytes in any pieces. ``replaced`` tells whether bytes that are no UTF-8 became U+FFFD."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._rest = bytearray()
        self._at_start = True
        self._lines = 0
        self._broken: EventTooLargeError | None = None
        self.replaced = False

    def feed(self, piece: bytes) -> list[ServerEvent]:
        """The lines that ``piece`` completes, without blank ones. Raises EventTooLargeError.

        Lines before one that is too long are still given out; it is raised with the next call.
        """
        if self._broken is not None:
            raise self._broken
        *lines, rest = (bytes(self._rest) + piece).split(b"\n") if b"\n" in piece else [piece]
        if lines:
            self._rest.clear()
        self._rest += rest
        found: list[ServerEvent] = []
        try:
            for line in lines:
                found += self._line(line)
            self._check(len(self._rest))
        except EventTooLargeError as error:
            if not found:
                raise
            self._broken = error
        return found

    def close(self) -> list[ServerEvent]:
        """The stream ended: its last line, if that has no end of its own. Raises EventTooLargeError."""
        if self._broken is not None:
            raise self._broken
        rest, self._rest = bytes(self._rest), bytearray()
        return self._line(rest)

    def _check(self, size: int) -> None:
        if size > self._limits.line_bytes:
            raise EventTooLargeError(f"a line of more than {self._limits.line_bytes} bytes")

    def _line(self, line: bytes) -> list[ServerEvent]:
        self._check(len(line))
        if self._at_start:
            self._at_start = False
            line = line.removeprefix(BOM)
        line = line.strip(b" \t\r")
        if not line:
            return []
        self._lines += 1
        if self._lines > self._limits.events:
            raise EventTooLargeError(f"more than {self._limits.events} lines")
        try:
            return [ServerEvent(name="", data=line.decode())]
        except UnicodeDecodeError:
            self.replaced = True
            return [ServerEvent(name="", data=line.decode(errors="replace"))]
