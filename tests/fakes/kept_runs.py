"""Whole runs of the engine whose models are behind a cache."""

from __future__ import annotations

from dataclasses import replace

from cort_desktop.domain.budget import Budget
from cort_desktop.domain.ids import ConversationId, RunId
from cort_desktop.domain.run import RunState
from cort_desktop.domain.settings import CacheSettings
from cort_desktop.engine.lineup import ModelHandle
from cort_desktop.resilience.cache import Cached, ReplyCache
from cort_desktop.resilience.reply_stores import MemoryReplies
from tests.fakes.loops import LoopClock
from tests.fakes.models import ScriptedModel, handle
from tests.fakes.runs import VIEW, Log, engine, started


class Kept:
    """A scripted model behind a cache."""

    def __init__(self, model: ScriptedModel) -> None:
        self.model = model
        store = MemoryReplies(LoopClock())
        cache = ReplyCache(store, settings=CacheSettings, clock=LoopClock())
        plain = handle(model)
        chat = Cached(model, cache, service={"name": "fake"}, price=plain.profile.price)
        # A service without seeds: nothing but the sample and the node tells equal words apart.
        self.handle = ModelHandle(profile=replace(plain.profile, seed=False), chat=chat)


async def ran(
    model: ModelHandle,
    strategy: str,
    name: str,
    log: Log,
    *,
    cache: str = "use",
    budget: Budget | None = None,
) -> RunState:
    first = started(strategy, budget=budget)
    spec = replace(first.spec, cache=cache)  # type: ignore[arg-type]
    first = replace(first, spec=spec, conversation=ConversationId(f"c-{name}"))
    going = engine(model).start(RunId(name), first, VIEW, log, {})
    await going.answer()
    return going.state
