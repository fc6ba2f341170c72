"""When each call of a run waited, brought text, failed and tried again, on the run's own clock.

A fold of events beside ``RunState``, which keeps no times of attempts. The clock counts the seconds in which
the run was worked on; hours between a stop and a resume are cut out, and every cut is known. Pure: where this
stands on the screen is ``timeline_layout.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal

from cort_desktop.domain import events as ev
from cort_desktop.domain.calls import AttemptWhy
from cort_desktop.domain.ids import ModelRef, NodeName
from cort_desktop.domain.search import NodeRole, NodeStatus
from cort_desktop.telling.states import failed_try

Outcome = Literal["open", "answered", "failed", "cancelled"]


@dataclass(slots=True, kw_only=True)
class Attempt:
    """One request: seconds of its start, first content and end; ``wait_s``: how long it then waited."""

    number: int
    model: ModelRef
    why: AttemptWhy
    start: float
    first: float | None = None
    end: float | None = None
    outcome: Outcome = "open"
    error: str = ""
    http_status: int | None = None
    wait_s: float | None = None


@dataclass(slots=True, kw_only=True)
class Call:
    """One node in time. Asked again after a crash it is the same call, with more attempts."""

    node: NodeName
    role: NodeRole
    round: int
    start: float
    end: float | None = None
    status: NodeStatus = "running"
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def sent(self) -> float | None:
        """When its first request left; until then it waited in our own queue."""
        return self.attempts[0].start if self.attempts else None

    @property
    def first(self) -> float | None:
        """When the content that counts began: of the last attempt that brought any."""
        return next((each.first for each in reversed(self.attempts) if each.first is not None), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Time that was cut out ``at`` a second of the run: nothing happened for ``away_s``."""

    at: float
    away_s: float


class Trace:
    """The fold. ``seconds`` is the length so far; whoever folds owns it, readers must not change it."""

    def __init__(self) -> None:
        self.calls: dict[NodeName, Call] = {}
        self.cuts: list[Cut] = []
        self.seconds = 0.0
        self.most_at_once = 0
        self.starts: int = 0
        """How many calls have started, a second start counted; layouts change with it."""
        self._open: set[NodeName] = set()
        self._last_at: datetime | None = None
        self._ended = False
        self._paused = False

    def apply(self, event: ev.Event) -> None:
        """Take in the next event; a piece of text has no time of its own."""
        if isinstance(event.body, ev.NodeDelta):
            return
        self._keep_time(event)
        fold = self._FOLDS.get(type(event.body))
        if fold is not None:
            fold(self, event.body)

    def second_of(self, moment: datetime) -> float:
        """Where a moment after the last event is: running calls are measured by it."""
        if self._last_at is None:
            return 0.0
        return self.seconds + max(0.0, (moment - self._last_at).total_seconds())

    def _keep_time(self, event: ev.Event) -> None:
        """The same gaps as ``RunState`` leaves out of its seconds."""
        body = event.body
        is_gap = isinstance(body, ev.RunStarted | ev.RunResumed | ev.RunReopened)
        is_recovery = isinstance(body, ev.NodeCancelled) and body.by == "crash"
        if self._last_at is None:
            self._last_at = event.at
            return
        passed = max(0.0, (event.at - self._last_at).total_seconds())
        if is_gap:
            self.cuts.append(Cut(at=self.seconds, away_s=passed))
            self._ended = False
        elif self._ended or is_recovery:
            return  # the next gap tells how long nobody worked
        elif self._paused and not self._open and passed:
            self.cuts.append(Cut(at=self.seconds, away_s=passed))
        else:
            self.seconds += passed
        self._last_at = event.at

    def _node_started(self, body: ev.NodeStarted) -> None:
        if body.role == "person":
            return  # a text that was there already: no call
        self.starts += 1
        call = self.calls.get(body.node)
        if call is None:
            self.calls[body.node] = Call(node=body.node, role=body.role, round=body.round, start=self.seconds)
        else:
            call.status = "running"
            call.end = None
        self._open.add(body.node)
        self.most_at_once = max(self.most_at_once, len(self._open))

    def _attempt_started(self, body: ev.AttemptStarted) -> None:
        self.calls[body.node].attempts.append(
            Attempt(number=body.attempt, model=body.model, why=body.why, start=self.seconds)
        )

    def _first_content(self, body: ev.AttemptFirstContent) -> None:
        attempt = self._attempt(body.node, body.attempt)
        if attempt is not None:
            attempt.first = self.seconds

    def _attempt_failed(self, body: ev.AttemptFailed) -> None:
        attempt = self._attempt(body.node, body.attempt)
        if attempt is None:  # an open breaker: nothing was sent
            attempt = Attempt(number=body.attempt, model=body.model, why="first", start=self.seconds)
            self.calls[body.node].attempts.append(attempt)
        attempt.end = self.seconds
        attempt.outcome = "failed"
        attempt.error = body.error.message if body.next == "give_up" else failed_try(body.error)
        attempt.http_status = body.error.status
        attempt.wait_s = body.wait_seconds

    def _attempt_cancelled(self, body: ev.AttemptCancelled) -> None:
        attempt = self._attempt(body.node, body.attempt)
        if attempt is not None:
            attempt.end = self.seconds
            attempt.outcome = "cancelled"

    def _node_finished(self, body: ev.NodeFinished) -> None:
        self._end(body.node, "finished", "answered")

    def _node_failed(self, body: ev.NodeFailed) -> None:
        self._end(body.node, "failed", "failed")

    def _node_cancelled(self, body: ev.NodeCancelled) -> None:
        self._end(body.node, "cancelled", "cancelled")

    def _user(self, body: ev.UserEvent) -> None:
        if body.verb in ("paused", "resumed"):
            self._paused = body.verb == "paused"

    def _run_finished(self, _body: ev.RunFinished) -> None:
        self._ended = True

    def _attempt(self, node: NodeName, number: int) -> Attempt | None:
        """The attempt of that number that is under way, else whichever is."""
        going = [each for each in self.calls[node].attempts if each.end is None]
        return next((each for each in going if each.number == number), going[-1] if going else None)

    def _end(self, node: NodeName, status: NodeStatus, outcome: Outcome) -> None:
        call = self.calls.get(node)
        if call is None:
            return
        call.status = status
        call.end = self.seconds
        self._open.discard(node)
        for attempt in call.attempts:
            if attempt.end is None:
                attempt.end = self.seconds
                attempt.outcome = outcome

    _FOLDS: ClassVar[dict[type, Callable[[Trace, Any], None]]] = {
        ev.NodeStarted: _node_started,
        ev.AttemptStarted: _attempt_started,
        ev.AttemptFirstContent: _first_content,
        ev.AttemptFailed: _attempt_failed,
        ev.AttemptCancelled: _attempt_cancelled,
        ev.NodeFinished: _node_finished,
        ev.NodeFailed: _node_failed,
        ev.NodeCancelled: _node_cancelled,
        ev.RunFinished: _run_finished,
        ev.UserEvent: _user,
    }
