"""Two hundred times kill -9 at a random moment of a run: nothing shown is lost, nothing is asked twice.

The core is ``tests/e2e/kill_rounds.py``; the normal suite plays a dozen rounds of it.
"""

import tempfile
import time
from pathlib import Path

from devtools.console import say
from tests.e2e.kill_rounds import rounds as played_on

ROUNDS = 200
TOLD_EVERY = 20


def soak(rounds: int) -> list[str]:
    """Play the rounds, say what they saw; one sentence for every time something did not hold."""
    seed = time.time_ns() % 1_000_000
    with tempfile.TemporaryDirectory(prefix="cort-kill-") as folder, played_on(Path(folder), seed) as played:
        for number in range(1, rounds + 1):
            played.play()
            if number % TOLD_EVERY == 0:
                say(f"{number} rounds, {len(played.tally.faults)} faults")
        for line in [*played.tally.lines(), f"seed: {seed}"]:
            say(line)
        return played.tally.faults
