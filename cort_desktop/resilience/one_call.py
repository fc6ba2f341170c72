"""One call through all its attempts: what follows from each end (RELIABILITY, "The retry rules").

Before its first content a call may be asked again, raced or sent elsewhere; after it, it is asked once more
as a fresh attempt of the same model, and if that fails too it has failed, with the text there was. A call is
hedged or retried, never both. Fallbacks come when asking again is no use, each is asked once, and every end
of an attempt is told before the next one begins.

Not here: the deadline around it (``resilient``), waiting for a place and the breaker's leave (``attempt``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from cort_desktop.domain.calls import (
    Admit,
    AttemptFailure,
    AttemptWhy,
    ChatRequest,
    Completion,
    Next,
    Notify,
)
from cort_desktop.domain.clock import Clock
from cort_desktop.domain.ids import ModelRef
from cort_desktop.errors import ErrorKind, ProviderError
from cort_desktop.resilience.attempt import Attempt, Step, Surroundings
from cort_desktop.resilience.backoff import LONGEST_TOLD_S
from cort_desktop.resilience.breaker import Breaker, CircuitOpenError
from cort_desktop.resilience.endings import in_one, used_by
from cort_desktop.resilience.limiter import is_free
from cort_desktop.resilience.race import Race
from cort_desktop.resilience.route import Route

ATTEMPTS = 3
_MOST: dict[ErrorKind, int] = {"offline": 1, "no_content": 1, "unsupported": 5}
"""How often one kind may be asked again, where that differs from ATTEMPTS. A refused parameter is left out of
the next attempt, so that is no repetition and doesn't count among the three; there are five that can be."""
_OURS: frozenset[ErrorKind] = frozenset({"bad_request", "over_budget", "cut_by_limit", "looping"})
"""What another model would not mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """wait_s: the seconds to wait after an error, by how many there were. seconds_left: until the deadline.
    think: the model thinks before it answers, and may take longer.
    """

    clock: Clock
    wait_s: Callable[[ProviderError, int], float]
    seconds_left: Callable[[], float]
    think: Callable[[], None]


class Call:
    """One call. ``routes``: the model itself, then its fallbacks in their order."""

    def __init__(
        self,
        routes: Sequence[Route],
        request: ChatRequest,
        notify: Notify,
        admit: Admit,
        timing: Timing,
        *,
        attempts: int = ATTEMPTS,
    ) -> None:
        self._routes = routes
        self._most = attempts
        self._request = request
        self._notify = notify
        self._admit = admit
        self._timing = timing
        self._around = Surroundings(
            notify=notify, clock=timing.clock, watch=self._watch, next_number=self._next_number
        )
        self._at = 0
        self._why: AttemptWhy = "first"
        self._asked_at_s = 0.0
        self._sent = 0
        self._failures: Counter[ErrorKind] = Counter()
        self._attempts: list[Attempt] = []
        self._breaker: Breaker | None = None
        self._race: Race | None = None
        self._was_hedged = False
        self._is_retrying = False
        self._was_limited = False
        self._broken: ProviderError | None = None
        self._errors: dict[ModelRef, ProviderError] = {}
        self._unfit: list[ModelRef] = []

    async def run(self) -> Completion:
        """Attempt after attempt, until one ends well or no further one makes sense. Raises ProviderError."""
        self._route.states.retries.begin()
        try:
            while True:
                try:
                    completion = await self._ask()
                except ProviderError as error:
                    wait_s = self._consider(error)
                    if wait_s is None:
                        final = self._final()
                        final.is_callers = self._was_limited
                        if final is error:
                            raise
                        raise final from error
                else:
                    self._route.states.retries.succeeded()
                    self._attempts.clear()
                    return replace(completion, attempts=self._sent)
                await self._timing.clock.sleep(wait_s)
        finally:
            self._end_retry()
            self._route.states.retries.end()

    @property
    def _route(self) -> Route:
        return self._routes[self._at]

    # asking

    async def _ask(self) -> Completion:
        breaker = self._breaker = await self._find_breaker()
        delay_s = self._hedge_delay_s()
        self._asked_at_s = self._timing.clock.monotonic()
        self._attempts = [attempt := self._attempt(breaker, self._why)]
        try:
            return await (attempt.run() if delay_s is None else self._raced(attempt, breaker, delay_s))
        finally:
            self._end_retry()

    async def _find_breaker(self) -> Breaker:
        """That of the model with the key it would be asked with now: a person may have changed it."""
        return self._route.states.breakers.of(self._route.ref, await self._route.key.look())

    def _attempt(self, breaker: Breaker, why: AttemptWhy) -> Attempt:
        route = self._route
        return Attempt(
            route,
            breaker,
            self._request if self._at == 0 else replace(self._request, model=route.ref),
            why,
            self._around,
            wait=why != "hedge",
        )

    def _next_number(self) -> int:
        self._sent += 1
        return self._sent

    def _watch(self, attempt: Attempt, step: Step) -> None:
        if step == "thought":
            self._timing.think()
        elif self._race is not None:
            (self._race.began if step == "began" else self._race.brought_content)(attempt)

    def _hedge_delay_s(self) -> float | None:
        """Seconds after which this attempt's first token is asked for again; None when it never is."""
        route = self._route
        if route.first_tokens is None or is_free(route.ref) or self._why != "first":
            return None
        route.states.hedges.called()
        return route.first_tokens.delay_s()

    async def _raced(self, attempt: Attempt, breaker: Breaker, delay_s: float) -> Completion:
        ref, states = self._route.ref, self._route.states

        def second() -> Attempt | None:
            can = states.retries.has_enough and states.limiter.has_place(ref) and not breaker.refuses()
            if not can or not self._admit(None) or not states.hedges.take():
                return None
            self._attempts.append(self._attempt(breaker, "hedge"))
            return self._attempts[-1]

        def failed(one: Attempt, error: ProviderError) -> None:
            """The other one is under way: next is what has begun already."""
            states.retries.failed(error.kind)
            self._tell(one, error, "hedge")

        self._race = race = Race(attempt, delay_s, second=second, failed=failed)
        try:
            return await race.run()
        finally:
            self._was_hedged = race.was_hedged
            self._race = None

    # after a failure

    def _consider(self, error: ProviderError) -> float | None:
        """Tell of the failure and choose what is next; the seconds to wait before it, or None to give up."""
        attempt = self._open_attempt()
        self._keep(error)
        committed = attempt is not None and attempt.said_something
        wait_s = None
        if attempt is not None:
            self._failures[error.kind] += 1
            self._route.states.retries.failed(error.kind)
            wait_s = self._wait_s(attempt, error)
        at = self._elsewhere(attempt, error) if wait_s is None and not committed else None
        next_: Next = "retry" if wait_s is not None else "give_up" if at is None else "fallback"
        self._tell(attempt, error, next_, wait_s)
        if at is not None:
            self._move(at)
            return 0.0
        self._why = "again" if committed else "retry"
        if wait_s is not None:
            self._begin_retry()
        return wait_s

    def _begin_retry(self) -> None:
        """From the decision on: those that wait to be asked again crowd the service just the same."""
        self._is_retrying = True
        self._route.states.retries.begin_retry()

    def _end_retry(self) -> None:
        if self._is_retrying:
            self._is_retrying = False
            self._route.states.retries.end_retry()

    def _open_attempt(self) -> Attempt | None:
        """The attempt that failed; None when nothing was sent."""
        return next((attempt for attempt in self._attempts if attempt.is_open), None)

    def _keep(self, error: ProviderError) -> None:
        """What the call may have to tell in the end: each model's last failure, and a text that broke."""
        before = self._errors.get(self._route.ref)
        if before is None or not isinstance(error, CircuitOpenError):
            self._errors[self._route.ref] = error
        if error.partial or error.reasoning:
            self._broken = error

    def _wait_s(self, attempt: Attempt, error: ProviderError) -> float | None:
        may = error.retryable and self._may_repeat(error.kind, committed=attempt.said_something)
        if not may or (error.retry_after_s or 0) > LONGEST_TOLD_S:
            return None
        counted = self._failures.total() - self._failures["unsupported"]
        wait_s = self._timing.wait_s(error, max(1, counted))
        if wait_s >= self._timing.seconds_left():
            self._was_limited = True
            return None
        if self._leaves_no_time(error, wait_s):
            return None
        if self._breaker and self._breaker.refuses(wait_s):
            return None
        if not self._route.states.retries.allows(error.kind):
            return None
        if not self._admit(used_by(attempt, error)[0]):
            self._was_limited = True
            return None
        return wait_s

    def _leaves_no_time(self, error: ProviderError, wait_s: float) -> bool:
        """Whether a model that was silent for so long may be so until the deadline, so that the one that
        stands in for it would never be asked.
        """
        took_s = self._timing.clock.monotonic() - self._asked_at_s
        has_other = self._at + 1 < len(self._routes)
        return error.kind == "timeout" and has_other and wait_s + took_s >= self._timing.seconds_left()

    def _may_repeat(self, kind: ErrorKind, *, committed: bool) -> bool:
        if self._why == "again" or self._failures[kind] > _MOST.get(kind, ATTEMPTS):
            return False
        if kind == "unsupported":
            return True
        if self._was_hedged or (self._at and not committed):
            return False
        return self._failures.total() - self._failures["unsupported"] < self._most

    def _elsewhere(self, attempt: Attempt | None, error: ProviderError) -> int | None:
        """The next route that may be asked, by its place."""
        if error.kind in _OURS or self._broken is not None or self._timing.seconds_left() <= 0:
            return None
        used = used_by(attempt, error)[0]
        for at in range(self._at + 1, len(self._routes)):
            if self._admit(used, self._routes[at].ref):
                return at
            self._was_limited = True
            self._unfit.append(self._routes[at].ref)
        return None

    def _move(self, at: int) -> None:
        self._route.states.retries.end()
        self._at = at
        self._route.states.retries.begin()
        self._why = "fallback"
        self._failures.clear()
        self._was_hedged = False

    def _tell(
        self, attempt: Attempt | None, error: ProviderError, next_: Next, wait_s: float | None = None
    ) -> None:
        usage, cost_microusd = used_by(attempt, error)
        if attempt is not None:
            attempt.is_open = False
        self._notify(
            AttemptFailure(
                attempt=self._sent + 1 if attempt is None else attempt.number,
                model=self._route.ref,
                error=error,
                next=next_,
                wait_seconds=wait_s if next_ == "retry" else None,
                usage=usage,
                cost_microusd=cost_microusd,
            )
        )

    # ends

    def _final(self) -> ProviderError:
        return in_one(self._errors, self._unfit, self._broken)

    def cancelled(self) -> None:
        """The call was given up by our side."""
        for attempt in self._attempts:
            attempt.give_up("cancelled")

    def overdue(self, deadline_s: float) -> ProviderError:
        """The deadline passed; what had come is kept."""
        error = ProviderError(
            f"{self._request.model} did not finish within {deadline_s:g} s, all attempts together: "
            f"try again later or use another model.",
            kind="timeout",
        )
        error.is_callers = True
        source = next((one for one in self._attempts if one.is_open and one.said_something), None)
        if source is not None:
            error.partial, error.reasoning = source.text("answer"), source.text("reasoning")
        elif self._broken is not None:
            error.partial, error.reasoning = self._broken.partial, self._broken.reasoning
        for attempt in self._attempts:
            if attempt.is_open:
                self._route.states.retries.failed(error.kind)
                self._tell(attempt, error, "give_up")
        return error
