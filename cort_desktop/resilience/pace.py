"""How many requests may run at once, and when the next one may leave: learned from what the service says.

Pure: time is passed in, in seconds of one monotonic clock. Concurrency follows TCP's rule (Chiu and Jain's
AIMD): one more after as many successes as there are places, a good deal fewer when there were too many. Who
waits, and where, is the limiter's.
"""

from __future__ import annotations

from collections import deque

from cort_desktop.domain.calls import RateHints

MOST = 64
START = 8
"""Nobody is asked with more than this at first, whatever the settings allow."""
FEWER = 0.7
FEWER_IN_FLIGHT = 0.5
"""After a 402 that says: too much is being asked at once for the credit there is (OpenRouter)."""
STAGGER_S = 0.05
FREE_IN_A_MINUTE = 20
MINUTE_S = 60.0
LONGEST_HOLD_S = 120.0
"""A service that wants more is not waited for: its refusal says until when."""
_JUST_NOW_S = 1e-6
"""Below the resolution of any clock; timers may come that much too early."""


class Concurrency:
    """Places, between 1 and ``most``.

    A request remembers the ``burst`` it began in: when eight at once hear that there were too many, that is
    said once, not eight times.
    """

    def __init__(self, most: int, start: int = START) -> None:
        self.most = max(1, min(most, MOST))
        self.places = max(1, min(self.most, start))
        self.burst = 0
        self.is_calm = True
        self._successes = 0
        self._were_all_taken = False

    def began(self, running: int) -> int:
        """A request leaves as the ``running``-th; the burst it belongs to."""
        self._were_all_taken = self._were_all_taken or running >= self.places
        return self.burst

    def succeeded(self) -> None:
        """A request ended well. Places that nobody has used are no reason for more of them."""
        self._successes += 1
        if self._successes < self.places:
            return
        self._successes = 0
        self.is_calm = True
        if self._were_all_taken:
            self.places = min(self.most, self.places + 1)
            self._were_all_taken = False

    def throttled(self, burst: int, factor: float = FEWER) -> None:
        """A request of that burst was told that there are too many."""
        if burst != self.burst:
            return
        self.burst += 1
        self.places = max(1, int(self.places * factor))
        self.is_calm = False
        self._successes = 0
        self._were_all_taken = False


class Lane:
    """When the next request to one model may leave, by what its service told."""

    def __init__(self) -> None:
        self._not_before = 0.0
        self._left: int | None = None
        self._until = 0.0

    def ready_at(self, now: float) -> float:
        """The moment from which one more may leave; now or earlier when it may at once."""
        if self._left == 0 and now < self._until:
            return max(self._not_before, self._until)
        return self._not_before

    def began(self, now: float) -> None:
        """One leaves."""
        if self._left is not None and now < self._until:
            self._left = max(0, self._left - 1)

    def hold(self, now: float, seconds: float) -> None:
        """The service asked to wait."""
        if seconds <= LONGEST_HOLD_S:
            self._not_before = max(self._not_before, now + seconds)

    def learn(self, now: float, hints: RateHints) -> None:
        """What it says of its own limits: no more leave than it still takes, until it takes one again."""
        windows = _windows(hints)
        if not windows:
            return
        self._left, wait_s = min(windows, key=lambda window: (window[0], -window[1]))
        self._until = now + min(wait_s, LONGEST_HOLD_S)


def _windows(hints: RateHints) -> list[tuple[int, float]]:
    """(how many still fit, seconds until one more fits once they are used up) by requests and by tokens.

    Of tokens only their end is known to matter: how many a request will take is not.
    """
    found = []
    requests, tokens = hints.requests_left, hints.tokens_left
    if requests is not None and hints.requests_reset_s is not None:
        found.append((max(0, requests), _refill_s(requests, hints.requests_limit, hints.requests_reset_s)))
    if tokens is not None and tokens <= 0 and hints.tokens_reset_s is not None:
        found.append((0, _refill_s(tokens, hints.tokens_limit, hints.tokens_reset_s)))
    return found


def _refill_s(left: int, limit: int | None, reset_s: float) -> float:
    """Most services fill up steadily and tell when they are full again (OpenAI, Anthropic, Groq): one more
    fits long before. A window that ends at once is met with a refusal, which says how long to wait.
    """
    gone = (limit or 0) - left
    return max(0.0, reset_s / gone if gone > 0 else reset_s)


class PerMinute:
    """At most so many leave in any 60 seconds."""

    def __init__(self, most: int) -> None:
        self._starts: deque[float] = deque(maxlen=most)

    def ready_at(self) -> float:
        """The moment from which one more may leave."""
        is_full = len(self._starts) == self._starts.maxlen
        return self._starts[0] + MINUTE_S if is_full else 0.0

    def began(self, now: float) -> None:
        """One leaves."""
        self._starts.append(now)


def is_due(at: float, now: float) -> bool:
    """Whether a moment has come, as far as clocks can tell."""
    return at <= now + _JUST_NOW_S
