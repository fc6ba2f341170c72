"""Resident memory of `ask` with a remote model: at most 2 times a bare interpreter with the same imports.

Both are read while they stand still: ours while the service makes it wait for its answer, the other after its
imports.
"""

import asyncio
import os
import sys

import psutil

from bench._served import home, script
from devtools.bench import Result
from tests.fakes.replies import Reply
from tests.fakes.scripted_server import Request, ScriptedServer

BOUND = 2.0
IMPORTS = "import asyncio, httpx, httpx_aiohttp, aiohttp, apsw, tomllib, platformdirs"
BARE = f"{IMPORTS}; print(flush=True); input()"
MEBIBYTE = 1024 * 1024


def measure() -> Result:
    """Mebibytes of `ask` while it waits, beside those of the imports alone."""
    return asyncio.run(_measure())


async def _measure() -> Result:
    seen: list[int] = []
    pid = 0

    def look(request: Request) -> Reply:
        seen.append(psutil.Process(pid).memory_info().rss)
        return script(request)

    async with ScriptedServer(look) as server:
        with home(server.base_url) as folder:
            environment = os.environ | {"CORT_DESKTOP_HOME": str(folder)}
            ask = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-P", "-m", "cort_desktop", "ask", "Why?", "--preset", "balanced"),
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            pid = ask.pid
            if await ask.wait():
                raise RuntimeError("ask did not end well")
    return Result(max(seen) / MEBIBYTE, await _bare() / MEBIBYTE, "MiB")


async def _bare() -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BARE, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the bare interpreter has no pipes")
    await process.stdout.readline()
    resident: int = psutil.Process(process.pid).memory_info().rss
    await process.communicate(b"\n")
    return resident
