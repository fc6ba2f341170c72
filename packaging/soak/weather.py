"""Two thousand runs against services that fail one call in five in a random way: every one ends with an
answer or a clear failure, the ledger agrees with the services' own count, and nothing is left behind.

The core is ``tests/e2e/weather_runs.py``; the normal suite plays a few dozen of it. After the first 200 runs,
a thousand more may add less than 5 MB; in the end neither a descriptor nor a task more is there than before.
"""

import tempfile
import time
from pathlib import Path

from devtools.console import say
from tests.e2e.weather_runs import Level, play

ROUNDS = 2000
SETTLED = 200
MOST_MEBIBYTES_A_THOUSAND = 5_000_000 / 2**20


def soak(rounds: int) -> list[str]:
    """Play the rounds, say what they saw; one sentence for every time something did not hold."""
    seed = time.time_ns() % 1_000_000
    with tempfile.TemporaryDirectory(prefix="cort-weather-") as folder:
        tally = play(Path(folder), rounds, seed, told=lambda done: say(f"{done} runs"))
    for line in [*tally.lines(), f"seed: {seed}"]:
        say(line)
    return [*tally.faults, *_growth(tally.levels)]


def _growth(levels: dict[int, Level]) -> list[str]:
    """What the runs after the first 200 added, where there were any."""
    later = [runs for runs in levels if runs >= SETTLED]
    if len(later) < 2:  # noqa: PLR2004 - two to compare
        return []
    settled, last = levels[later[0]], levels[later[-1]]
    thousands = max(1.0, (later[-1] - later[0]) / 1000)
    grown = last.mebibytes - settled.mebibytes
    if grown < MOST_MEBIBYTES_A_THOUSAND * thousands:
        return []
    return [f"memory grew by {grown:.1f} MiB over {later[-1] - later[0]} runs"]
