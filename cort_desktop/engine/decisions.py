"""What a strategy can decide. A strategy is a pure function from the state of a run to a list of these.

The most useful decision comes first. The engine turns each into an event, folds it, acts, starts what the
ledger and the limiter allow and forgets the rest; an empty list means: wait.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from cort_desktop.domain.events import (
    ContestFinished,
    LimitReached,
    RoundAdded,
    RoundFinished,
    RoundQuorum,
    RoundRejudged,
    RunPlanned,
    Verdict,
    Vote,
)
from cort_desktop.domain.ids import ModelRef, NodeName
from cort_desktop.domain.search import CancelledBy, CandidateKind, Criterion, NodeRole, Purpose

Task = Literal[
    "answer",  # answer the question
    "answer_checkable",  # answer, and end with a line that can be compared
    "revise",  # see the incumbent (saw[0]) and write a better answer
    "fix",  # see the incumbent (saw[0]) and what judges found wrong with it (``flaws``), and mend that
    "other_method",  # answer by another way than the obvious one, or than that of saw[0]
    "synthesis",  # see the two best (saw) and write one answer out of both
    "combine",  # see answers that nobody ranked (saw) and write one out of all
    "chair",  # see answers as their judges ranked them (saw, best first; ``flaws`` of the first), write one
    "debate",  # see one's own last statement (saw[0]) and the other side's (saw[1]), and make one's own anew
    "combine_checkable",  # the same, and end with a line that can be compared
    "critique",  # say what is wrong with the incumbent (saw[0]), or that nothing is
    "mend",  # see the incumbent (saw[0]) and its critique (saw[1]), and mend what is rightly said of it
    "verdict",  # rank the candidates in saw, blind
    "select",  # rank the candidates in saw, blind, by how many of the others come to the same
    "score",  # score the one candidate in saw, blind, against no other
    "repair",  # put an unreadable verdict (of ``repairs``) into the form that can be read
    "route",  # say which way to think this question deserves
    "rounds",  # say how many rounds this question deserves
]
"""Which prompt a job is asked with (``engine/prompts.py``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A call to make; its name is the node's name. ``saw`` are the texts in the prompt, in that order;
    ``flaws`` what judges said of the first of them. ``wish``: the person's wish it comes from. ``criteria``:
    what a judge scores, where it isn't what the run's judges score.
    """

    name: NodeName
    task: Task
    role: NodeRole
    model: ModelRef
    kind: CandidateKind | None = None
    round: int = 0
    parents: tuple[NodeName, ...] = ()
    saw: tuple[NodeName, ...] = ()
    move: str | None = None
    side: str | None = None
    sample: int | None = None
    purpose: Purpose | None = None
    excluded: tuple[NodeName, ...] = ()
    repairs: NodeName | None = None
    flaws: tuple[str, ...] = ()
    wish: int | None = None
    criteria: tuple[Criterion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Ask a model."""

    job: Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Give up a running call."""

    node: NodeName
    by: CancelledBy = "plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Have the run's verifier look at a finished candidate; what it finds is recorded as an event."""

    node: NodeName


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Write down a result that follows from the state."""

    body: (
        Vote
        | RunPlanned
        | RoundFinished
        | Verdict
        | LimitReached
        | ContestFinished
        | RoundAdded
        | RoundRejudged
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """Write a result down at a time (UTC), if it is still decided then. So a strategy can wait for time to
    pass without reading a clock.
    """

    body: RoundQuorum
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """The run ends: the rule that fired, in words and numbers, and which node is the answer.

    ``results`` are written down before the end: what an unfinished round comes to with what there is.
    """

    rule: str
    text: str
    numbers: dict[str, Any] = field(default_factory=dict)
    answer: NodeName | None = None
    scores: dict[NodeName, float] = field(default_factory=dict)
    degraded: bool = False
    results: tuple[Vote | RoundFinished, ...] = ()


Decision = Start | Cancel | Check | Record | Later | Finish
