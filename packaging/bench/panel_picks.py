"""Three judges rank four answers; each is right about 85 pairs in 100: how often the best one is missed.

The reference is a swapped round-robin of the same judges on the same answers (every pair, both orders). The
panel is `best_of_n` as it is, its head-to-heads included; simulated, 3,000 runs a world: judges whose noise
is new in each verdict, and judges half of whose noise is a fixed taste and who favour what is shown first.
The worse of the two counts.
"""

from devtools.bench import Result
from tests.fakes.compared import Tally, judges, panel_and_round_robin

BOUND = 1.0
RUNS = 3000


def measure() -> Result:
    """Misses in 100 of the panel, beside those of the round-robin."""
    worlds = (judges(), judges(lasting=0.5, first=0.5))
    return max((_misses(panel_and_round_robin(RUNS, by)) for by in worlds), key=lambda one: one.ratio)


def _misses(tally: Tally) -> Result:
    missed, reference = tally.runs - tally.right, tally.runs - tally.reference_right
    return Result(100 * missed / tally.runs, 100 * reference / tally.runs, "%")
