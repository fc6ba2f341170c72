"""64 answers at once through the retry loop and the adapter: at least 0.8 times the bare transport's pace.

A service in another process sends 50 tokens a second on each stream. The reference reads the same bytes
through the bare transport and looks at none of them; a bound of 1.25 on the time is one of 0.8 on the pace.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

from bench._streamed import around, served
from cort_desktop.providers.http import Outgoing, Reply, Transport
from cort_desktop.providers.limits import Limits
from devtools.bench import Result
from tests.fakes.asking import remote, request

BOUND = 1 / 0.8
STREAMS = 64
TOKENS = 200
PAUSE_S = 0.02


def measure() -> Result:
    """Milliseconds for a thousand tokens of all streams together, beside the bare transport's."""
    with served(tokens=TOKENS, delay_s=PAUSE_S) as base_url:
        return asyncio.run(_measure(base_url))


async def _measure(base_url: str) -> Result:
    async with remote(base_url) as adapter:
        ours = around(adapter, places=STREAMS)

        async def one() -> None:
            done = await ours.complete(request(), lambda _: None)
            if len(done.text.split()) != TOKENS:
                raise RuntimeError("the answer is not whole")

        await one()  # loads what is loaded with the first request
        measured = await _all_at_once(one)
    transport = Transport(limits=Limits())
    try:
        reference = await _all_at_once(lambda: _read(transport, base_url))
    finally:
        await transport.aclose()
    thousands = STREAMS * TOKENS / 1000
    return Result(measured / thousands * 1000, reference / thousands * 1000, "ms")


async def _all_at_once(one: Callable[[], Awaitable[None]]) -> float:
    before = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(STREAMS)))
    return time.perf_counter() - before


async def _read(transport: Transport, base_url: str) -> None:
    async def use(reply: Reply) -> None:
        reply.deadlines.clear("first_event")
        while await reply.read():
            pass

    outgoing = Outgoing(
        method="POST",
        url=f"{base_url}/chat/completions",
        headers={"Content-Type": "application/json"},
        body=json.dumps({"model": "fast", "messages": [], "stream": True}).encode(),
        first_event_s=60.0,
        response_bytes=1 << 25,
    )
    await transport.exchange(outgoing, use)
