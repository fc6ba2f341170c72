"""A total outage once the retry budget is dry: at most 1.1 requests for a call.

On virtual time, 64 calls at once of a thousand, each to a model of its own, so that no breaker helps: with
one model hardly anything would be sent at all. The reference is one request for each call.
"""

import asyncio

from cort_desktop.domain.calls import Admit, ChatRequest, Completion, Notify, always
from cort_desktop.domain.ids import ModelRef
from cort_desktop.errors import ProviderError
from devtools.bench import Result
from tests.fakes.asking import request, resilient, route, states
from tests.fakes.loops import run_virtual

BOUND = 1.1
CALLS = 1000
AT_ONCE = 64


class _Dead:
    def __init__(self) -> None:
        self.requests = 0

    async def complete(self, _request: ChatRequest, _notify: Notify, _admit: Admit = always) -> Completion:
        self.requests += 1
        await asyncio.sleep(0.01)
        raise ProviderError("Nobody is there.", kind="unreachable", retryable=True, sent=False)


def measure() -> Result:
    """Requests that were sent, beside the calls that were made."""
    return run_virtual(_measure())


async def _measure() -> Result:
    model, shared, gate = _Dead(), states(), asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        ours = resilient(route(model, ModelRef(f"my-server/m{number}"), states=shared))
        async with gate:
            try:
                await ours.complete(request(), lambda _: None)
            except ProviderError:
                return
            raise RuntimeError("a dead service answered")

    await asyncio.gather(*(one(number) for number in range(100)))
    model.requests = 0
    await asyncio.gather(*(one(number) for number in range(100, 100 + CALLS)))
    return Result(model.requests, CALLS, "requests")
