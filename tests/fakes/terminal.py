"""Standard streams for tests: what was written is kept, and who is a terminal is said."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime

from cort_desktop.terminal.streams import Streams
from tests.fakes.story import BEGIN


class _Stream(io.TextIOWrapper):
    def __init__(self, *, is_terminal: bool, encoding: str) -> None:
        self.bytes = io.BytesIO()
        super().__init__(self.bytes, encoding=encoding, newline="\n")
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


class CapturedStreams(Streams):
    """Streams whose output can be looked at."""

    def __init__(
        self,
        *,
        stdin: io.TextIOWrapper | None = None,
        terminal: bool = False,
        out_terminal: bool | None = None,
        env: Mapping[str, str] | None = None,
        encoding: str = "utf-8",
        columns: int = 80,
    ) -> None:
        self._out = _Stream(is_terminal=terminal if out_terminal is None else out_terminal, encoding=encoding)
        self._err = _Stream(is_terminal=terminal, encoding=encoding)
        super().__init__(
            stdin=stdin,
            stdout=self._out,
            stderr=self._err,
            env={"TERM": "xterm", "COLUMNS": str(columns), **(env or {})},
        )

    def now(self) -> datetime:
        return BEGIN

    @property
    def out_bytes(self) -> bytes:
        self._out.flush()
        return self._out.bytes.getvalue()

    @property
    def out(self) -> str:
        return self.out_bytes.decode()

    @property
    def err(self) -> str:
        self._err.flush()
        return self._err.bytes.getvalue().decode()
