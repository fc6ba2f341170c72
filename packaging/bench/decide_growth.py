"""Deciding in a tournament of 40 challengers that lasts four times as long: each reply costs at most 4 to the
power of 0.5 times as much.

Simulated: the engine's decisions and its fold, without requests. Answers get better from round to round, so
that no rule ends the run early, and each comes back at a time of its own, so that every reply is decided on.
"""

import time
from collections.abc import Sequence
from dataclasses import replace

from cort_desktop.domain.ids import DRAFT, NodeName
from devtools.bench import Result
from tests.fakes.simulated_runs import play
from tests.fakes.simulation import Judge, Text, World, Writer

BOUND = 4**0.5
SHORT, LONG = 2, 8
CHALLENGERS = 40
JUDGES = 3
BETTER_BY = 10.0
WRITER = Writer(gap=0.0, spread=1.0, seconds=(8.0, 14.0), words=(30, 60))
JUDGE = Judge(base=None, seconds=(2.0, 4.0))


class _Rising(World):
    def written(self, node: NodeName, saw: Sequence[Text] = ()) -> Text:
        """An answer of a later round is better."""
        text = super().written(node, saw)
        number = 0 if node == DRAFT else int(node[1:].partition(".")[0])
        return replace(text, quality=text.quality + BETTER_BY * number)


def measure() -> Result:
    """Milliseconds a reply in a run of 8 rounds, beside those in one of 2."""
    _per_reply(1)  # labels are shuffled once
    short = min(_per_reply(SHORT) for _ in range(3))
    return Result(min(_per_reply(LONG) for _ in range(2)), short, "ms")


def _per_reply(rounds: int) -> float:
    world = _Rising(writer=WRITER, judges=(JUDGE,), seed=1)
    before = time.thread_time()
    run = play("tournament", world, rounds=rounds, alternatives=CHALLENGERS, judges=JUDGES)
    took = time.thread_time() - before
    if run.state.rounds_finished != rounds:
        raise RuntimeError(f"the run ended by {run.rule} after {run.state.rounds_finished} rounds")
    return took / len(run.state.nodes) * 1000
