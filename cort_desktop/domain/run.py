"""The state of a run: the fold of its events, and nothing else.

``RunState.apply`` is the only place where run state changes. It copies what events say; it never parses,
scores, chooses or reads a clock. The engine, the window, the terminal, replay, export and resume all use
it, so what is live, replayed and resumed is the same. Views over the state that need no more than it are
methods here; deciding what comes next is ``engine/``. What a run is made of (nodes, rounds, what is booked)
is ``nodes.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, ClassVar

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget, Usage
from cort_desktop.domain.ids import NodeName, RunId
from cort_desktop.domain.nodes import Node, Round, Spent
from cort_desktop.domain.search import ANSWER_ROLES, NodeStatus, RunSpec


class OutOfOrderError(ValueError):
    """An event that does not follow the last one: the log has a gap or belongs to another run."""


class RunState:
    """The fold of one run's events. Owned by whoever folds; readers must not change it."""

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
        self.finished: ev.RunFinished | None = None
        self.override: NodeName | None = None
        self.best: NodeName | None = None
        self.incumbent: NodeName | None = None
        self.spent = Spent()
        self.active_seconds = 0.0
        self._segment_from: datetime | None = None
        self._last_at: datetime | None = None

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
        if self.finished is not None and self.finished.answer_node is not None:
            return self.finished.answer_node
        return self.best

    @property
    def is_closing(self) -> bool:
        """Whether nothing more may start: a cap was met, or a person stopped it or has enough."""
        return self.stopped or self.enough or bool(self.limits)

    def candidates(self) -> list[Node]:
        """Finished candidates in the order they were started."""
        return [node for node in self.nodes.values() if node.is_candidate]

    def missing(self) -> tuple[NodeName, ...]:
        """Calls that were wanted and brought nothing; what the plan itself gave up is not missed."""
        return tuple(
            node.name
            for node in self.nodes.values()
            if node.status == "failed" or (node.status == "cancelled" and node.cancelled_by != "plan")
        )

    def round(self, number: int) -> Round:
        """The round with this number, made when it is first mentioned."""
        if number not in self.rounds:
            self.rounds[number] = Round(number=number)
        return self.rounds[number]

    def fold(self, events: Iterable[ev.Event]) -> RunState:
        """Apply all of ``events``; returns itself."""
        for event in events:
            self.apply(event)
        return self

    def apply(self, event: ev.Event) -> None:
        """Take in the next event. Raises OutOfOrderError when it isn't the next one of this run."""
        if isinstance(event.body, ev.NodeDelta):
            return
        if event.run != self.run or event.seq != self.seq + 1:
            raise OutOfOrderError(
                f"event {event.seq} of run {event.run} does not follow event {self.seq} of run {self.run}"
            )
        self.seq = event.seq
        self._keep_time(event)
        if isinstance(event.body, ev.Unknown):
            return
        self._FOLDS[type(event.body)](self, event.body, event.at)

    def _begun(self) -> ev.RunStarted:
        if self.started is None:
            raise OutOfOrderError(f"run {self.run} has not started")
        return self.started

    def _keep_time(self, event: ev.Event) -> None:
        """Seconds in which the run was worked on: the gaps before a resume or a reopening don't count."""
        gap = isinstance(event.body, ev.RunStarted | ev.RunResumed | ev.RunReopened)
        after_end = self.finished is not None
        recovered = isinstance(event.body, ev.NodeCancelled) and event.body.by == "crash"
        if self._last_at is not None and not gap and not after_end and not recovered:
            self.active_seconds += max(0.0, (event.at - self._last_at).total_seconds())
        self._last_at = event.at

    def _run_started(self, body: ev.RunStarted, at: datetime) -> None:
        self.started = body
        self.started_at = at
        self.budget = body.budget

    def _run_planned(self, body: ev.RunPlanned, _at: datetime) -> None:
        self.planned = body

    def _run_resumed(self, _body: ev.RunResumed, _at: datetime) -> None:
        self.finished = None

    def _run_reopened(self, body: ev.RunReopened, _at: datetime) -> None:
        self.finished = None
        self._take_back_provisional()
        self.stopped = False
        self.enough = False
        self.limits.clear()
        for node in self.nodes.values():
            node.may_ask_again = node.may_ask_again or node.cancelled_by in ("person", "limit")
        if body.budget is not None:
            self.budget = body.budget

    def _node_started(self, body: ev.NodeStarted, at: datetime) -> None:
        before = self.nodes.get(body.node)
        node = Node(
            name=body.node,
            ordinal=before.ordinal if before else len(self.nodes),
            role=body.role,
            kind=body.kind,
            round=body.round,
            parents=body.parents,
            saw=body.saw,
            move=body.move,
            side=body.side,
            model=body.model,
            temperature=body.temperature,
            sample=body.sample,
            request=body.request,
            reserved=body.reserved,
            started_at=at,
        )
        if before is not None:
            node.attempts = before.attempts
            node.booked = before.booked
        self.nodes[body.node] = node
        self.running[body.node] = node
        if before is None:
            self._place(body)

    def _take_back_provisional(self) -> None:
        for round_ in self.rounds.values():
            if round_.is_provisional:
                round_.result = None
                round_.is_provisional = False
                self.rounds_finished -= 1
                self.incumbent = round_.incumbent_before

    def _place(self, body: ev.NodeStarted) -> None:
        """Put a new node into its round, or among the calls outside rounds (``X{i}``)."""
        if body.node.startswith("X"):
            self.calls_outside_rounds += 1
            if body.role == "judge" and body.parents:
                self.repairs[body.parents[0]] = body.node
        elif body.role in ANSWER_ROLES:
            self.round(body.round).candidates.append(body.node)
        elif body.role == "judge":
            self.round(body.round).judges.append(body.node)

    def _attempt_started(self, body: ev.AttemptStarted, _at: datetime) -> None:
        node = self.nodes[body.node]
        node.attempts += 1
        node.open_attempts += 1
        self._book(node, Spent(calls=1))

    def _attempt_first_content(self, body: ev.AttemptFirstContent, _at: datetime) -> None:
        self.nodes[body.node].idle_seconds = None

    def _attempt_failed(self, body: ev.AttemptFailed, _at: datetime) -> None:
        node = self.nodes[body.node]
        node.failures = (*node.failures, body)
        if body.error.kind != "circuit_open":
            self._settle(node, body.usage, body.cost_microusd)

    def _attempt_cancelled(self, body: ev.AttemptCancelled, _at: datetime) -> None:
        self._settle(self.nodes[body.node], body.usage, body.cost_microusd)

    def _node_finished(self, body: ev.NodeFinished, at: datetime) -> None:
        node = self._end(body.node, "finished", at)
        node.text = body.text
        node.reasoning = body.reasoning
        node.finish = body.finish
        node.served_model = body.model
        node.usage = body.usage
        node.saved_microusd = body.saved_microusd
        node.seconds = body.seconds
        node.first_token_seconds = body.first_token_seconds
        node.attempts = max(node.attempts, body.attempts)
        node.cached = body.cached
        self._settle(node, body.usage, body.cost_microusd)
        node.cost_microusd = body.cost_microusd
        if self.best is None and node.is_candidate:
            self.best = node.name

    def _node_failed(self, body: ev.NodeFailed, at: datetime) -> None:
        node = self._end(body.node, "failed", at)
        node.error = body.error
        node.text = body.partial or ""
        node.usage = body.usage
        node.cost_microusd = body.cost_microusd

    def _node_cancelled(self, body: ev.NodeCancelled, at: datetime) -> None:
        node = self._end(body.node, "cancelled", at)
        node.cancelled_by = body.by
        node.text = body.partial or ""
        node.usage = body.usage
        node.cost_microusd = body.cost_microusd
        if body.by == "crash":
            node.may_ask_again = True
            self._book_lost(node)

    def _verdict(self, body: ev.Verdict, _at: datetime) -> None:
        self.verdicts[body.node] = body

    def _vote(self, body: ev.Vote, _at: datetime) -> None:
        self.votes.append(body)

    def _check(self, body: ev.Check, _at: datetime) -> None:
        self.checks.append(body)

    def _round_finished(self, body: ev.RoundFinished, _at: datetime) -> None:
        round_ = self.round(body.round)
        self.rounds_finished += round_.result is None
        round_.result = body
        round_.is_provisional = self.is_closing
        round_.incumbent_before = self.incumbent
        self.retired.update(body.retired)
        if body.winner is not None:
            self.best = body.winner
            self.incumbent = body.winner

    def _limit_reached(self, body: ev.LimitReached, _at: datetime) -> None:
        self.limits[body.which] = body

    def _node_stalled(self, body: ev.NodeStalled, _at: datetime) -> None:
        self.nodes[body.node].idle_seconds = body.idle_seconds

    def _user(self, body: ev.UserEvent, _at: datetime) -> None:
        self.user.append(body)
        if body.verb == "stopped":
            self.stopped = True
        elif body.verb == "enough":
            self.enough = True
        elif body.verb == "override":
            self.override = body.node

    def _run_finished(self, body: ev.RunFinished, _at: datetime) -> None:
        self.finished = body

    def _end(self, name: NodeName, status: NodeStatus, at: datetime) -> Node:
        node = self.nodes[name]
        node.status = status
        node.ended_at = at
        self.running.pop(name, None)
        return node

    def _settle(self, node: Node, usage: Usage | None, cost_microusd: int | None) -> None:
        """Close one attempt: by what the service told, else by what was reserved for it."""
        node.open_attempts = max(0, node.open_attempts - 1)
        reserved = node.reserved
        booked = cost_microusd
        if booked is None:
            booked = reserved.cost_microusd or 0
        self._book(
            node,
            Spent(
                tokens=reserved.tokens if usage is None else usage.total,
                cost_microusd=cost_microusd,
                booked_microusd=booked,
                usage=usage or Usage(),
            ),
        )

    def _book_lost(self, node: Node) -> None:
        """A call in flight at a crash may have been sent although its start was not yet on disk."""
        if node.open_attempts == 0:
            self._book(node, Spent(calls=1))
        for _ in range(max(1, node.open_attempts)):
            self._settle(node, None, None)

    def _book(self, node: Node, spent: Spent) -> None:
        node.booked.add(spent)
        self.spent.add(spent)

    _FOLDS: ClassVar[dict[type, Callable[[RunState, Any, datetime], None]]] = {
        ev.RunStarted: _run_started,
        ev.RunPlanned: _run_planned,
        ev.RunResumed: _run_resumed,
        ev.RunReopened: _run_reopened,
        ev.NodeStarted: _node_started,
        ev.AttemptStarted: _attempt_started,
        ev.AttemptFirstContent: _attempt_first_content,
        ev.AttemptFailed: _attempt_failed,
        ev.AttemptCancelled: _attempt_cancelled,
        ev.NodeFinished: _node_finished,
        ev.NodeFailed: _node_failed,
        ev.NodeCancelled: _node_cancelled,
        ev.Verdict: _verdict,
        ev.Vote: _vote,
        ev.Check: _check,
        ev.RoundFinished: _round_finished,
        ev.LimitReached: _limit_reached,
        ev.NodeStalled: _node_stalled,
        ev.UserEvent: _user,
        ev.RunFinished: _run_finished,
    }
