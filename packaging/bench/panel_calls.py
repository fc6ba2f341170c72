"""The verdicts that the panel of `panel_picks` takes, head-to-heads included: at most a third of those of a
round-robin.
"""

from devtools.bench import Result
from tests.fakes.compared import judges, panel_and_round_robin

BOUND = 1 / 3
RUNS = 3000


def measure() -> Result:
    """Verdicts a run, beside those of the round-robin."""
    tally = panel_and_round_robin(RUNS, judges())
    return Result(tally.taken / tally.runs, tally.reference_taken / tally.runs, "calls")
