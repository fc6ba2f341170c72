"""What becomes of a call, from its beginning to its end: the bodies of ``node.*`` and ``attempt.*`` events.

The rest of a run's events, and the rules for all of them, are ``domain/events.py``, which these are reached
through.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cort_desktop.domain.budget import Reserved, Usage
from cort_desktop.domain.calls import AttemptWhy, Channel, Finish, Next
from cort_desktop.domain.ids import Blob, ModelRef, NodeName
from cort_desktop.domain.search import CancelledBy, CandidateKind, Fault, NodeRole


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeStarted:
    """A call (or a person's text) begins; ``request`` is exactly what is sent, ``wish`` the number of the
    person's wish that it comes from.
    """

    type: ClassVar[str] = "node.started"
    node: NodeName
    role: NodeRole
    kind: CandidateKind | None = None
    round: int
    parents: tuple[NodeName, ...] = ()
    saw: tuple[NodeName, ...] = ()
    move: str | None = None
    side: str | None = None
    model: ModelRef | None = None
    temperature: float | None = None
    sample: int | None = None
    request: Blob | None = None
    reserved: Reserved
    wish: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptStarted:
    """A request leaves. ``reserved``: what is held from now on for a fallback, which has its own price."""

    type: ClassVar[str] = "attempt.started"
    node: NodeName
    attempt: int
    model: ModelRef
    why: AttemptWhy
    reserved: Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFirstContent:
    """The first content of an attempt arrived."""

    type: ClassVar[str] = "attempt.first_content"
    node: NodeName
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFailed:
    """A request failed, and what is done about it."""

    type: ClassVar[str] = "attempt.failed"
    node: NodeName
    attempt: int
    model: ModelRef
    error: Fault
    usage: Usage | None = None
    cost_microusd: int | None = None
    wait_seconds: float | None = None
    next: Next


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptCancelled:
    """A request was given up by our side."""

    type: ClassVar[str] = "attempt.cancelled"
    node: NodeName
    attempt: int
    why: str
    usage: Usage | None = None
    cost_microusd: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeDelta:
    """Streamed text. Never stored, and the only event without a ``seq``."""

    type: ClassVar[str] = "node.delta"
    node: NodeName
    text: str
    channel: Channel = "answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFinished:
    """A call ended well. reply: the raw one, where ``text`` was taken out. generation: its service's name."""

    type: ClassVar[str] = "node.finished"
    node: NodeName
    text: str
    reasoning: str | None = None
    reply: str | None = None
    finish: Finish
    model: ModelRef | None = None
    usage: Usage | None = None
    cost_microusd: int | None = None
    saved_microusd: int | None = None
    seconds: float | None = None
    first_token_seconds: float | None = None
    attempts: int = 1
    cached: bool = False
    generation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFailed:
    """A call failed for good. Its partial text is shown, but it is no candidate."""

    type: ClassVar[str] = "node.failed"
    node: NodeName
    error: Fault
    attempts: int = 0
    partial: str | None = None
    usage: Usage | None = None
    cost_microusd: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeCancelled:
    """A call was given up: by a person, by the plan, by a limit, or by a crash found at recovery."""

    type: ClassVar[str] = "node.cancelled"
    node: NodeName
    by: CancelledBy
    partial: str | None = None
    usage: Usage | None = None
    cost_microusd: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeStalled:
    """No content for a while although the connection lives."""

    type: ClassVar[str] = "node.stalled"
    node: NodeName
    idle_seconds: float


OF_A_CALL = (
    AttemptStarted,
    AttemptFirstContent,
    AttemptFailed,
    AttemptCancelled,
    NodeFinished,
    NodeFailed,
    NodeCancelled,
    NodeStalled,
)
"""Bodies that say what became of a call, which must have begun."""
