"""Who may send now: places at one provider, given in the order of asking, at the pace it takes.

A place is held while a request runs, not while a call waits to ask again. What decides how many there are and
when the next may leave is ``pace``; here are the queue, its one timer, and nothing that outlives a waiter.
Models whose name ends in ``:free`` share 20 requests a minute, as OpenRouter counts them.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from cort_desktop.domain.calls import RateHints, hints_of
from cort_desktop.domain.clock import Clock
from cort_desktop.domain.ids import ModelRef
from cort_desktop.errors import ProviderError
from cort_desktop.resilience.pace import (
    FEWER,
    FEWER_IN_FLIGHT,
    FREE_IN_A_MINUTE,
    MOST,
    STAGGER_S,
    START,
    Concurrency,
    Lane,
    PerMinute,
    is_due,
)

_PAYMENT = 402


class NoPlaceError(Exception):
    """There is none at this moment, and the request was not to wait for one."""


def is_free(model: ModelRef) -> bool:
    """Whether a model is one of those that cost nothing and are rationed instead."""
    return model.endswith(":free")


class Limiter:
    """The places of one provider, on one event loop. ``most``: how many there may ever be."""

    def __init__(self, most: int = MOST, *, clock: Clock, start: int = START) -> None:
        self.running = 0
        self._clock = clock
        self._pace = Concurrency(most, start)
        self._lanes: dict[ModelRef, Lane] = {}
        self._free = PerMinute(FREE_IN_A_MINUTE)
        self._last_start = -STAGGER_S
        self._waiting: dict[asyncio.Future[None], ModelRef] = {}
        self._timer: asyncio.TimerHandle | None = None

    @property
    def places(self) -> int:
        """How many may run at once now."""
        return self._pace.places

    @property
    def most(self) -> int:
        """How many may ever run at once."""
        return self._pace.most

    @property
    def waiting(self) -> int:
        """How many wait for a place."""
        return len(self._waiting)

    @property
    def is_staggered(self) -> bool:
        """Whether requests leave one by one, because there were too many."""
        return not self._pace.is_calm

    def place(self, model: ModelRef, *, wait: bool = True) -> Place:
        """A place for one request, to be used ``async with`` it. Without ``wait``: now or NoPlaceError."""
        return Place(self, model, wait=wait)

    def has_place(self, model: ModelRef) -> bool:
        """Whether a request to this model could leave now."""
        return self._ready_at(model) is None

    async def enter(self, model: ModelRef, *, wait: bool) -> int:
        """Take a place; the burst it is counted in. For ``Place``."""
        if self._waiting or self._ready_at(model) is not None:
            if not wait:
                raise NoPlaceError
            await self._queue(model)
        else:
            self._begin(model)
        return self._pace.began(self.running)

    def leave(self, model: ModelRef, burst: int, error: BaseException | None) -> None:
        """Give a place back, and learn from how its request ended. For ``Place``."""
        self.running -= 1
        if error is None:
            self._pace.succeeded()
        elif isinstance(error, ProviderError):
            self._learn_from(model, burst, error)
        self._pump()

    def learn(self, model: ModelRef, hints: RateHints | None) -> None:
        """Take in what the service says of its own limits."""
        if hints is not None:
            self._lane(model).learn(self._clock.monotonic(), hints)

    def _learn_from(self, model: ModelRef, burst: int, error: ProviderError) -> None:
        self.learn(model, hints_of(error))
        if error.kind != "throttled":
            return
        self._pace.throttled(burst, FEWER_IN_FLIGHT if error.status == _PAYMENT else FEWER)
        if error.retry_after_s is not None:
            self._lane(model).hold(self._clock.monotonic(), error.retry_after_s)

    async def _queue(self, model: ModelRef) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[turn] = model
        self._pump()
        try:
            await turn
        except asyncio.CancelledError:
            if self._waiting.pop(turn, None) is None and turn.done() and not turn.cancelled():
                self.running -= 1  # the place came in the very moment in which nobody wanted it any more
            self._pump()
            raise

    def _pump(self) -> None:
        """Give out what there is, in order; a model that has to wait doesn't keep the others waiting."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        soonest: float | None = None
        for turn, model in list(self._waiting.items()) if self.running < self.places else ():
            if self.running >= self.places:
                return
            if turn.cancelled():  # its task will hear of that in a moment
                del self._waiting[turn]
                continue
            at = self._ready_at(model)
            if at is None:
                del self._waiting[turn]
                self._begin(model)
                turn.set_result(None)
            else:
                soonest = at if soonest is None else min(soonest, at)
        if soonest is not None:
            left_s = max(0.0, soonest - self._clock.monotonic())
            self._timer = asyncio.get_running_loop().call_later(left_s, self._pump)

    def _ready_at(self, model: ModelRef) -> float | None:
        """None when a request to this model may leave now; else when to look again."""
        now = self._clock.monotonic()
        at = self._lane(model).ready_at(now)
        if is_free(model):
            at = max(at, self._free.ready_at())
        if self.is_staggered:
            at = max(at, self._last_start + STAGGER_S)
        if self.running >= self.places:
            return max(at, now)
        return None if is_due(at, now) else at

    def _begin(self, model: ModelRef) -> None:
        now = self._clock.monotonic()
        self.running += 1
        self._last_start = now
        self._lane(model).began(now)
        if is_free(model):
            self._free.began(now)

    def _lane(self, model: ModelRef) -> Lane:
        found = self._lanes.get(model)
        if found is None:
            found = self._lanes[model] = Lane()
        return found


class Place:
    """One place, around one request."""

    def __init__(self, limiter: Limiter, model: ModelRef, *, wait: bool) -> None:
        self._limiter = limiter
        self._model = model
        self._wait = wait
        self._burst = 0

    def learn(self, hints: RateHints | None) -> None:
        """What the service said of its own limits."""
        self._limiter.learn(self._model, hints)

    async def __aenter__(self) -> Self:
        self._burst = await self._limiter.enter(self._model, wait=self._wait)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._limiter.leave(self._model, self._burst, error)
