"""A call that is answered from the cache: at most 5 times a bare diskcache get of the same row.

As in a run whose answers this process has seen: from memory, its key and its notices included. The reference
reads one row of a diskcache of its own, with diskcache's own settings, a value of the same length.
"""

import asyncio
import tempfile
import time

import diskcache  # type: ignore[import-untyped]

from bench._kept import Whole, asked, cached
from devtools.bench import Result

BOUND = 5.0
HITS = 500
CHARACTERS = 2000


def measure() -> Result:
    """Microseconds of a hit, beside those of the bare get."""
    pairs = [(asyncio.run(_hit_us()), _bare_us()) for _ in range(5)]
    return Result(min(hit for hit, _ in pairs), min(bare for _, bare in pairs), "us")


async def _hit_us() -> float:
    request = asked(1)
    async with cached(Whole(CHARACTERS), is_layered=True) as (model, disk):
        await model.complete(request, lambda _: None)
        await disk.entries()
        began = time.perf_counter()
        hits = [(await model.complete(request, lambda _: None)).cached for _ in range(HITS)]
        seconds = time.perf_counter() - began
    if not all(hits):
        raise RuntimeError("a call was asked again")
    return seconds / HITS * 1e6


def _bare_us() -> float:
    key, value = "1:" + "a" * 64, b"x" * (CHARACTERS + 200)
    with tempfile.TemporaryDirectory() as folder, diskcache.Cache(folder) as cache:
        cache.set(key, value)
        began = time.perf_counter()
        for _ in range(HITS):
            cache.get(key)
        return (time.perf_counter() - began) / HITS * 1e6
