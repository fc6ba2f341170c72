"""A circuit breaker: when a model's service keeps failing, nothing is sent to it for a while (RELIABILITY).

closed → open after 5 faults in a row, or when at least half of at least 5 requests of the last 60 s failed
→ half open after 5 s, doubled with each opening up to 120: one request, the probe, tries alone → closed with
the probe's first content, else open again. A refused key or missing credit holds it until a person changes
something, or asks again (``reset``). What the caller did wrong and cancelled calls count neither way, nor
does 429: a service that counts one's requests works, and how many it takes is the limiter's matter. 529 is
the other thing, though both are "throttled": the service is overloaded, whoever asks, and that is a fault. A
request that left before the breaker turned says nothing about the time after.

Being offline is noticed with the second look-up that fails, and never waits longer than 5 s: it ends when a
cable is plugged in, and a person who did that must not be told to wait.
Not here: which breaker belongs to whom (``breakers``).
"""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from types import TracebackType
from typing import Self

from cort_desktop.domain.clock import Clock
from cort_desktop.domain.health import CircuitHealth, CircuitState
from cort_desktop.domain.ids import ModelRef
from cort_desktop.errors import ErrorKind, ProviderError

IN_A_ROW = 5
OFFLINE_IN_A_ROW = 2
LEAST_REQUESTS = 5
WINDOW_S = 60.0
FIRST_PAUSE_S = 5.0
LONGEST_PAUSE_S = 120.0
_FAULTS: frozenset[ErrorKind] = frozenset(
    {"unreachable", "offline", "timeout", "unavailable", "interrupted", "crashed", "tls", "not_an_api"}
)
_OVERLOADED = 529
_FOR_A_PERSON: frozenset[ErrorKind] = frozenset({"auth", "no_credit"})


class CircuitOpenError(ProviderError):
    """Nothing was sent. ``behind`` is what a person has to mend first, where that is so."""

    behind: ProviderError | None = None

    def final(self) -> ProviderError:
        """The error of the whole call: a refused key stays a matter of the key."""
        if self.behind is None:
            return self
        return ProviderError(str(self), kind=self.behind.kind, status=self.behind.status, sent=False)


class Breaker:
    """One model of one provider with one key. For use on one event loop."""

    def __init__(self, clock: Clock) -> None:
        self.state: CircuitState = "closed"
        self._clock = clock
        self._since = clock.monotonic()
        self._probe_at = 0.0
        self._probe: Permit | None = None
        self._age = 0
        self._openings = 0
        self._in_a_row = 0
        self._offline_in_a_row = 0
        self._outcomes: deque[tuple[float, bool]] = deque()
        self._failures = 0
        self._last: ProviderError | None = None

    def enter(self) -> Permit | None:
        """Leave to send one request, to be used ``with`` it; None when nothing may be sent."""
        if self.refuses():
            return None
        if self.state == "open":
            self._turn("half_open")
        permit = Permit(self, self._age)
        if self.state == "half_open":
            self._probe = permit
        return permit

    def refuses(self, in_s: float = 0.0) -> bool:
        """Whether a request would be refused after so many seconds, if nothing happened meanwhile."""
        if self.state == "open":
            return self._clock.monotonic() + in_s < self._probe_at
        return self.state == "held" or self._probe is not None

    def reset(self) -> None:
        """As if nothing had ever gone wrong: the probe brought something, or a person wants it tried."""
        self._openings = 0
        self._turn("closed")

    def refusal(self, ref: ModelRef) -> CircuitOpenError:
        """Why nothing is sent, in a sentence for a person."""
        told = CircuitOpenError(self._words(ref), kind="circuit_open", sent=False)
        told.behind = self._last if self.state == "held" else None
        return told

    def health(self, model: ModelRef, key: str) -> CircuitHealth:
        """This moment's state."""
        self._forget()
        passed = timedelta(seconds=self._clock.monotonic() - self._since)
        to_probe = timedelta(seconds=self._probe_at - self._clock.monotonic())
        return CircuitHealth(
            model=model,
            key=key,
            state=self.state,
            since=self._clock.now() - passed,
            next_probe=self._clock.now() + to_probe if self.state == "open" else None,
            requests=len(self._outcomes),
            failures=self._failures,
            reason="" if self.state == "closed" or self._last is None else str(self._last),
        )

    def brought_content(self, permit: Permit) -> None:
        """The first content of a request arrived: the service works, whatever becomes of the answer."""
        if permit is self._probe:
            self.reset()
            permit.age = self._age

    def ended(self, permit: Permit, error: BaseException | None) -> None:
        """A request is over; ``error`` is None when it ended well."""
        if permit.age != self._age:
            return
        was_probe = permit is self._probe
        self._probe = None if was_probe else self._probe
        if error is None:
            if was_probe:
                self.reset()
            self._count(failed=False)
        elif isinstance(error, ProviderError):
            self._take(error, was_probe=was_probe)

    def _take(self, error: ProviderError, *, was_probe: bool) -> None:
        if error.kind in _FOR_A_PERSON and error.sent:
            self._last = error
            self._turn("held")
        elif error.kind in _FAULTS or error.status == _OVERLOADED:
            self._last = error
            self._offline_in_a_row = self._offline_in_a_row + 1 if error.kind == "offline" else 0
            self._count(failed=True)
            if was_probe or self._is_enough():
                self._open()

    def _count(self, *, failed: bool) -> None:
        self._forget()
        self._outcomes.append((self._clock.monotonic(), failed))
        self._failures += failed
        self._in_a_row = self._in_a_row + 1 if failed else 0
        if not failed:
            self._offline_in_a_row = 0

    def _forget(self) -> None:
        oldest = self._clock.monotonic() - WINDOW_S
        while self._outcomes and self._outcomes[0][0] < oldest:
            self._failures -= self._outcomes.popleft()[1]

    def _is_enough(self) -> bool:
        if self._in_a_row >= IN_A_ROW or self._offline_in_a_row >= OFFLINE_IN_A_ROW:
            return True
        return len(self._outcomes) >= LEAST_REQUESTS and 2 * self._failures >= len(self._outcomes)

    def _open(self) -> None:
        if self._offline_in_a_row:
            pause_s = FIRST_PAUSE_S
        else:
            pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(self._openings, 10))
            self._openings += 1
        self._turn("open")
        self._probe_at = self._clock.monotonic() + pause_s

    def _turn(self, state: CircuitState) -> None:
        self.state = state
        self._since = self._clock.monotonic()
        self._age += 1
        self._probe = None
        if state == "closed":
            self._outcomes.clear()
            self._failures = self._in_a_row = self._offline_in_a_row = 0

    def _words(self, ref: ModelRef) -> str:
        if self.state == "held":
            way = "Once that is mended, try again: then it is asked."
            return f"{ref} was not asked again: {self._last} {way}"
        if self.state == "open":
            left_s = max(1, round(self._probe_at - self._clock.monotonic()))
            return (
                f"{ref} was not asked, for it keeps failing: try again in {left_s} s. Last time: {self._last}"
            )
        return f"{ref} was not asked: it kept failing, and one request is trying whether it works again."


class Permit:
    """Leave for one request, used as a context manager around it: how that ends is told to the breaker.

    A ProviderError is judged by its kind; anything else, a cancellation above all, counts for nothing.
    """

    def __init__(self, breaker: Breaker, age: int) -> None:
        self.age = age
        self._breaker = breaker

    def content(self) -> None:
        """The first content arrived."""
        self._breaker.brought_content(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._breaker.ended(self, error)
