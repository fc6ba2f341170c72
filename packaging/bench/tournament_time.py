"""`tournament` with A=3, R=3, K=3 against a scripted server: at most 1.10 times R(T_g+T_j), and T_j more for
each head-to-head that was played.

The whole way: engine, ledger, retry loop, HTTP and a real database. T_g and T_j are of the same server, asked
through the bare adapter.
"""

import asyncio

from bench._tournament import apart, service, tournaments
from devtools.bench import Result
from tests.fakes.scripted_server import ScriptedServer

BOUND = 1.10


def measure() -> Result:
    """Seconds of a run, beside those of its longest chain of calls."""
    return asyncio.run(_measure())


async def _measure() -> Result:
    async with ScriptedServer(service()) as server:
        alone = await apart(server.base_url)
        run = await tournaments(server.base_url)
    return Result(run.seconds, alone.depth_s + run.duels * alone.verdict_s, "s")
