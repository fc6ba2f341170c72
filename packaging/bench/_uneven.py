"""Rounds of calls to a service that is ten times slower for 3 % of them, on virtual time."""

import asyncio
import statistics
from random import Random
from typing import NamedTuple

from cort_desktop.domain.calls import (
    Admit,
    AttemptFirstContent,
    ChatRequest,
    Completion,
    Delta,
    Notify,
    always,
)
from cort_desktop.resilience.hedge import FirstTokens
from cort_desktop.resilience.limiter import Limiter
from tests.fakes.asking import request, resilient, route, states
from tests.fakes.loops import LoopClock, run_virtual

ROUNDS = 500
CALLS = 8
SLOW = 0.03
TIMES_SLOWER = 10.0
SEED = 20


class Course(NamedTuple):
    """What the rounds took. ``p95_s``: of a round, which lasts as long as its last call."""

    p95_s: float
    requests: int


class _Uneven:
    def __init__(self) -> None:
        self.requests = 0
        self._random = Random(SEED)

    async def complete(self, asked: ChatRequest, notify: Notify, _admit: Admit = always) -> Completion:
        self.requests += 1
        slower = TIMES_SLOWER if self._random.random() < SLOW else 1.0
        await asyncio.sleep(slower * self._random.uniform(0.5, 1.0))
        notify(AttemptFirstContent(attempt=1))
        notify(Delta(text="An answer."))
        await asyncio.sleep(slower * self._random.uniform(1.0, 2.0))
        return Completion(text="An answer.", model=asked.model)


def course(*, hedged: bool) -> Course:
    """All rounds, one after the other."""

    async def main() -> Course:
        model = _Uneven()
        made = states(limiter=Limiter(64, clock=LoopClock(), start=64))
        ours = resilient(route(model, states=made, first_tokens=FirstTokens() if hedged else None))
        loop = asyncio.get_running_loop()
        seconds = []
        for _ in range(ROUNDS):
            began = loop.time()
            await asyncio.gather(*(ours.complete(request(), lambda _: None) for _ in range(CALLS)))
            seconds.append(loop.time() - began)
        return Course(statistics.quantiles(seconds, n=20)[-1], model.requests)

    return run_virtual(main())
