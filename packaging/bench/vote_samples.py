"""What the vote of `vote_picks` takes: at most a quarter of 40 samples."""

from devtools.bench import Result
from tests.fakes import vote_shares
from tests.fakes.compared import adaptive_and_fixed

BOUND = 0.25


def measure() -> Result:
    """Samples a question, beside 40."""
    tally = adaptive_and_fixed(vote_shares.kept())
    return Result(tally.taken / tally.runs, tally.reference_taken / tally.runs, "samples")
