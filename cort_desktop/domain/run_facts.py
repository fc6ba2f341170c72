"""What is known of a run: the fields that its events fill in, and views that need no more than them.

How an event changes them is ``run.py``, the only place that does; what they are made of is ``nodes.py``.
"""

from __future__ import annotations

import copy
from datetime import datetime
from typing import Self

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget
from cort_desktop.domain.ids import NodeName, RunId
from cort_desktop.domain.nodes import Node, Round, Spent
from cort_desktop.domain.search import RunSpec
from cort_desktop.domain.wishes import Wish


class OutOfOrderError(ValueError):
    """An event that does not follow the last one: the log has a gap, belongs to another run, or tells of a
    call that never began.
    """


class RunFacts:
    """A run as far as it is known. Readers must not change it.

    dropped: calls a person stopped one by one. late: see ``Node.is_late``, in the order in which they were
    tried again. overdue: those their round's judges did not wait for. taken_back: rounds that were decided
    and are to be decided anew. out: candidates a person took out of the contest; instead: who stands for an
    answer that was taken out. rejudged: verdicts of further looks, apart from those that decide. contest: the
    end of what the strategy does, once only wishes are left; in_contest: the wishes that are part of it.
    looked_back: the end of a run that is only looked at again. looking_seconds: those of active_seconds in
    which only further looks were at work.
    """

    def __init__(self, run: RunId) -> None:
        self.run = run
        self.seq = 0
        self.started: ev.RunStarted | None = None
        self.started_at: datetime | None = None
        self.planned: ev.RunPlanned | None = None
        self.budget = Budget()
        self.nodes: dict[NodeName, Node] = {}
        self.running: dict[NodeName, Node] = {}
        self.repairs: dict[NodeName, NodeName] = {}
        self.calls_outside_rounds = 0
        self.rounds_finished = 0
        self.rounds: dict[int, Round] = {}
        self.verdicts: dict[NodeName, ev.Verdict] = {}
        self.votes: list[ev.Vote] = []
        self.checks: list[ev.Check] = []
        self.limits: dict[str, ev.LimitReached] = {}
        self.user: list[ev.UserEvent] = []
        self.stopped = False
        self.enough = False
        self.retired: set[NodeName] = set()
        self.dropped: set[NodeName] = set()
        self.late: list[NodeName] = []
        self.overdue: list[NodeName] = []
        self.taken_back: set[int] = set()
        self.out: set[NodeName] = set()
        self.instead: NodeName | None = None
        self.wishes: list[Wish] = []
        self.rejudged: dict[NodeName, ev.Verdict] = {}
        self.contest: ev.ContestFinished | None = None
        self.in_contest: set[int] = set()
        self.looked_back: ev.RunFinished | None = None
        self.paused = False
        self.finished: ev.RunFinished | None = None
        self.override: NodeName | None = None
        self.best: NodeName | None = None
        self.incumbent: NodeName | None = None
        self.spent = Spent()
        self.active_seconds = 0.0
        self.looking_seconds = 0.0
        self._last_at: datetime | None = None

    def copy(self) -> Self:
        """A state of its own: what further events change in the one stays as it is in the other."""
        other = copy.copy(self)
        for name, value in vars(self).items():
            if isinstance(value, dict | list | set):
                setattr(other, name, copy.copy(value))
        other.spent = copy.copy(self.spent)
        other.rounds = {number: round_.copy() for number, round_ in self.rounds.items()}
        other.nodes = {name: node.copy() for name, node in self.nodes.items()}
        other.running = {name: other.nodes[name] for name in self.running}
        return other

    @property
    def spec(self) -> RunSpec:
        """What is in force: the plan's spec once there is one."""
        if self.planned is not None:
            return self.planned.spec
        return self._begun().spec

    @property
    def strategy(self) -> str:
        """The strategy in force."""
        return self.planned.strategy if self.planned is not None else self._begun().strategy

    @property
    def question(self) -> str:
        """The question as it was asked."""
        return self._begun().question

    @property
    def answer_node(self) -> NodeName | None:
        """The active answer: a person's choice, else the run's, else the best so far."""
        if self.override is not None:
            return self.override
        if self.instead is not None:
            return self.instead
        if self.finished is not None and self.finished.answer_node is not None:
            return self.finished.answer_node
        return self.best

    @property
    def answer(self) -> str | None:
        """The text of the active answer."""
        node = None if self.answer_node is None else self.nodes.get(self.answer_node)
        if node is not None:
            return node.text
        return None if self.finished is None else self.finished.answer

    @property
    def next_round(self) -> int:
        """The round to decide next: the first that was taken back, else the one after the last."""
        return min(self.taken_back, default=self.rounds_finished + 1)

    @property
    def is_closing(self) -> bool:
        """Whether nothing more may start: a cap was met, or a person stopped it or has enough."""
        return self.stopped or self.enough or bool(self.limits)

    @property
    def open_rounds(self) -> list[int]:
        """Rounds that have begun and are not decided; 0 while the draft is being written. Before anything has
        begun it is the first one.
        """
        if not self.nodes:
            return [0, 1]
        begun = (
            (0,) if any(node.round == 0 and node.role != "router" for node in self.running.values()) else ()
        )
        undecided = ((n, each) for n, each in self.rounds.items() if n and each.result is None)
        rounds = (
            n
            for n, each in undecided
            if each.judges or each.added or each.critiques or self._asked_for_any(each)
        )
        return [*begun, *rounds]

    @property
    def is_only_looking(self) -> bool:
        """Whether only judges of further looks are at work."""
        at_work = self.running.values()
        return bool(at_work) and all(node.role == "judge" and node.wish is not None for node in at_work)

    @property
    def is_held(self) -> bool:
        """Whether a person's pause holds it: its round is decided, and nothing is in flight."""
        return self.paused and self.finished is None and not self.running and not self.open_rounds

    def active_seconds_at(self, now: datetime) -> float:
        """Seconds in which the run was worked on until ``now``; those of a pause don't count."""
        if self._last_at is None or self.is_held:
            return self.active_seconds
        return self.active_seconds + max(0.0, (now - self._last_at).total_seconds())

    def candidates(self) -> list[Node]:
        """Finished candidates in the order they were started."""
        return [node for node in self.nodes.values() if node.is_candidate]

    def verdict_of(self, judge: NodeName) -> ev.Verdict | None:
        """What a judge said, in a round or at a further look."""
        return self.verdicts.get(judge) or self.rejudged.get(judge)

    def is_built_on(self, round_: Round) -> bool:
        """Whether models were asked for candidates of a round after this one."""
        return any(n > round_.number and self._asked_for_any(each) for n, each in self.rounds.items())

    def _asked_for_any(self, round_: Round) -> bool:
        return any(self.nodes[name].role != "person" for name in round_.candidates)

    def check_of(self, name: NodeName) -> ev.Check | None:
        """What a verifier found of a candidate last."""
        return next((check for check in reversed(self.checks) if check.node == name), None)

    def latecomers(self) -> tuple[NodeName, ...]:
        """Overdue candidates that have come meanwhile and were in no panel yet."""
        if not self.overdue:
            return ()
        joined = {name for round_ in self.rounds.values() for name in round_.joined}
        return tuple(
            name
            for name in self.overdue
            if name not in joined and name not in self.out and self.nodes[name].is_candidate
        )

    def missing(self) -> tuple[NodeName, ...]:
        """Calls that were wanted and brought nothing; what the plan itself gave up is not missed, nor are
        judges of a further look: the answer doesn't rest on them.
        """
        return tuple(
            node.name
            for node in self.nodes.values()
            if (node.status == "failed" or (node.status == "cancelled" and node.cancelled_by != "plan"))
            and (node.role != "judge" or node.wish is None)
        )

    def round(self, number: int) -> Round:
        """The round with this number, made when it is first mentioned."""
        if number not in self.rounds:
            self.rounds[number] = Round(number=number)
        return self.rounds[number]

    def _begun(self) -> ev.RunStarted:
        if self.started is None:
            raise OutOfOrderError(f"run {self.run} has not started")
        return self.started
