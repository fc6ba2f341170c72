"""The verdicts that a panel takes, head-to-heads included: at most a third of those of a round-robin.

Judges are right about 85 pairs in 100, whether what errs in them is noise alone or they are swayed by what is
shown first as far as that leaves room for; the worse of the two counts. (Judges swayed further are right less
often; then more is tied, and asked again.)
"""

from devtools.bench import Result
from tests.fakes.compared import judges, panel_and_round_robin, swayed_judges

BOUND = 1 / 3
RUNS = 3000
SWAYED = 0.5


def measure() -> Result:
    """Verdicts a run, beside those of the round-robin."""
    tallies = [panel_and_round_robin(RUNS, by) for by in (judges(), swayed_judges(SWAYED))]
    worse = max(tallies, key=lambda tally: tally.taken)
    return Result(worse.taken / worse.runs, worse.reference_taken / worse.runs, "calls")
