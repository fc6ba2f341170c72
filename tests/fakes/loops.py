"""Event loops for tests: a real one and one on virtual time. Both fail a test that leaves tasks behind.

On virtual time nobody waits: when nothing is ready, the clock jumps to the next timer. Everything that asks
the loop for time follows (``asyncio.sleep``, ``asyncio.timeout``, aiohttp's timers), and so does
``LoopClock``.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
GRACE_S = 0.001
"""Real seconds in which sockets and threads may become ready before the clock jumps."""


class _JumpingSelector(selectors.DefaultSelector):
    def __init__(self, grace_s: float) -> None:
        super().__init__()
        self.now = 1000.0
        self._grace_s = grace_s

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            return super().select(None)
        ready = super().select(min(timeout, self._grace_s) if timeout > 0 else 0)
        if not ready and timeout > 0:
            self.now += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A selector loop whose time jumps instead of passing. grace_s: see ``GRACE_S``; more of it for work in
    which threads take part.
    """

    def __init__(self, grace_s: float = GRACE_S) -> None:
        self._jumping = _JumpingSelector(grace_s)
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


class LoopClock:
    """The ``Clock`` of a loop: virtual on a VirtualTimeLoop, real elsewhere."""

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run ``main`` on a real loop; fails when it leaves tasks behind."""
    with asyncio.Runner() as runner:
        return runner.run(_without_leftovers(main))


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """Run ``main`` on virtual time; fails when it leaves tasks behind."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(_without_leftovers(main))


async def _without_leftovers(main: Coroutine[Any, Any, T]) -> T:
    result = await main
    await asyncio.sleep(0)
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    assert not left, f"left-over tasks: {left}"
    return result
