"""Two ways to the same end in the same simulated worlds: what the figures of selection and of votes rest on.

The references are computed here, apart from the engine: a swapped round-robin, and a vote of a fixed size.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import combinations

from cort_desktop.domain.ids import NodeName, candidate_name
from tests.fakes.formulas import noise_among_normals, noise_under_place_bias
from tests.fakes.simulated_runs import play
from tests.fakes.simulation import RIGHT, Judge, Text, World, Writer
from tests.fakes.vote_shares import Shares

CANDIDATES = 4
PANEL = 3
FIXED = 40
PAIRS_RIGHT = 0.85
ANSWERS = Writer(gap=0.0, spread=1.0)
"""Qualities that are normally distributed: one of four is the best."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """How often each way was right, and what it took."""

    runs: int = 0
    right: int = 0
    reference_right: int = 0
    taken: int = 0
    reference_taken: int = 0


def judges(*, lasting: float = 0.0, first: float = 0.0) -> tuple[Judge, ...]:
    """Three judges that put pairs of such answers right 85 times in 100 (before any place bias)."""
    noise = noise_among_normals(PAIRS_RIGHT)
    return tuple(Judge(noise=noise, lasting=lasting, first=first) for _ in range(PANEL))


def swayed_judges(first: float, *, lasting: float = 0.0) -> tuple[Judge, ...]:
    """Three judges that favour what is shown first by so much and put pairs right 85 times in 100 all the
    same: their noise is the smaller. More than about 0.53 leaves no noise at all.
    """
    noise = noise_under_place_bias(PAIRS_RIGHT, first)
    return tuple(Judge(noise=noise, lasting=lasting, first=first) for _ in range(PANEL))


def panel_and_round_robin(runs: int, by: tuple[Judge, ...]) -> Tally:
    """Who picks the best of four: ``best_of_n`` with its panel, head-to-heads included, or every pair in both
    orders. Taken are verdicts.
    """
    tally = Tally()
    for seed in range(runs):
        world = World(writer=ANSWERS, judges=by, seed=seed)
        run = play("best_of_n", world, alternatives=CANDIDATES, judges=PANEL)
        best = max(run.texts, key=lambda name: run.texts[name].quality)
        tally.runs += 1
        tally.right += run.end.answer_node == best
        tally.taken += run.count("judge")
        tally.reference_right += round_robin(world, run.texts) == best
        tally.reference_taken += CANDIDATES * (CANDIDATES - 1)
    return tally


def round_robin(world: World, texts: dict[NodeName, Text]) -> NodeName:
    """The winner of most verdicts over all pairs in both orders, the pairs shared out among the judges.

    Of equals the one with most wins among them, then the lot.
    """
    wins: list[NodeName] = []
    duels: list[tuple[NodeName, NodeName, NodeName]] = []
    for number, pair in enumerate(combinations(texts, 2)):
        judge = world.judge_models[number % len(world.judge_models)]
        for order in (pair, pair[::-1]):
            seen = world.seen(
                NodeName(f"robin {number} {order[0]}"), judge, [(name, texts[name]) for name in order]
            )
            wins.append(seen.ranking[0][0])
            duels.append((*pair, wins[-1]))
    ahead = _most(Counter(wins), list(texts))
    among = Counter(winner for one, other, winner in duels if one in ahead and other in ahead)
    return world.chance("lot").choice(_most(among, ahead))


def _most(count: Counter[NodeName], names: list[NodeName]) -> list[NodeName]:
    most = max(count[name] for name in names)
    return [name for name in names if count[name] == most]


def adaptive_and_fixed(questions: tuple[Shares, ...], repeats: int = 1) -> Tally:
    """``self_consistency`` of at most 40 samples against the vote of all 40, on the very same samples. Taken
    are samples.
    """
    tally = Tally()
    for number, shares in enumerate(questions):
        writer = replace(Writer(words=(1, 1)), right=shares.right, wrong=shares.wrong or (1.0,))
        for repeat in range(repeats):
            world = World(writer=writer, seed=number * 1000 + repeat)
            run = play("self_consistency", world, alternatives=FIXED)
            tally.runs += 1
            tally.right += run.is_right
            tally.taken += run.count("proposer")
            tally.reference_right += fixed_vote(world) == RIGHT
            tally.reference_taken += FIXED
    return tally


def fixed_vote(world: World) -> int:
    """The cluster that most of forty samples are in; of equals the one that was said first."""
    said = [world.written(candidate_name(1, index)).cluster for index in range(1, FIXED + 1)]
    return max(Counter(said).items(), key=lambda each: (each[1], -said.index(each[0])))[0]
