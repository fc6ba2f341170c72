"""The engine's own work for one call (decide, apply, emit, ledger, hand-over to the writer): under one
millisecond.

A run of `cort` with a model that answers at once, its events handed to a real log; what the model's own
loop turns take is measured alone and taken off. The reference is one millisecond.
"""

import asyncio
import time

from bench._runs import handed_over, model_alone
from devtools.bench import Result

BOUND = 1.0
CALLS_MS = 1.0
ROUNDS = 60


def measure() -> Result:
    """Milliseconds a call, beside one millisecond."""
    run = min((asyncio.run(handed_over(ROUNDS)) for _ in range(3)), key=lambda one: one.seconds)
    started = time.thread_time()
    asyncio.run(model_alone(run.calls))
    bare = time.thread_time() - started
    return Result(max(0.0, run.seconds - bare) / run.calls * 1000, CALLS_MS, "ms")
