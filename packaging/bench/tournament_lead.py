"""`tournament` with A=3, R=3, K=3: at least 2.8 times faster than the same calls one after the other.

A bound on time of 1/2.8; both are of the same scripted server (`tournament_time` says how it is measured).
"""

import asyncio

from bench._tournament import apart, service, tournaments
from devtools.bench import Result
from tests.fakes.scripted_server import ScriptedServer

BOUND = 1 / 2.8


def measure() -> Result:
    """Seconds of a run, beside those of its calls one by one."""
    return asyncio.run(_measure())


async def _measure() -> Result:
    async with ScriptedServer(service()) as server:
        alone = await apart(server.base_url)
        run = await tournaments(server.base_url)
    return Result(run.seconds, alone.one_by_one_s + 2 * run.duels * alone.verdict_s, "s")
