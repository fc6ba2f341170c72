"""Sixty-four answers of one megabyte at once through the cache; prints how far memory rose above idle."""

import asyncio
import resource
import sys

import psutil

from bench._kept import Whole, asked, cached

ANSWERS = 64
BYTES = 1_000_000


async def main() -> None:
    async with cached(Whole(BYTES), is_layered=True) as (model, disk):
        await asyncio.gather(*(model.complete(asked(number), lambda _: None) for number in range(1000, 1004)))
        await disk.clear()
        idle = psutil.Process().memory_info().rss
        done = await asyncio.gather(
            *(model.complete(asked(number), lambda _: None) for number in range(ANSWERS))
        )
        await disk.entries()
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        kept = len(await disk.entries())
        if sum(len(each.text) for each in done) != ANSWERS * BYTES or kept != ANSWERS:
            raise RuntimeError(f"{kept} answers were kept")
    print(max(0, most - idle))


if __name__ == "__main__":
    asyncio.run(main())
