"""Candidates scored one by one: which judges to ask of each, and what their rubrics come to.

Each judge sees one candidate alone and is never told of the others, so scores can be compared over a whole
run. Judges that can't be read abstain at once: a ranking of one, said again, would hold no scores. Rankings
of several are ``panel.py``'s.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from statistics import fmean

from cort_desktop.domain.events import RoundFinished
from cort_desktop.domain.ids import ModelRef, NodeName, verdict_name
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.engine import verifying
from cort_desktop.engine.ballots import is_valid
from cort_desktop.engine.decisions import Decision, Job, Record, Start
from cort_desktop.engine.judges import authors_of
from cort_desktop.engine.panel import round_missing
from cort_desktop.engine.strategies.base import models_for
from cort_desktop.engine.verdict_jobs import abstention

HIGHEST = 10
"""Of one criterion."""
TOP = 1.0
"""The score of a candidate that every judge gave the highest in everything."""


def score_step(state: RunState, names: Iterable[NodeName]) -> list[Decision]:
    """What the scores of ``names`` need next; nothing while their judges are at work or have all answered."""
    decisions: list[Decision] = []
    taken: set[NodeName] = set()
    for name in names:
        asked = _judges(state, name)
        for judge in asked:
            if judge.may_ask_again:
                decisions.append(Start(job=_job(state, name, judge.name, (judge.sample or 1) - 1)))
            elif judge.status == "finished" and judge.name not in state.verdicts:
                job = _job(state, name, judge.name, (judge.sample or 1) - 1)
                decisions.append(Record(body=abstention(state, job)))
        free = _free_names(state, state.nodes[name].round, taken)
        for index in range(len(asked), state.spec.judges or 1):
            decisions.append(Start(job=_job(state, name, new := next(free), index)))
            taken.add(new)
    return decisions


def is_being_scored(state: RunState, name: NodeName) -> bool:
    """Whether a judge of ``name`` is still to be asked, to be heard or to be read."""
    judges = _judges(state, name)
    if len(judges) < (state.spec.judges or 1):
        return True
    return any(
        judge.status == "running"
        or judge.may_ask_again
        or (judge.status == "finished" and judge.name not in state.verdicts)
        for judge in judges
    )


def score_of(state: RunState, name: NodeName) -> float | None:
    """The mean of a candidate's rubrics, from 0.1 to 1; None where no judge's scores could be read."""
    weights = {criterion.id: criterion.weight for criterion in state.spec.criteria}
    rubrics = [
        fmean(scores.values(), [weights.get(criterion, 1.0) for criterion in scores])
        for judge in _judges(state, name)
        if (verdict := state.verdicts.get(judge.name)) is not None and is_valid(verdict)
        if (scores := verdict.scores.get(name))
    ]
    return fmean(rubrics) / HIGHEST if rubrics else None


def best_scored(state: RunState, nodes: Sequence[Node]) -> NodeName | None:
    """The best of ``nodes``: who is not outranked by a verifier, is whole and was not taken out, before the
    score; of equals the first. None where none has a score.
    """
    scores = {node.name: score for node in nodes if (score := score_of(state, node.name)) is not None}
    names = [name for name in scores if name not in state.out] or list(scores)
    names = [name for name in names if state.nodes[name].finish != "length"] or names
    return max(verifying.foremost(state, names), key=scores.__getitem__, default=None)


def score_result(
    state: RunState, number: int, nodes: Sequence[Node], *, before: NodeName | None, is_settled: bool
) -> RoundFinished | None:
    """What round ``number`` comes to: the best of all ``nodes`` up to it, and its own scores; None while
    nobody in it has one but somebody may. ``before`` is who was best without this round.
    """
    own = [node for node in nodes if node.round == number]
    scores = {node.name: score for node in own if (score := score_of(state, node.name)) is not None}
    if not scores and not is_settled:
        return None
    winner = best_scored(state, [node for node in nodes if node.round <= number])
    return RoundFinished(
        round=number,
        winner=winner,
        kept=None if before is None else winner == before,
        scores=scores,
        method="rubric" if scores else None,
        missing=round_missing(state, number),
    )


def _judges(state: RunState, name: NodeName) -> list[Node]:
    """The judges that were shown this candidate alone; further looks at it count for nothing here."""
    number = state.nodes[name].round
    names = state.rounds[number].judges if number in state.rounds else []
    return [node for judge in names if (node := state.nodes[judge]).saw == (name,)]


def _free_names(state: RunState, number: int, taken: set[NodeName]) -> Iterator[NodeName]:
    names = (verdict_name(number, place) for place in itertools.count(1))
    return (name for name in names if name not in state.nodes and name not in taken)


def _job(state: RunState, name: NodeName, judge: NodeName, index: int) -> Job:
    return Job(
        name=judge,
        task="score",
        role="judge",
        model=_model(state, name, index),
        round=state.nodes[name].round,
        parents=(name,),
        saw=(name,),
        sample=index + 1,
        purpose="score",
    )


def _model(state: RunState, name: NodeName, index: int) -> ModelRef:
    """The judging models in turn; who wrote the candidate only where there is no other."""
    models = tuple(dict.fromkeys(models_for(state.spec, "judge")))
    authors = authors_of(state.nodes[name])
    others = tuple(model for model in models if model not in authors) or models
    return others[index % len(others)]
