"""An event of a run of 5,000 nodes costs at most twice what it costs in a run of 50."""

import asyncio

from bench._runs import handed_over
from devtools.bench import Result

BOUND = 2.0
SMALL_ROUNDS = 12
LARGE_ROUNDS = 1250
NODES_PER_ROUND = 4


def measure() -> Result:
    """Microseconds an event, in a large run and in a small one."""
    small = min(_per_event(SMALL_ROUNDS) for _ in range(9))
    large = min(_per_event(LARGE_ROUNDS) for _ in range(2))
    return Result(large, small, "µs/event")


def _per_event(rounds: int) -> float:
    run = asyncio.run(handed_over(rounds))
    return run.seconds / run.events * 1e6
