"""One alarm that can be set anew: it rings at a time, by the clock that is passed in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from cort_desktop.domain.clock import Clock


class Alarm:
    """Calls ``ring`` at the time it was last set to; ``aclose`` when it is no longer needed."""

    def __init__(self, clock: Clock, ring: Callable[[], None]) -> None:
        self._clock = clock
        self._ring = ring
        self._at: datetime | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def set(self, at: datetime) -> None:
        """Ring at ``at`` (aware, UTC) and at no time named before."""
        if self._at == at:
            return
        self._cancel()
        self._at = at
        task = asyncio.create_task(self._wait(at))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def aclose(self) -> None:
        """Ring no more."""
        self._cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _cancel(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _wait(self, at: datetime) -> None:
        await self._clock.sleep(max(0.0, (at - self._clock.now()).total_seconds()))
        self._at = None
        self._ring()
