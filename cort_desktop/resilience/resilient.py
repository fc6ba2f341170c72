"""The one retry loop of the program: a ChatModel around ChatModels.

deadline → place at the provider → leave from the breaker → attempt → classify → wait and ask again, a second
request beside the first, or another model. A cancelled call is neither success nor failure.

Here is only the deadline around a call; what follows from what is ``one_call``. Not here either: what kind a
fault is (the adapters say so), and answers that were given before (``cache``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random

from cort_desktop.domain.calls import Admit, ChatRequest, Completion, Notify, always
from cort_desktop.domain.clock import Clock
from cort_desktop.errors import ProviderError
from cort_desktop.resilience.backoff import wait_s
from cort_desktop.resilience.one_call import ATTEMPTS, Call, Timing
from cort_desktop.resilience.route import Route

DEADLINE_S = 600.0
REASONING_DEADLINE_S = 1800.0


class Resilient:
    """A model, asked until it answers or asking again makes no sense, and then its fallbacks.

    deadline_s spans everything: waiting for a place, all attempts and the waits between them;
    reasoning_deadline_s holds once thoughts were seen. A completion names the model that answered.
    attempts: how often the model itself is asked at most; what only leaves out a refused parameter is none.
    """

    def __init__(
        self,
        route: Route,
        *,
        clock: Clock,
        random: Random,
        fallbacks: Sequence[Route] = (),
        deadline_s: float = DEADLINE_S,
        reasoning_deadline_s: float = REASONING_DEADLINE_S,
        attempts: int = ATTEMPTS,
    ) -> None:
        self.routes = (route, *fallbacks)
        self.clock = clock
        self.random = random
        self.deadline_s = deadline_s
        self.reasoning_deadline_s = reasoning_deadline_s
        self.attempts = attempts

    async def complete(self, request: ChatRequest, notify: Notify, admit: Admit = always) -> Completion:
        """Ask as often as it makes sense. Raises ProviderError."""
        deadline = asyncio.timeout(self.deadline_s)
        timing = self._timing(deadline)
        call = Call(self.routes, request, notify, admit, timing, attempts=self.attempts)
        try:
            async with deadline:
                return await call.run()
        except asyncio.CancelledError:
            call.cancelled()
            raise
        except TimeoutError as error:
            if not deadline.expired():
                raise
            raise call.overdue(self.deadline_s) from error

    def _timing(self, deadline: asyncio.Timeout) -> Timing:
        loop = asyncio.get_running_loop()
        reasoning_due = loop.time() + self.reasoning_deadline_s

        def seconds_left() -> float:
            due = deadline.when()
            return float("inf") if due is None else due - loop.time()

        def think() -> None:
            """A model that shows thoughts is a reasoning model, and those may take longer."""
            due = deadline.when()
            if due is not None and due < reasoning_due and not deadline.expired():
                deadline.reschedule(reasoning_due)

        def wait(error: ProviderError, failures: int) -> float:
            return wait_s(error, failures, self.random)

        return Timing(clock=self.clock, wait_s=wait, seconds_left=seconds_left, think=think)
