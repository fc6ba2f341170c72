"""What hedging sends on top, with 3 % of calls ten times slower: at most 6 % more requests."""

from bench._uneven import course
from devtools.bench import Result

BOUND = 1.06


def measure() -> Result:
    """Requests with hedging, beside those without."""
    return Result(course(hedged=True).requests, course(hedged=False).requests, "requests")
