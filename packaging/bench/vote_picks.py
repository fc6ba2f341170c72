"""`self_consistency` on the table of vote shares: within 0.3 points of the vote of all 40 samples.

Simulated: 500 questions, ten times over, both votes on the very same samples. The shares are made, not
measured (`tests/fakes/vote_shares.py`).
"""

from devtools.bench import Result
from tests.fakes import vote_shares
from tests.fakes.compared import adaptive_and_fixed

BOUND = 1.0
POINTS = 0.3
REPEATS = 10


def measure() -> Result:
    """Points between the two votes, beside 0.3 points."""
    tally = adaptive_and_fixed(vote_shares.kept(), REPEATS)
    between = 100 * abs(tally.reference_right - tally.right) / tally.runs
    return Result(between, POINTS, "points")
