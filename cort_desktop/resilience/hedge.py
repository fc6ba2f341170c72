"""When a missing first token is asked for a second time beside the first request, and how often at most.

After min(p95, 3 × median) of the times to the first token seen lately, between 2 and 20 s, or 8 s as long as
fewer than 20 were seen (Dean and Barroso, "The Tail at Scale", 2013, with the limits of RELIABILITY). At most
one call in twenty gets one, and never many at once. Who races whom is ``race``; where cancelling stops the
bill is known to ``domain.cancelling``.
"""

from __future__ import annotations

import statistics
from collections import deque

LEAST_SAMPLES = 20
SAMPLES = 200
UNKNOWN_S = 8.0
SHORTEST_S, LONGEST_S = 2.0, 20.0
SHARE = 0.05
MOST_AT_ONCE = 10.0
"""Hedges that may be saved up: a long quiet time doesn't pay for a storm."""
_ENOUGH = 1 - 1e-9
"""Twenty times a twentieth, as floats add them up."""


class FirstTokens:
    """The times one model took to its first token."""

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=SAMPLES)

    def saw(self, seconds: float) -> None:
        """A request brought its first content after so long."""
        self._seconds.append(seconds)

    def delay_s(self) -> float:
        """Seconds after which a first token is missing."""
        if len(self._seconds) < LEAST_SAMPLES:
            return UNKNOWN_S
        ordered = sorted(self._seconds)
        p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
        return min(LONGEST_S, max(SHORTEST_S, min(p95, 3 * statistics.median(ordered))))


class Hedges:
    """How many further requests the calls to one provider may make for want of a first token."""

    def __init__(self) -> None:
        self._saved = 0.0

    def called(self) -> None:
        """A call begins."""
        self._saved = min(MOST_AT_ONCE, self._saved + SHARE)

    def take(self) -> bool:
        """Whether one may be sent; it is counted."""
        if self._saved < _ENOUGH:
            return False
        self._saved = max(0.0, self._saved - 1)
        return True
