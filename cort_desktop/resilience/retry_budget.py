"""The retry budget of one provider: in an outage every call is sent about once, not three times.

A bucket of tokens (gRPC A6): a fault takes one, a success gives a tenth back, and at or below half the bucket
nothing is asked again. Being throttled is cheap, because the service itself says when to come back. Besides,
few calls may be in their second or third attempt at once. Cancelled calls count for nothing.
"""

from __future__ import annotations

from cort_desktop.errors import ErrorKind

FULL = 10.0
DRY = 5.0
_SUCCESS = 0.1
_PRICE: dict[ErrorKind, float] = {
    "unreachable": 1.0,
    "offline": 1.0,
    "timeout": 1.0,
    "unavailable": 1.0,
    "interrupted": 1.0,
    "crashed": 1.0,
    "throttled": 0.25,
}


class RetryBudget:
    """Shared by all calls to one provider, on one event loop."""

    def __init__(self) -> None:
        self.tokens = FULL
        self._active = 0
        self._retrying = 0

    def begin(self) -> None:
        """A call begins."""
        self._active += 1

    def end(self) -> None:
        """A call ended, however it did."""
        self._active -= 1

    def succeeded(self) -> None:
        """An attempt ended well."""
        self.tokens = min(FULL, self.tokens + _SUCCESS)

    def failed(self, kind: ErrorKind) -> None:
        """An attempt failed. Faults that say nothing about the service's health cost nothing."""
        self.tokens = max(0.0, self.tokens - _PRICE.get(kind, 0.0))

    @property
    def has_enough(self) -> bool:
        """Whether more than half is left, so that something may be sent twice."""
        return self.tokens > DRY

    def allows(self, kind: ErrorKind) -> bool:
        """Whether a call that failed with ``kind`` may be sent again."""
        if kind not in _PRICE:
            return True
        crowded = kind != "throttled" and self._retrying >= max(3, self._active // 5)
        return self.has_enough and not crowded

    def begin_retry(self) -> None:
        """A further attempt is on its way, from the decision on."""
        self._retrying += 1

    def end_retry(self) -> None:
        """That attempt is over."""
        self._retrying -= 1
