"""`ask` from the start of the process to the first request on the wire: at most 3 times a bare interpreter
that imports httpx with its transport.
"""

import asyncio
import os
import statistics
import sys
import time

from bench._served import home, script
from devtools.bench import Result
from tests.fakes.replies import Reply
from tests.fakes.scripted_server import Request, ScriptedServer

BOUND = 3.0
TIMES = 7
BARE = "import httpx, httpx_aiohttp"


def measure() -> Result:
    """Seconds to the first request, beside the seconds of the imports; in turn, so that both see the same
    noise.
    """
    return asyncio.run(_measure())


async def _measure() -> Result:
    arrived: list[float] = []

    def note(request: Request) -> Reply:
        arrived.append(time.perf_counter())
        return script(request)

    ours, bare = [], []
    async with ScriptedServer(note) as server:
        with home(server.base_url) as folder:
            for _ in range(TIMES + 1):
                bare.append(await _seconds([sys.executable, "-c", BARE]))
                arrived.clear()
                before = time.perf_counter()
                ask = [sys.executable, "-P", "-m", "cort_desktop", "ask", "Why?", "--strategy", "single"]
                await _seconds(ask, CORT_DESKTOP_HOME=str(folder))
                ours.append(arrived[0] - before)
    return Result(statistics.median(ours[1:]), statistics.median(bare[1:]), "s")


async def _seconds(command: list[str], **more: str) -> float:
    before = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *command,
        env=os.environ | more,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    code = await process.wait()
    if code:
        raise RuntimeError(f"{' '.join(command)} ended with {code}")
    return time.perf_counter() - before
