"""What passes between a call and its request: under one millisecond through cache, limiter and breaker.

The model is reached in a process that has nothing else to do; the reference is one millisecond.
"""

import asyncio
import statistics
import time

from bench._streamed import around
from bench.resilient_overhead import asked, cached
from cort_desktop.domain.calls import Admit, ChatRequest, Completion, Notify, always
from devtools.bench import Result

BOUND = 1.0
ALLOWED_MS = 1.0
CALLS = 500


class _Reached:
    """Notes when it is asked."""

    def __init__(self) -> None:
        self.at = 0.0

    async def complete(self, request: ChatRequest, _notify: Notify, _admit: Admit = always) -> Completion:
        self.at = time.perf_counter()
        return Completion(text="x", model=request.model)


def measure() -> Result:
    """Milliseconds until the adapter is asked, the 95th of a hundred, beside one millisecond."""
    return asyncio.run(_measure())


async def _measure() -> Result:
    model = _Reached()
    ours = cached(around(model))
    seen = []
    for number in range(CALLS):
        request = asked(number)
        before = time.perf_counter()
        await ours.complete(request, lambda _: None)
        seen.append((model.at - before) * 1000)
    return Result(statistics.quantiles(seen, n=20)[-1], ALLOWED_MS, "ms")
