"""A call that is answered from the disk, as in a process that has just started: at most 5 times a bare
diskcache get of the same row from a thread, which is how an event loop must read a disk.
"""

import asyncio
import tempfile
import time

import diskcache  # type: ignore[import-untyped]

from bench._kept import Whole, asked, cached
from devtools.bench import Result

BOUND = 5.0
HITS = 200
CHARACTERS = 2000


def measure() -> Result:
    """Microseconds of a hit, beside those of the bare get."""
    pairs = [asyncio.run(_measured()) for _ in range(5)]
    return Result(min(hit for hit, _ in pairs), min(bare for _, bare in pairs), "us")


async def _measured() -> tuple[float, float]:
    return await _hit_us(), await _bare_us()


async def _hit_us() -> float:
    request = asked(1)
    async with cached(Whole(CHARACTERS), is_layered=False) as (model, disk):
        await model.complete(request, lambda _: None)
        await disk.entries()
        began = time.perf_counter()
        hits = [(await model.complete(request, lambda _: None)).cached for _ in range(HITS)]
        seconds = time.perf_counter() - began
    if not all(hits):
        raise RuntimeError("a call was asked again")
    return seconds / HITS * 1e6


async def _bare_us() -> float:
    key, value = "1:" + "a" * 64, b"x" * (CHARACTERS + 200)
    with tempfile.TemporaryDirectory() as folder, diskcache.Cache(folder) as cache:
        cache.set(key, value)
        began = time.perf_counter()
        for _ in range(HITS):
            await asyncio.to_thread(cache.get, key)
        return (time.perf_counter() - began) / HITS * 1e6
