"""One request: its place at the provider, its leave from the breaker, its notices under the call's count.

It is sent at most once, and what it tells after it was given up is not heard. Not here: what follows from how
it ends (``one_call``), the race of two (``race``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from cort_desktop.domain.calls import (
    AttemptCancel,
    AttemptFirstContent,
    AttemptStart,
    AttemptWhy,
    CallNotice,
    Channel,
    ChatRequest,
    Completion,
    Delta,
    Notify,
)
from cort_desktop.domain.clock import Clock
from cort_desktop.resilience.breaker import Breaker, Permit
from cort_desktop.resilience.route import Route

Step = Literal["began", "content", "thought"]
"""How far an attempt is: it is sent now, its first content is about to be told, it thinks first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a call gives its attempts. watch: told how far each is. next_number: counts the requests."""

    notify: Notify
    clock: Clock
    watch: Callable[[Attempt, Step], None]
    next_number: Callable[[], int]


class Attempt:
    """One request on one route. ``number`` is 0 until it is sent; ``is_open`` from then until its end is
    told. wait: for a place at the provider, else NoPlaceError.
    """

    def __init__(
        self,
        route: Route,
        breaker: Breaker,
        request: ChatRequest,
        why: AttemptWhy,
        around: Surroundings,
        *,
        wait: bool = True,
    ) -> None:
        self.route = route
        self.why = why
        self.number = 0
        self.is_open = False
        self.is_committed = False
        self.began_at = 0.0
        self._breaker = breaker
        self._request = request
        self._around = around
        self._notify = around.notify
        self._wait = wait
        self._permit: Permit | None = None
        self._texts: dict[Channel, list[str]] = {"answer": [], "reasoning": []}

    async def run(self) -> Completion:
        """Wait for a place, then send. Raises ProviderError; CircuitOpenError when nothing was sent."""
        if self._breaker.refuses():  # nobody waits for a place for nothing
            raise self._breaker.refusal(self.route.ref)
        async with self.route.states.limiter.place(self.route.ref, wait=self._wait) as place:
            permit = self._breaker.enter()
            if permit is None:
                raise self._breaker.refusal(self.route.ref)
            with permit:
                self._permit = permit
                self._begin()
                completion = await self.route.model.complete(self._request, self._hear)
                place.learn(completion.hints)
                return completion

    def text(self, channel: Channel) -> str:
        """What has come so far."""
        return "".join(self._texts[channel])

    @property
    def said_something(self) -> bool:
        """Whether any text came."""
        return any(self._texts.values())

    def give_up(self, why: str, known: Completion | None = None) -> None:
        """Tell that it was given up by our side, unless it has ended; what it says from now on isn't heard.

        known: the answer that it had brought nevertheless.
        """
        if self.is_open:
            self.is_open = False
            usage, cost_microusd = (None, None) if known is None else (known.usage, known.cost_microusd)
            told = AttemptCancel(attempt=self.number, why=why, usage=usage, cost_microusd=cost_microusd)
            self._notify(told)

    def _begin(self) -> None:
        self.number = self._around.next_number()
        self.is_open = True
        self.began_at = self._around.clock.monotonic()
        self._around.watch(self, "began")
        self._notify(AttemptStart(attempt=self.number, model=self.route.ref, why=self.why))

    def _hear(self, notice: CallNotice) -> None:
        """What the adapter tells, under this call's count of attempts."""
        if not self.is_open:
            return
        if isinstance(notice, Delta):
            self._texts[notice.channel].append(notice.text)
            if notice.channel == "reasoning":
                self._around.watch(self, "thought")
        elif isinstance(notice, AttemptFirstContent):
            self._commit()
            notice = AttemptFirstContent(attempt=self.number)
        self._notify(notice)

    def _commit(self) -> None:
        self.is_committed = True
        if self._permit is not None:
            self._permit.content()
        if self.route.first_tokens is not None:
            self.route.first_tokens.saw(self._around.clock.monotonic() - self.began_at)
        self._around.watch(self, "content")
