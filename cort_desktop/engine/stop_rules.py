"""When another round would not pay (ENGINE 5): rules over the rounds there are, each with its numbers.

Pure, over the fold. Votes have their own (``stopping.py``), caps and a person's Stop are ``endings.py``'s.
What is similar is ``similarity.py``, how steady judges are ``order_effects.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from cort_desktop.domain.events import Verdict
from cort_desktop.domain.ids import DRAFT, NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.engine import order_effects
from cort_desktop.engine.ballots import is_valid
from cort_desktop.engine.panel import round_verdicts
from cort_desktop.engine.similarity import ALIKE, grams, jaccard, nearest

ROUNDS_IN_A_ROW = 2
LEAST_RISE = 0.25
STEADY = 0.6
LEAST_PAIRS = 30
"""Fewer pairs seen in both orders say nothing of a judge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRule:
    """A rule that fired: its name, why in a sentence, and the numbers it saw."""

    rule: str
    text: str
    numbers: dict[str, Any] = field(default_factory=dict)


def played_words(done: int) -> str:
    """That all rounds there were to be are over, without a full stop."""
    if not done:
        return "No round was to be played"
    return "1 of 1 round is done" if done == 1 else f"{done} of {done} rounds are done"


def fired(state: RunState, done: int) -> StopRule | None:
    """The first rule that says ``done`` rounds are enough; None when another may pay."""
    rules: tuple[Callable[[RunState, int], StopRule | None], ...] = (noise, stability, exhaustion, plateau)
    return next((found for rule in rules if (found := rule(state, done)) is not None), None)


def noise(state: RunState, done: int) -> StopRule | None:
    """The judge says another thing when the order is turned, too often to be listened to."""
    del done
    verdicts = list(state.verdicts.values())
    pairs = order_effects.pairs_in_both_orders(verdicts)
    steady = order_effects.swap_consistency(verdicts)
    if steady is None or pairs < LEAST_PAIRS or steady >= STEADY:
        return None
    return StopRule(
        rule="noise",
        text=f"The verdicts are noise: turned round, only {steady:.0%} of {pairs} pairs came out alike.",
        numbers={"swap_consistency": steady, "pairs": pairs, "least": STEADY},
    )


def stability(state: RunState, done: int) -> StopRule | None:
    """The same candidate won the last two rounds; a round whose verdict failed counts for nothing."""
    last = [state.rounds[n].result for n in range(done - ROUNDS_IN_A_ROW + 1, done + 1) if n in state.rounds]
    winners = {result.winner for result in last if result is not None and result.method is not None}
    if len(last) < ROUNDS_IN_A_ROW or any(r is None or r.method is None for r in last) or len(winners) != 1:
        return None
    (winner,) = winners
    return StopRule(
        rule="stability",
        text=f"{winner} won {ROUNDS_IN_A_ROW} rounds in a row.",
        numbers={"rounds": ROUNDS_IN_A_ROW},
    )


def exhaustion(state: RunState, done: int) -> StopRule | None:
    """The round's challengers only say again what was said before."""
    if done not in state.rounds:
        return None
    challengers = [node for name in state.rounds[done].candidates if (node := state.nodes[name]).is_candidate]
    archive = [node.text for node in state.candidates() if node.round < done]
    if not challengers or not archive:
        return None
    alike = fmean(nearest([node.text for node in challengers], archive))
    if alike <= ALIKE:
        return None
    return StopRule(
        rule="exhaustion",
        text=f"Nothing new is coming: round {done} repeats earlier answers to {alike:.0%}.",
        numbers={"similarity": alike, "above": ALIKE, "challengers": len(challengers)},
    )


def plateau(state: RunState, done: int) -> StopRule | None:
    """The winners' scores stood still over two rounds."""
    before, now = rubric_mean(state, done - ROUNDS_IN_A_ROW), rubric_mean(state, done)
    if before is None or now is None or now - before >= LEAST_RISE:
        return None
    return StopRule(
        rule="plateau",
        text=f"Scores stand still: the winners' mean went from {before:.2f} to {now:.2f} in two rounds.",
        numbers={"before": before, "now": now, "rise": now - before, "least": LEAST_RISE},
    )


def rubric_mean(state: RunState, number: int) -> float | None:
    """What the judges of a round gave its winner, 1 to 10: criteria by their weights, verdicts alike."""
    result = state.rounds[number].result if number in state.rounds else None
    if result is None or result.winner is None:
        return None
    given = [_rubric(state, verdict, result.winner) for verdict in round_verdicts(state, number)]
    known = [score for score in given if score is not None]
    return fmean(known) if known else None


def _rubric(state: RunState, verdict: Verdict, name: NodeName) -> float | None:
    scores = verdict.scores.get(name, {}) if is_valid(verdict) else {}
    weighed = [(c.weight, scores[c.id]) for c in state.spec.criteria if c.id in scores]
    total = sum(weight for weight, _ in weighed)
    return sum(weight * score for weight, score in weighed) / total if total else None


def dethroned_twin(state: RunState, number: int, winner: NodeName) -> NodeName | None:
    """A former incumbent that the round's new winner says again: the contest goes round in a circle.

    The one most alike, above ``ALIKE``; those retired already are out of the contest.
    """
    own = grams(state.nodes[winner].text)
    fallen = _dethroned(state, number) - {winner} - state.retired
    near = {name: jaccard(own, grams(state.nodes[name].text)) for name in fallen}
    twin = max(sorted(near), key=near.__getitem__, default=None)
    return twin if twin is not None and near[twin] > ALIKE else None


def _dethroned(state: RunState, number: int) -> set[NodeName]:
    """Candidates that stood once and lost their place before round ``number`` was decided."""
    draft = state.nodes.get(DRAFT)
    stood = [DRAFT] if draft is not None and draft.is_candidate else []
    decided = (round_.result for n, round_ in sorted(state.rounds.items()) if n < number)
    stood += [result.winner for result in decided if result is not None and result.winner is not None]
    return set(stood[:-1]) - set(stood[-1:])
