"""The state of a run: the fold of its events, and nothing else.

``RunState.apply`` is the only place where run state changes. It copies what events say; it never parses,
scores, chooses or reads a clock. The engine, the window, the terminal, replay, export and resume all use
it, so what is live, replayed and resumed is the same. What the state holds, and views over it, is
``run_facts.py``; what a run is made of (nodes, rounds, what is booked) is ``nodes.py``; deciding what comes
next is ``engine/``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from cort_desktop.domain import events as ev
from cort_desktop.domain.call_events import OF_A_CALL
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.nodes import Node, Round
from cort_desktop.domain.run_facts import OutOfOrderError, RunFacts
from cort_desktop.domain.search import ANSWER_ROLES, Keeps, NodeStatus
from cort_desktop.domain.wishes import Wish, wishes_of

__all__ = ["OutOfOrderError", "RunState"]


class RunState(RunFacts):
    """The fold of one run's events. Owned by whoever folds; readers must not change it."""

    def fold(self, events: Iterable[ev.Event]) -> RunState:
        """Apply all of ``events``; returns itself. Raises OutOfOrderError."""
        for event in events:
            self.apply(event)
        return self

    def apply(self, event: ev.Event) -> None:
        """Take in the next event. Raises OutOfOrderError when it can't be; then nothing has changed."""
        if isinstance(event.body, ev.NodeDelta):
            return
        if event.run != self.run or event.seq != self.seq + 1:
            raise OutOfOrderError(
                f"event {event.seq} of run {event.run} does not follow event {self.seq} of run {self.run}"
            )
        if isinstance(event.body, OF_A_CALL) and event.body.node not in self.nodes:
            raise OutOfOrderError(
                f"event {event.seq} of run {event.run} ({event.type}) tells of {event.body.node}, "
                "which never began"
            )
        self.seq = event.seq
        self._keep_time(event)
        if isinstance(event.body, ev.Unknown):
            return
        self._FOLDS[type(event.body)](self, event.body, event.at)

    def _keep_time(self, event: ev.Event) -> None:
        """Seconds in which the run was worked on: the gaps before a resume or a reopening don't count, nor
        does a pause.
        """
        gap = isinstance(event.body, ev.RunStarted | ev.RunResumed | ev.RunReopened)
        after_end = self.finished is not None
        recovered = isinstance(event.body, ev.NodeCancelled) and event.body.by == "crash"
        if self._last_at is not None and not gap and not after_end and not recovered and not self.is_held:
            passed = max(0.0, (event.at - self._last_at).total_seconds())
            self.active_seconds += passed
            self.looking_seconds += passed if self.is_only_looking else 0.0
        self._last_at = event.at

    def _run_started(self, body: ev.RunStarted, at: datetime) -> None:
        self.started = body
        self.started_at = at
        self.budget = body.budget

    def _run_planned(self, body: ev.RunPlanned, _at: datetime) -> None:
        self.planned = body

    def _run_resumed(self, body: ev.RunResumed, _at: datetime) -> None:
        self.finished = None
        self.budget = body.budget or self.budget

    def _run_reopened(self, body: ev.RunReopened, _at: datetime) -> None:
        if body.keeps is not None and self.finished is not None:
            self._keep_end(body.keeps, self.finished)
        self.finished = None
        self.stopped = False
        self.enough = False
        self.limits.clear()
        if body.keeps is None:
            self._take_back_provisional()
            for node in self.nodes.values():
                if node.cancelled_by in ("person", "limit") and node.name not in self.dropped:
                    node.may_ask_again = node.role != "judge" or node.wish is None
        self.budget = body.budget or self.budget

    def _keep_end(self, keeps: Keeps, end: ev.RunFinished) -> None:
        if keeps == "end":
            self.looked_back = end
            return
        self.in_contest = {wish.number for wish in self.wishes}
        self.contest = ev.ContestFinished(
            reason=end.reason,
            answer_node=end.answer_node,
            scores=end.scores,
            degraded=end.status == "degraded" and not end.missing,
        )

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
            wish=body.wish,
        )
        if before is not None:
            node.attempts = before.attempts
            node.booked = before.booked
            node.is_late = before.is_late
        self.nodes[body.node] = node
        self.running[body.node] = node
        if before is None:
            self._place(body)
        wish = self._wish(body.wish)
        if wish is not None and body.role in ANSWER_ROLES:
            self._set_wish(replace(wish, node=body.node))

    def _take_back_provisional(self) -> None:
        for round_ in self.rounds.values():
            if round_.is_provisional:
                self._take_back(round_)
                self.incumbent = round_.incumbent_before

    def _take_back(self, round_: Round) -> None:
        round_.result = None
        round_.is_provisional = False
        self.rounds_finished -= 1
        self.taken_back.add(round_.number)

    def _place(self, body: ev.NodeStarted) -> None:
        """Put a new node into its round, or among the calls outside rounds (``X{i}``)."""
        if body.node.startswith("X"):
            self.calls_outside_rounds += 1
            if body.role == "judge" and body.parents:
                self.repairs[body.parents[0]] = body.node
        elif body.role in ANSWER_ROLES:
            round_ = self.round(body.round)
            round_.candidates.append(body.node)
            if body.role == "person" and (round_.judges or round_.result is not None):
                self.nodes[body.node].is_late = True
                self.overdue.append(body.node)
        elif body.role == "critic":
            self.round(body.round).critiques.append(body.node)
        elif body.role == "judge" and body.wish is not None:
            self.round(body.round).again.append(body.node)
        elif body.role == "judge":
            round_ = self.round(body.round)
            if not round_.judges and not round_.is_duel:
                round_.joined = self.latecomers()
            round_.judges.append(body.node)

    def _attempt_started(self, body: ev.AttemptStarted, at: datetime) -> None:
        node = self.nodes[body.node]
        node.asked_at = node.asked_at or at
        self.spent.add(node.begin_attempt(body.reserved))

    def _attempt_first_content(self, body: ev.AttemptFirstContent, at: datetime) -> None:
        node = self.nodes[body.node]
        node.content_at = at
        node.idle_seconds = None

    def _attempt_failed(self, body: ev.AttemptFailed, _at: datetime) -> None:
        node = self.nodes[body.node]
        node.failures = (*node.failures, body)
        if body.error.kind != "circuit_open":
            self.spent.add(node.settle(body.usage, body.cost_microusd))

    def _attempt_cancelled(self, body: ev.AttemptCancelled, _at: datetime) -> None:
        self.spent.add(self.nodes[body.node].settle(body.usage, body.cost_microusd))

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
        self.spent.add(node.settle(body.usage, body.cost_microusd))
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
            node.may_ask_again = node.name not in self.dropped
            self.spent.add(node.settle_lost())

    def _verdict(self, body: ev.Verdict, _at: datetime) -> None:
        judge = self.nodes.get(body.node)
        is_look = body.purpose == "rejudge" or (judge is not None and judge.wish is not None)
        (self.rejudged if is_look else self.verdicts)[body.node] = body

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
        self.taken_back.discard(body.round)
        self.retired.update(body.retired)
        if body.winner is not None and body.round >= self.rounds_finished:
            self.best = body.winner
            self.incumbent = body.winner
            self.instead = None

    def _contest_finished(self, body: ev.ContestFinished, _at: datetime) -> None:
        self.contest = body
        self.in_contest = set(body.wishes)

    def _round_added(self, body: ev.RoundAdded, _at: datetime) -> None:
        round_ = self.round(body.round)
        round_.added = body
        if round_.is_duel:
            round_.joined = body.challengers
        wish = self._wish(body.wish)
        if wish is not None:
            self._set_wish(replace(wish, played_in=body.round))

    def _round_rejudged(self, body: ev.RoundRejudged, _at: datetime) -> None:
        wish = self._wish(body.wish)
        if wish is not None:
            self._set_wish(replace(wish, result=body))

    def _wish(self, number: int | None) -> Wish | None:
        return self.wishes[number - 1] if number is not None and 0 < number <= len(self.wishes) else None

    def _set_wish(self, wish: Wish) -> None:
        self.wishes[wish.number - 1] = wish

    def _round_quorum(self, body: ev.RoundQuorum, _at: datetime) -> None:
        for name in body.late:
            if name in self.running:
                self.nodes[name].is_late = True
                self.overdue.append(name)

    def _limit_reached(self, body: ev.LimitReached, _at: datetime) -> None:
        self.limits[body.which] = body

    def _node_stalled(self, body: ev.NodeStalled, _at: datetime) -> None:
        self.nodes[body.node].idle_seconds = body.idle_seconds

    def _user(self, body: ev.UserEvent, _at: datetime) -> None:
        self.user.append(body)
        self.wishes.extend(wishes_of(body, len(self.wishes) + 1))
        if body.verb == "stopped":
            self.stopped = True
        elif body.verb == "enough":
            self.enough = True
        elif body.verb == "override":
            self.override = body.node
        elif body.verb in ("paused", "resumed"):
            self.paused = body.verb == "paused"
        elif body.verb == "dropped" and body.node in self.running:
            self.dropped.add(body.node)
        elif body.verb == "dropped" and body.node in self.nodes:
            (self.out.discard if body.n == 0 else self.out.add)(body.node)
            self.instead = body.instead
        elif body.verb == "retry" and body.node in self.nodes:
            self._try_again(self.nodes[body.node])

    def _try_again(self, node: Node) -> None:
        """Let a call be asked once more. What a round of several came to without it is open again; a
        candidate whose judges were asked already doesn't upset their verdicts, nor one whose round others
        were built on: it is late.
        """
        added = self.rounds[node.round].added if node.round in self.rounds else None
        if node.status == "running" or (node.role == "judge" and node.wish is not None):
            return
        if self.contest is not None or added is not None:
            self._wish_again(node)
            return
        node.may_ask_again = True
        self.dropped.discard(node.name)
        if node.name in self.overdue:
            self.overdue.remove(node.name)
            self.late.append(node.name)
            return
        round_ = self.rounds.get(max(1, node.round))
        if round_ is None or node.is_late or any(name in self.late for name in node.saw):
            return
        if node.role in ANSWER_ROLES and (round_.judges or self.is_built_on(round_)):
            node.is_late = True
            self.late.append(node.name)
        elif round_.result is not None:
            round_.had_ended = True
            self._take_back(round_)

    def _wish_again(self, node: Node) -> None:
        """After the contest, a text that is tried again challenges the answer by itself, unless the round
        that was added for it has not been judged. Verdicts stand: they can be asked for anew (``rejudge``).
        """
        if node.role not in ANSWER_ROLES:
            return
        node.may_ask_again = True
        self.dropped.discard(node.name)
        round_ = self.rounds[node.round]
        if round_.added is not None and not round_.is_duel and not round_.judges and round_.result is None:
            return
        node.is_late = True
        wish = self._wish(node.wish)
        if wish is None:
            wish = Wish(number=len(self.wishes) + 1, kind="alternative", node=node.name)
            self.wishes.append(wish)
            node.wish = wish.number
        self.in_contest.discard(wish.number)
        self._set_wish(replace(wish, played_in=None))
        if round_.is_duel and round_.result is not None:
            round_.result = None
            self.rounds_finished -= 1

    def _run_finished(self, body: ev.RunFinished, _at: datetime) -> None:
        self.finished = body
        self.instead = None
        self.looked_back = None
        for wish in self.wishes:
            if wish.is_look and wish.result is None:
                self._set_wish(replace(wish, given_up=True))

    def _end(self, name: NodeName, status: NodeStatus, at: datetime) -> Node:
        node = self.nodes[name]
        node.status = status
        node.ended_at = at
        self.running.pop(name, None)
        return node

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
        ev.RoundQuorum: _round_quorum,
        ev.RoundAdded: _round_added,
        ev.RoundRejudged: _round_rejudged,
        ev.ContestFinished: _contest_finished,
        ev.LimitReached: _limit_reached,
        ev.NodeStalled: _node_stalled,
        ev.UserEvent: _user,
        ev.RunFinished: _run_finished,
    }
