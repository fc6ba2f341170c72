"""How many requests to one provider may run at once. A place is held while one runs, not while one waits."""

from __future__ import annotations

import asyncio
from types import TracebackType

START = 8
"""Nobody is asked with more than this at first, whatever the settings allow."""


class Limiter:
    """An async context manager around each attempt."""

    def __init__(self, max_concurrency: int) -> None:
        self.places = max(1, min(max_concurrency, START))
        self._free = asyncio.Semaphore(self.places)

    async def __aenter__(self) -> None:
        await self._free.acquire()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._free.release()
