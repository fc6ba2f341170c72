"""`tournament` with A=3, R=3, K=3 against a scripted server: at most 1.10 times R(T_g+T_j), and one T_j for
each head-to-head that was played.

The whole way: engine, ledger, retry loop, HTTP and a real database. The reference are three answers and three
verdicts of the same server (and one verdict for each head-to-head), asked one after the other through the bare
adapter.
"""

import asyncio
import statistics

from bench._tournament import lower_bound, tournaments
from bench._served import script
from devtools.bench import Result
from tests.fakes.scripted_server import ScriptedServer

BOUND = 1.10


def measure() -> Result:
    """Seconds of a run, beside those of its longest chain of calls."""
    return asyncio.run(_measure())


async def _measure() -> Result:
    async with ScriptedServer(script) as server:
        bound = await lower_bound(server.base_url)
        runs = await tournaments(server.base_url)
    duels = runs[0].duels
    return Result(
        statistics.median(run.seconds for run in runs), bound.answers_s + bound.verdicts_s + duels * bound.verdict_s, "s"
    )
