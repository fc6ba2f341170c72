"""`best_of_n` with A=4, K=3 against a scripted server: at most 1.10 times one answer plus one verdict.

The whole way: engine, ledger, retry loop, HTTP and a real database. The reference are one answer and one
verdict of the same server, asked one after the other through the bare adapter.
"""

import asyncio
import statistics
import time

from bench._served import app_in, home, judge_body, script
from cort_desktop.services.planning import Ask
from devtools.bench import Result
from tests.fakes.asking import remote, request
from tests.fakes.scripted_server import ScriptedServer

BOUND = 1.10
TIMES = 5


def measure() -> Result:
    """Seconds of a run, beside the seconds of one answer and one verdict."""
    return asyncio.run(_measure())


async def _measure() -> Result:
    async with ScriptedServer(script) as server:
        bare = [await _two_calls(server.base_url) for _ in range(TIMES)]
        runs = await _runs(server.base_url)
    return Result(statistics.median(runs), statistics.median(bare), "s")


async def _two_calls(base_url: str) -> float:
    async with remote(base_url) as adapter:
        await adapter.complete(request(), lambda _: None)  # connects
        before = time.perf_counter()
        await adapter.complete(request(), lambda _: None)
        await adapter.complete(request(judge_body(4)), lambda _: None)
        return time.perf_counter() - before


async def _runs(base_url: str) -> list[float]:
    seconds = []
    with home(base_url) as folder:
        async with app_in(folder) as app:
            for number in range(TIMES + 1):
                ask = Ask(question=f"Why {number}?", strategy="best_of_n", alternatives=4, judges=3)
                before = time.perf_counter()
                await app.chat.ask(ask, lambda _: None)
                seconds.append(time.perf_counter() - before)
    return seconds[1:]
