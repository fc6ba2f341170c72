"""How long to wait before asking again (RELIABILITY, "Numbers"). Throttling and faults wait differently.

Faults: half a second, doubled each time, at most 8, shortened by up to a quarter so that callers don't march
in step. Throttled without being told how long: full jitter below 2 seconds, doubled, at most 30. Told:
exactly that, plus up to a tenth. tenacity's waits draw from the global generator; here it is passed in.
"""

from __future__ import annotations

from random import Random

from cort_desktop.errors import ProviderError

LONGEST_TOLD_S = 120.0
"""A service that asks for more is not waited for; the error says until when."""
_AT_ONCE = frozenset({"unsupported", "no_content"})


def wait_s(error: ProviderError, failures: int, random: Random) -> float:
    """Seconds to wait after the ``failures``-th failure of a call (counted from 1)."""
    if error.retry_after_s is not None:
        return error.retry_after_s * (1 + random.uniform(0, 0.1))
    doubled = 2.0 ** min(failures - 1, 10)
    if error.kind == "throttled":
        return random.uniform(0, min(30.0, 2 * doubled))
    if error.kind in _AT_ONCE:
        return 0.0
    return min(8.0, 0.5 * doubled) * random.uniform(0.75, 1)
