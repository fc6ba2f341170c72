"""The moves of a round's challengers: each comes at the question another way (ENGINE 3, "Diversity").

A temperature alone makes little difference; what a challenger sees and is told does. In round 1 the draft is
still being written, so its challengers see nothing; later one always makes a fresh attempt, one mends what
judges found wrong with the incumbent, one joins the two best, one takes another way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from cort_desktop.domain.events import Verdict
from cort_desktop.domain.ids import DRAFT, ModelRef, NodeName, candidate_name
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import CandidateKind
from cort_desktop.engine import judging
from cort_desktop.engine.ballots import is_valid
from cort_desktop.engine.decisions import Job, Task
from cort_desktop.engine.panel import round_verdicts
from cort_desktop.engine.strategies.base import pick_model

Second = Callable[[RunState, int, NodeName | None], NodeName | None]
"""Who is best besides the incumbent before a round."""

MOST_FLAWS = 6
LONGEST_FLAW = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """How a challenger goes about it: the prompt's task, the kind of candidate, and its word in the log."""

    name: str
    task: Task
    kind: CandidateKind


FRESH = Move(name="fresh", task="answer", kind="fresh")
OTHER_METHOD = Move(name="other_method", task="other_method", kind="other_method")
TARGETED_FIX = Move(name="targeted_fix", task="fix", kind="revision")
SYNTHESIS = Move(name="synthesis", task="synthesis", kind="synthesis")

MOVES = {move.name: move for move in (FRESH, OTHER_METHOD, TARGETED_FIX, SYNTHESIS)}
"""Those a person may choose among, by name."""
UNSEEING = (FRESH, OTHER_METHOD)
SEEING = (FRESH, TARGETED_FIX, SYNTHESIS, OTHER_METHOD)
ALONE = (TARGETED_FIX, FRESH)
"""With one challenger a round, mending and a fresh attempt take turns."""


def challenger(state: RunState, number: int, index: int, incumbent: NodeName | None) -> Job:
    """The job of round ``number``'s ``index``-th challenger (from 1)."""
    return _challenger(state, number, index, incumbent, second=_runner_up)


def challengers() -> Callable[[RunState, int, int, NodeName | None], Job]:
    """``challenger`` for a whole round in one decision: the second best is looked for only once."""
    known: dict[tuple[int, NodeName | None], NodeName | None] = {}

    def second(state: RunState, number: int, incumbent: NodeName | None) -> NodeName | None:
        if (number, incumbent) not in known:
            known[number, incumbent] = _runner_up(state, number, incumbent)
        return known[number, incumbent]

    return partial(_challenger, second=second)


def job_of(  # noqa: PLR0913  a job, each part of it by name
    state: RunState,
    number: int,
    index: int,
    incumbent: NodeName | None,
    move: Move,
    *,
    model: ModelRef | None = None,
    wish: int | None = None,
    second: Second | None = None,
) -> Job:
    """The job of a challenger that makes ``move``; what it can't do without an incumbent or a second best, it
    does otherwise. second: who finds the second best.
    """
    if incumbent is None and move not in UNSEEING:
        move = FRESH
    other = (second or _runner_up)(state, number, incumbent) if move is SYNTHESIS else None
    if move is SYNTHESIS and other is None:
        move = TARGETED_FIX
    saw = {FRESH: (), SYNTHESIS: (incumbent, other)}.get(move, (incumbent,))
    return Job(
        name=candidate_name(number, index),
        task=move.task,
        role="proposer",
        kind=move.kind,
        move=move.name,
        round=number,
        model=model or pick_model(state.spec, "proposer", index),
        parents=(incumbent or DRAFT,),
        saw=tuple(name for name in saw if name is not None),
        sample=index,
        flaws=flaws_of(state, number, incumbent) if move is TARGETED_FIX and incumbent else (),
        wish=wish,
    )


def _challenger(
    state: RunState, number: int, index: int, incumbent: NodeName | None, *, second: Second
) -> Job:
    move = _move(state, number, index, incumbent)
    return job_of(state, number, index, incumbent, move, second=second)


def _move(state: RunState, number: int, index: int, incumbent: NodeName | None) -> Move:
    if number == 1 or incumbent is None:
        return UNSEEING[(index - 1) % len(UNSEEING)]
    if (state.spec.alternatives or 1) == 1:
        return ALONE[number % len(ALONE)]
    return SEEING[(index - 1) % len(SEEING)]


def _runner_up(state: RunState, number: int, incumbent: NodeName | None) -> NodeName | None:
    """The best rated of the rounds before, besides the incumbent, that is whole and was not retired."""
    before = [verdict for verdict in state.verdicts.values() if verdict.round < number]
    ratings = judging.bradley_terry(before)
    open_to = [
        name
        for name in ratings
        if name != incumbent
        and name not in state.retired
        and name not in state.out
        and state.nodes[name].finish != "length"
    ]
    return max(open_to, key=ratings.__getitem__, default=None)


def flaws_of(state: RunState, number: int, incumbent: NodeName) -> tuple[str, ...]:
    """What the judges of the rounds before said is wrong with the incumbent or lacking, latest first."""
    found: dict[str, None] = {}
    for earlier in range(number - 1, 0, -1):
        for verdict in round_verdicts(state, earlier):
            found |= dict.fromkeys(_said_of(verdict, incumbent))
    return tuple(found)[:MOST_FLAWS]


def _said_of(verdict: Verdict, name: NodeName) -> list[str]:
    """A verdict's fatal flaw of a candidate; its critique where that is about this one, the best."""
    if not is_valid(verdict):
        return []
    on_top = bool(verdict.ranking) and name in verdict.ranking[0]
    said = [verdict.flaws.get(name), verdict.critique if on_top else None]
    return [" ".join(text.split())[:LONGEST_FLAW] for text in said if text and text.strip()]
