"""All asyncio work of the window: kept, watched and ended in one place.

A failure of the world (CortError) goes to whoever asked, or becomes a notice; anything else is a bug of ours
and goes to the loop's exception handler, which writes a crash report and lets the window live.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from cort_desktop.errors import CortError

P = ParamSpec("P")
T = TypeVar("T")
Failed = Callable[[CortError], None]


class Tasks:
    """Starts and keeps tasks. ``tell`` shows an error that nobody else takes."""

    def __init__(self, tell: Failed) -> None:
        self._tell = tell
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closing = False

    def start(
        self, work: Coroutine[Any, Any, Any], *, name: str, failed: Failed | None = None
    ) -> asyncio.Task[Any] | None:
        """Run ``work`` beside everything else; ``failed`` takes its CortError. None once all is closing."""
        if self._closing:
            work.close()
            return None
        task = asyncio.get_event_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._ended(done, failed or self._tell))
        return task

    async def offload(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do blocking work of more than 5 ms in a thread."""
        return await asyncio.to_thread(function, *args, **kwargs)

    @property
    def names(self) -> list[str]:
        """What is at work, by name."""
        return sorted(task.get_name() for task in self._tasks)

    async def aclose(self) -> None:
        """Cancel what is left and wait until it has ended."""
        self._closing = True
        left = list(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await asyncio.sleep(0)  # the callbacks of their ends run, too

    def _ended(self, task: asyncio.Task[Any], failed: Failed) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if isinstance(error, CortError):
            failed(error)
        elif error is not None:
            context = {"message": f"the task {task.get_name()} failed", "exception": error, "task": task}
            task.get_loop().call_exception_handler(context)
