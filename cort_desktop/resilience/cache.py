"""A ChatModel around a ChatModel that asks no equal call twice.

An answer is kept when it is whole: ended by the model itself, not empty, and by the very model that was
asked. One that failed, was cut or filtered, or came from a stand-in is given on and forgotten. Equal calls
that are made at once are one call: the first asks, the others wait for its answer or for what its service
did wrong; if it is given up, or ends by its own budget or deadline, the next of them asks. A hit is told as
text alone: no attempt, no usage, and what it cost when it was made.

Who may use what is kept is the run's to say (``Origin.cache``), whose answers are kept the settings'. Which
calls are equal is ``reply_key.py``; where answers lie are ``reply_stores.py`` and ``storage/reply_cache.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cort_desktop.domain.budget import Price, Usage
from cort_desktop.domain.calls import (
    Admit,
    ChatModel,
    ChatRequest,
    Completion,
    Delta,
    Finish,
    Notify,
    Origin,
    always,
)
from cort_desktop.domain.clock import Clock
from cort_desktop.domain.kept_replies import Filing, KeptReply, beginning_of
from cort_desktop.domain.settings import CacheSettings
from cort_desktop.errors import ProviderError
from cort_desktop.resilience.reply_key import key_of, service_of
from cort_desktop.resilience.reply_stores import ReplyStore


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What a call brought to those who wait for it."""

    reply: KeptReply
    finish: Finish = "stop"


_Landing = _Answer | ProviderError | None
"""None: the call was given up, or its own limits ended it, and whoever waits must ask."""


class ReplyCache:
    """What the models of a program share: the store, and the calls that are under way. For one event loop."""

    def __init__(self, store: ReplyStore, *, settings: Callable[[], CacheSettings], clock: Clock) -> None:
        self.store = store
        self.settings = settings
        self.clock = clock
        self.flights: dict[str, asyncio.Future[_Landing]] = {}

    def serves(self, origin: Origin | None) -> bool:
        """Whether answers to calls of this origin are kept at all."""
        settings = self.settings()
        return (
            origin is not None
            and origin.cache != "off"
            and settings.enabled
            and origin.role in settings.stages
        )

    async def find(self, key: str) -> KeptReply | None:
        """The answer kept under ``key``, unless it is too old."""
        reply = await self.store.find(key)
        if reply is None or reply.made + timedelta(days=self.settings().days) < self.clock.now():
            return None
        return reply


class Cached:
    """``model``, not asked again what it has answered.

    service: all that tells its answers from those of other services (see ``service_of``), never a key.
    price: what its tokens cost, to know what a hit saves; None where that is unknown.
    """

    def __init__(
        self, model: ChatModel, cache: ReplyCache, *, service: Mapping[str, Any], price: Price | None
    ) -> None:
        self.model = model
        self.cache = cache
        self.service = service_of(service)
        self.price = price

    async def complete(self, request: ChatRequest, notify: Notify, admit: Admit = always) -> Completion:
        """The kept answer of an equal call, else a new one. Raises ProviderError."""
        origin = request.origin
        if origin is None or not self.cache.serves(origin):
            return await self.model.complete(request, notify, admit)
        key = key_of(request, self.service)
        if origin.cache == "renew":
            done = await self.model.complete(request, notify, admit)
            self._keep(key, request, origin, done)
            return done
        while (flight := self.cache.flights.get(key)) is not None:
            began = self.cache.clock.monotonic()
            landing = await asyncio.shield(flight)
            if isinstance(landing, ProviderError):
                raise _same(landing)
            if landing is not None:
                self.cache.store.used(key)
                return self._given(landing, notify, began)
        return await self._lead(key, request, origin, notify, admit)

    async def _lead(
        self, key: str, request: ChatRequest, origin: Origin, notify: Notify, admit: Admit
    ) -> Completion:
        """Find or ask, with all equal calls waiting for what comes of it."""
        flight = self.cache.flights[key] = asyncio.get_running_loop().create_future()
        landing: _Landing = None
        try:
            began = self.cache.clock.monotonic()
            kept = await self.cache.find(key)
            if kept is not None:
                landing = _Answer(reply=kept)
                self.cache.store.used(key)
                return self._given(landing, notify, began)
            done = await self.model.complete(request, notify, admit)
            landing = self._keep(key, request, origin, done)
            return done
        except ProviderError as error:
            if not error.is_callers:
                landing = _same(error)
            raise
        finally:
            del self.cache.flights[key]
            flight.set_result(landing)

    def _keep(self, key: str, request: ChatRequest, origin: Origin, done: Completion) -> _Answer:
        """Keep a whole answer; any, as those who wait for it get it."""
        reply = KeptReply(
            text=done.text,
            reasoning=done.reasoning,
            filing=Filing(
                model=done.model,
                stage=origin.role,
                conversation=origin.conversation,
                run=origin.run,
                question=beginning_of(origin.question),
            ),
            made=self.cache.clock.now(),
            usage=done.usage,
            cost_microusd=self._cost(done),
            seconds=done.seconds,
        )
        if done.finish == "stop" and done.text.strip() and done.model == request.model and not done.cached:
            self.cache.store.keep(key, reply)
        return _Answer(reply=reply, finish=done.finish)

    def _cost(self, done: Completion) -> int | None:
        if done.cost_microusd is not None:
            return done.cost_microusd
        if self.price is not None and self.price.is_free:
            return 0
        return None if self.price is None or done.usage is None else self.price.cost_microusd(done.usage)

    def _given(self, answer: _Answer, notify: Notify, began_s: float) -> Completion:
        """An answer that was there already, all at once."""
        reply = answer.reply
        if reply.reasoning:
            notify(Delta(text=reply.reasoning, channel="reasoning"))
        if reply.text:
            notify(Delta(text=reply.text))
        return Completion(
            text=reply.text,
            reasoning=reply.reasoning,
            finish=answer.finish,
            model=reply.filing.model,
            usage=Usage(),
            cost_microusd=0,
            saved_microusd=reply.cost_microusd,
            seconds=max(0.0, self.cache.clock.monotonic() - began_s),
            attempts=0,
            cached=True,
        )


def _same(error: ProviderError) -> ProviderError:
    """The same fault for another call: an error that is raised in two places would mix up their traces."""
    return ProviderError(
        str(error),
        kind=error.kind,
        status=error.status,
        retryable=error.retryable,
        retry_after_s=error.retry_after_s,
        partial=error.partial,
        reasoning=error.reasoning,
        sent=error.sent,
    )
