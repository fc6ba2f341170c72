"""What a run is made of while it is folded: nodes, rounds and what is booked.

These are the fold's own mutable records. Only ``RunState.apply`` (``run.py``) changes them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Reserved, Usage, add_cost
from cort_desktop.domain.ids import ModelRef, NodeName
from cort_desktop.domain.search import (
    ANSWER_ROLES,
    CancelledBy,
    CandidateKind,
    Fault,
    NodeRole,
    NodeStatus,
)


@dataclass(slots=True, kw_only=True)
class Spent:
    """What is booked against a budget: settled by usage where known, else by the reservation.

    cost_microusd is what is known to have been billed, None once any part of it is unknown; booked_microusd
    is what counts against a cap on money, with reservations in the place of what is unknown.
    """

    calls: int = 0
    tokens: int = 0
    cost_microusd: int | None = 0
    booked_microusd: int = 0
    usage: Usage = field(default_factory=Usage)

    def add(self, other: Spent) -> None:
        """Book ``other`` on top."""
        self.calls += other.calls
        self.tokens += other.tokens
        self.cost_microusd = add_cost(self.cost_microusd, other.cost_microusd)
        self.booked_microusd += other.booked_microusd
        self.usage = self.usage + other.usage


@dataclass(slots=True, kw_only=True)
class Node:
    """One call, or a person's text, as far as it has come. Asked again after a crash, it is the same node."""

    name: NodeName
    ordinal: int
    role: NodeRole
    kind: CandidateKind | None
    round: int
    parents: tuple[NodeName, ...]
    saw: tuple[NodeName, ...]
    move: str | None
    side: str | None
    model: ModelRef | None
    temperature: float | None
    sample: int | None
    request: str | None
    reserved: Reserved
    started_at: datetime
    status: NodeStatus = "running"
    cancelled_by: CancelledBy | None = None
    may_ask_again: bool = False
    text: str = ""
    reasoning: str | None = None
    finish: str | None = None
    served_model: ModelRef | None = None
    error: Fault | None = None
    usage: Usage | None = None
    cost_microusd: int | None = None
    saved_microusd: int | None = None
    seconds: float | None = None
    first_token_seconds: float | None = None
    attempts: int = 0
    failures: tuple[ev.AttemptFailed, ...] = ()
    cached: bool = False
    idle_seconds: float | None = None
    ended_at: datetime | None = None
    open_attempts: int = 0
    booked: Spent = field(default_factory=Spent)

    @property
    def is_candidate(self) -> bool:
        """A finished text that may become the answer."""
        return self.status == "finished" and self.role in ANSWER_ROLES and bool(self.text.strip())

    @property
    def is_settled(self) -> bool:
        """Nothing more will come of it by itself."""
        return self.status != "running" and not self.may_ask_again


@dataclass(slots=True, kw_only=True)
class Round:
    """One round: its candidates and judges by name, and its result once there is one.

    A result is provisional when the run was being ended by a person or a cap: it counts until the run is
    reopened.
    """

    number: int
    candidates: list[NodeName] = field(default_factory=list)
    judges: list[NodeName] = field(default_factory=list)
    result: ev.RoundFinished | None = None
    is_provisional: bool = False
    incumbent_before: NodeName | None = None
