"""Two requests for one answer: the first one, and a second when its first token is missing for too long.

The first of them to bring content wins: the other is cancelled in the same moment, booked, and never heard
again, so no two texts are ever mixed. Both live in a task group, so nothing outlives the race, however it
ends. Whether a second request may be sent is asked of the call; how long to wait, of ``hedge``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from cort_desktop.domain.calls import Completion
from cort_desktop.errors import ProviderError
from cort_desktop.resilience.attempt import Attempt
from cort_desktop.resilience.breaker import CircuitOpenError
from cort_desktop.resilience.limiter import NoPlaceError

LOST = "the other request answered first"


@dataclass(slots=True, kw_only=True)
class _Runner:
    """One of the two, as far as it has come."""

    attempt: Attempt
    task: asyncio.Task[None] | None = None
    completion: Completion | None = None
    error: ProviderError | None = None
    is_out: bool = False

    @property
    def is_running(self) -> bool:
        return not self.is_out and self.completion is None and self.error is None

    def give_up(self) -> None:
        """The other one was quicker; what this one is known to have used is booked."""
        self.is_out = True
        self.attempt.give_up(LOST, self.completion)
        if self.task is not None:
            self.task.cancel()


class Race:
    """One call's first request and, perhaps, its hedge.

    second: makes the hedge, or None when there may be none. failed: told of one that failed while the other
    is still on its way.
    """

    def __init__(
        self,
        first: Attempt,
        delay_s: float,
        *,
        second: Callable[[], Attempt | None],
        failed: Callable[[Attempt, ProviderError], None],
    ) -> None:
        self._runners = [_Runner(attempt=first)]
        self._delay_s = delay_s
        self._second = second
        self._failed = failed
        self._changed = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._is_due = False
        self._last_error: ProviderError | None = None

    @property
    def was_hedged(self) -> bool:
        """Whether a second request was sent."""
        return len(self._runners) > 1 and self._runners[1].attempt.number > 0

    async def run(self) -> Completion:
        """The answer of the one that won. Raises the ProviderError of the one that failed last."""
        try:
            async with asyncio.TaskGroup() as group:
                self._start(group, self._runners[0])
                while self._goes_on():
                    await self._changed.wait()
                    self._changed.clear()
                    if self._is_due:
                        self._is_due = False
                        self._hedge(group)
        finally:
            self._stop_timer()
        return self._result()

    def began(self, attempt: Attempt) -> None:
        """The first one is sent: its first token is awaited from now on."""
        if attempt is self._runners[0].attempt and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._delay_s, self._due)

    def brought_content(self, attempt: Attempt) -> None:
        """It has won: the other one is closed before a word of the answer is told."""
        self._stop_timer()
        for runner in self._runners:
            if runner.attempt is not attempt and runner.error is None and not runner.is_out:
                runner.give_up()

    def _goes_on(self) -> bool:
        """Whether something is still to come."""
        for runner in self._runners:
            if runner.completion is not None and not runner.is_out:
                self.brought_content(runner.attempt)  # an answer that came whole tells of no content first
                return False
        return any(runner.is_running for runner in self._runners)

    def _due(self) -> None:
        self._is_due = True
        self._changed.set()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _hedge(self, group: asyncio.TaskGroup) -> None:
        first = self._runners[0]
        if first.is_running and not first.attempt.is_committed:
            attempt = self._second()
            if attempt is not None:
                self._runners.append(_Runner(attempt=attempt))
                self._start(group, self._runners[1])

    def _start(self, group: asyncio.TaskGroup, runner: _Runner) -> None:
        runner.task = group.create_task(self._play(runner))

    async def _play(self, runner: _Runner) -> None:
        try:
            runner.completion = await runner.attempt.run()
        except NoPlaceError:
            runner.is_out = True  # somebody else was quicker: there is no second request after all
        except ProviderError as error:
            if isinstance(error, CircuitOpenError) and runner is not self._runners[0]:
                runner.is_out = True
            else:
                self._take(runner, error)
        finally:
            self._changed.set()

    def _take(self, runner: _Runner, error: ProviderError) -> None:
        """One failed. The other goes on if it was sent; one that wasn't yet, needn't be any more."""
        runner.error = self._last_error = error
        for other in self._runners:
            if other.is_running and other.attempt.is_open:
                self._failed(runner.attempt, error)
            elif other.is_running:
                other.give_up()

    def _result(self) -> Completion:
        for runner in self._runners:
            if runner.completion is not None and not runner.is_out:
                return runner.completion
        if self._last_error is None:
            raise AssertionError("a race ended without an end")
        raise self._last_error
