"""A run's verifier at work: one task for each candidate it looks at, its finding as an event.

A check is no call: it asks no model and costs nothing. One that is cut off by the end of the run leaves no
event, so that it is made when the run goes on. What follows from findings is ``verifying.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.verifying import Finding, Verifier

_ABSENT = Finding(passed=None, detail="The verifier of this run was not at hand.")


class Checks:
    """``verifier`` may be None where the run names one that can't be had: then nothing can be told.

    Each finding is given to ``record``; then its task is given to ``ended``, who asks how it went.
    """

    def __init__(
        self,
        verifier: Verifier | None,
        record: Callable[[Sequence[ev.Body]], None],
        ended: Callable[[asyncio.Task[None]], None],
    ) -> None:
        self._verifier = verifier
        self._record = record
        self._told = ended
        self._tasks: dict[NodeName, asyncio.Task[None]] = {}

    @property
    def is_busy(self) -> bool:
        """Whether something is being looked at."""
        return bool(self._tasks)

    def begin(self, node: NodeName, text: str) -> None:
        """Look at a candidate, unless that is being done."""
        if node not in self._tasks:
            task = asyncio.create_task(self._check(node, text), name=f"check {node}")
            self._tasks[node] = task
            task.add_done_callback(lambda done: self._ended(node, done))

    async def _check(self, node: NodeName, text: str) -> None:
        finding = _ABSENT if self._verifier is None else await self._verifier.check(text)
        title = "verifier" if self._verifier is None else self._verifier.title
        self._record([ev.Check(node=node, verifier=title, passed=finding.passed, detail=finding.detail)])

    def _ended(self, node: NodeName, task: asyncio.Task[None]) -> None:
        del self._tasks[node]
        self._told(task)

    async def aclose(self) -> None:
        """Cut off what is at work."""
        left = list(self._tasks.values())
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
