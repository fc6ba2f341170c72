"""All asyncio work of the window: kept, watched and ended in one place.

A failure of the world (CortError) goes to whoever asked, or becomes a notice; anything else is a bug of ours
and goes to the loop's exception handler, which writes a crash report and lets the window live.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from cort_desktop.errors import CortError

if TYPE_CHECKING:
    import asyncio

P = ParamSpec("P")
T = TypeVar("T")
Failed = Callable[[CortError], None]


class Tasks:
    """Starts and keeps tasks. ``tell`` shows an error that nobody else takes; ``loop`` is the one they run
    on, or None when there is none yet: then what is started waits until ``begin``.
    """

    def __init__(self, tell: Failed, loop: asyncio.AbstractEventLoop | None) -> None:
        self._tell = tell
        self._loop = loop
        self._waiting: list[tuple[Coroutine[Any, Any, Any], str, Failed | None]] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closing = False

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Now there is a loop: start what waits."""
        self._loop = loop
        waiting, self._waiting = self._waiting, []
        for work, name, failed in waiting:
            self.start(work, name=name, failed=failed)

    def start(
        self, work: Coroutine[Any, Any, Any], *, name: str, failed: Failed | None = None
    ) -> asyncio.Task[Any] | None:
        """Run ``work`` beside everything else; ``failed`` takes its CortError.

        None before there is a loop, and once all is closing.
        """
        if self._closing:
            work.close()
            return None
        if self._loop is None:
            self._waiting.append((work, name, failed))
            return None
        task = self._loop.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._ended(done, failed or self._tell))
        return task

    async def offload(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do blocking work of more than 5 ms in a thread."""
        import asyncio

        return await asyncio.to_thread(function, *args, **kwargs)

    @property
    def names(self) -> list[str]:
        """What is at work, by name."""
        return sorted(task.get_name() for task in self._tasks)

    async def aclose(self) -> None:
        """Cancel what is left and wait until it has ended."""
        import asyncio

        self._closing = True
        for work, _name, _failed in self._waiting:
            work.close()
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
