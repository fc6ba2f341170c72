"""What a run is made of while it is folded: nodes, rounds and what is booked.

These are the fold's own mutable records. Only ``RunState.apply`` (``run.py``) changes them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
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

    cost_microusd is what is known to have been billed, None once any part of it is unknown; known_microusd is
    the known part, and unknown the number of attempts without a price. booked_microusd is what counts against
    a cap on money, with reservations in the place of what is unknown. untold: attempts of which nobody told
    the tokens, so that ``usage`` lacks them.
    """

    calls: int = 0
    tokens: int = 0
    cost_microusd: int | None = 0
    known_microusd: int = 0
    unknown: int = 0
    booked_microusd: int = 0
    usage: Usage = field(default_factory=Usage)
    untold: int = 0

    def add(self, other: Spent) -> None:
        """Book ``other`` on top."""
        self.calls += other.calls
        self.tokens += other.tokens
        self.cost_microusd = add_cost(self.cost_microusd, other.cost_microusd)
        self.known_microusd += other.known_microusd
        self.unknown += other.unknown
        self.booked_microusd += other.booked_microusd
        self.usage = self.usage + other.usage
        self.untold += other.untold


@dataclass(slots=True, kw_only=True)
class Node:
    """One call, or a person's text, as far as it has come. Asked again, it is the same node.

    is_late: a candidate that isn't in its round's panel, because a person had it tried again after the judges
    were asked (it challenges the run's winner instead), or because it was overdue (it joins a later panel).
    wish: the number of the person's wish that it comes from. asked_at: when its first request left; until
    then it waits in our own queue. content_at: when the content
    that counts began to come.
    """

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
    wish: int | None = None
    status: NodeStatus = "running"
    cancelled_by: CancelledBy | None = None
    may_ask_again: bool = False
    is_late: bool = False
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
    asked_at: datetime | None = None
    content_at: datetime | None = None
    ended_at: datetime | None = None
    open_attempts: int = 0
    booked: Spent = field(default_factory=Spent)

    def copy(self) -> Node:
        """A node of its own."""
        return replace(self, booked=replace(self.booked))

    def begin_attempt(self, reserved: Reserved | None = None) -> Spent:
        """Book a request that leaves; what it adds. ``reserved``: what is held for it instead from now on."""
        self.reserved = reserved or self.reserved
        self.attempts += 1
        self.open_attempts += 1
        return self._book(Spent(calls=1))

    def settle(self, usage: Usage | None, cost_microusd: int | None) -> Spent:
        """Close one attempt, by what the service told, else by what was reserved for it; what it adds."""
        self.open_attempts = max(0, self.open_attempts - 1)
        booked = cost_microusd
        if booked is None:
            booked = self.reserved.cost_microusd or 0
        return self._book(
            Spent(
                tokens=self.reserved.tokens if usage is None else usage.total,
                cost_microusd=cost_microusd,
                known_microusd=cost_microusd or 0,
                unknown=int(cost_microusd is None),
                booked_microusd=booked,
                usage=usage or Usage(),
                untold=int(usage is None),
            )
        )

    def settle_lost(self) -> Spent:
        """Close what a crash left open: a call in flight may have been sent although its start was not yet
        on disk.
        """
        total = Spent()
        if self.open_attempts == 0:
            total.add(self._book(Spent(calls=1)))
        for _ in range(max(1, self.open_attempts)):
            total.add(self.settle(None, None))
        return total

    def _book(self, spent: Spent) -> Spent:
        self.booked.add(spent)
        return spent

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
    reopened. ``had_ended``: it was decided before, until a person had something in it tried again.
    ``joined``: candidates overdue in rounds before that had come when this round's first judge was asked.
    ``added``: it was asked for by a person. ``again``: judges who had a further look at it; their verdicts
    are none of the round's. ``critiques``: what was said of the incumbent before it was mended.
    """

    number: int
    candidates: list[NodeName] = field(default_factory=list)
    judges: list[NodeName] = field(default_factory=list)
    result: ev.RoundFinished | None = None
    is_provisional: bool = False
    had_ended: bool = False
    joined: tuple[NodeName, ...] = ()
    incumbent_before: NodeName | None = None
    added: ev.RoundAdded | None = None
    again: list[NodeName] = field(default_factory=list)
    critiques: list[NodeName] = field(default_factory=list)

    def copy(self) -> Round:
        """A round of its own."""
        return replace(
            self,
            candidates=list(self.candidates),
            judges=list(self.judges),
            again=list(self.again),
            critiques=list(self.critiques),
        )

    @property
    def is_duel(self) -> bool:
        """Added by a person so that what is there already meets the answer head to head."""
        return self.added is not None and not self.added.alternatives
