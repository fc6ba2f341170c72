"""`Cached(Resilient(adapter))` beside the same adapter alone: at most 1.15 times the processor's time.

An answer of 500 tokens at full speed from a service in another process, over the real adapter and transport.
Each is asked often, turn by turn, and the least disturbed turn of each counts; nothing is found in the cache.
"""

import asyncio
import time

from bench._streamed import around, served
from cort_desktop.domain.calls import ChatModel, ChatRequest, Origin
from cort_desktop.domain.ids import ConversationId, NodeName, RunId
from cort_desktop.domain.settings import CacheSettings
from cort_desktop.resilience.cache import Cached, ReplyCache
from cort_desktop.resilience.reply_stores import MemoryReplies
from devtools.bench import Result
from tests.fakes.asking import remote, request
from tests.fakes.loops import LoopClock

BOUND = 1.15
TOKENS = 500
TURNS = 12
CALLS = 10


def measure() -> Result:
    """Milliseconds of the processor for an answer, beside those of the bare adapter."""
    with served(tokens=TOKENS) as base_url:
        return asyncio.run(_measure(base_url))


def cached(model: ChatModel) -> Cached:
    """A cache in memory around a model."""
    clock = LoopClock()
    cache = ReplyCache(MemoryReplies(clock), settings=CacheSettings, clock=clock)
    return Cached(model, cache, service={}, price=None)


def asked(number: int) -> ChatRequest:
    """A request whose answer may be kept and was never given."""
    origin = Origin(
        run=RunId("r"),
        conversation=ConversationId("c"),
        question="Why?",
        node=NodeName("D"),
        role="proposer",
        prompts="1",
        cache="use",
    )
    return request(sample=number, origin=origin)


async def _measure(base_url: str) -> Result:
    async with remote(base_url) as adapter:
        ours = cached(around(adapter))
        await _seconds(adapter, -CALLS)
        await _seconds(ours, -CALLS)
        turns = [
            (await _seconds(ours, turn * CALLS), await _seconds(adapter, turn * CALLS))
            for turn in range(TURNS)
        ]
    measured, reference = (min(times) / CALLS * 1000 for times in zip(*turns, strict=True))
    return Result(measured, reference, "ms")


async def _seconds(model: ChatModel, first: int) -> float:
    before = time.thread_time()
    for number in range(first, first + CALLS):
        done = await model.complete(asked(number), lambda _: None)
        if done.cached or len(done.text.split()) != TOKENS:
            raise RuntimeError("the answer did not come whole from the service")
    return time.thread_time() - before
