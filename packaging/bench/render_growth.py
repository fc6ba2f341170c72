"""Rendering a streamed answer four times as long: at most 4 to the power of 1.2 times the work."""

from bench._rendering import answer, ours
from devtools.bench import Result

BOUND = 4**1.2
SHORT, LONG = 6_000, 24_000


def measure() -> Result:
    """Seconds for 24,000 characters beside those for 6,000."""
    ours(answer(1_000))  # fonts and lexers are loaded once
    short = min(ours(answer(SHORT)) for _ in range(2))
    return Result(min(ours(answer(LONG)) for _ in range(2)), short, "s")
