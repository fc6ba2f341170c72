"""Several named time limits behind one asyncio timeout, so that whoever is cut off can be told by which one.

The limits follow the loop's clock. Not here: the numbers (``limits``) and what is done about it (``faults``).
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Literal, Self

Phase = Literal["writing", "first_event", "bytes_idle", "content_idle"]


class DeadlineError(Exception):
    """A limit fired: which one, and how many seconds it allowed."""

    def __init__(self, phase: Phase, seconds: float) -> None:
        super().__init__(f"{phase} took longer than {seconds:g} s")
        self.phase: Phase = phase
        self.seconds = seconds


class Deadlines:
    """An async context manager in which limits are set, moved and cleared; DeadlineError when one fires."""

    def __init__(self) -> None:
        self._timeout = asyncio.timeout(None)
        self._due: dict[Phase, tuple[float, float]] = {}
        self._entered = False

    def set(self, phase: Phase, seconds: float) -> None:
        """From now on, ``phase`` may take ``seconds``; replaces what was set for it."""
        self._due[phase] = (asyncio.get_running_loop().time() + seconds, seconds)
        self._arm()

    def clear(self, phase: Phase) -> None:
        """``phase`` is over."""
        if self._due.pop(phase, None) is not None:
            self._arm()

    def _arm(self) -> None:
        # The writer of a request lives in a task of its own and may report a moment after the end.
        if not self._entered or self._timeout.expired():
            return
        first = min((due for due, _ in self._due.values()), default=None)
        if first != self._timeout.when():
            self._timeout.reschedule(first)

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        self._entered = True
        self._arm()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._entered = False
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError as timeout:
            phase, (_, seconds) = min(self._due.items(), key=lambda item: item[1][0])
            raise DeadlineError(phase, seconds) from timeout
