"""The truth of a run: its events, results and decisions (CONTRACT 3). The field names are the JSON keys.

A body says what happened; the ``Event`` around it says to which run, in which place and when. Bodies are
frozen and append-only: fields may be added with a default, never renamed or removed. Turning events into
JSON and back is ``domain/wire.py``; folding them is ``domain/run.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal

from cort_desktop.domain.budget import Budget, Estimate, Usage
from cort_desktop.domain.call_events import (
    AttemptCancelled as AttemptCancelled,
)
from cort_desktop.domain.call_events import (
    AttemptFailed as AttemptFailed,
)
from cort_desktop.domain.call_events import (
    AttemptFirstContent as AttemptFirstContent,
)
from cort_desktop.domain.call_events import (
    AttemptStarted as AttemptStarted,
)
from cort_desktop.domain.call_events import (
    NodeCancelled as NodeCancelled,
)
from cort_desktop.domain.call_events import (
    NodeDelta as NodeDelta,
)
from cort_desktop.domain.call_events import (
    NodeFailed as NodeFailed,
)
from cort_desktop.domain.call_events import (
    NodeFinished as NodeFinished,
)
from cort_desktop.domain.call_events import (
    NodeStalled as NodeStalled,
)
from cort_desktop.domain.call_events import (
    NodeStarted as NodeStarted,
)
from cort_desktop.domain.ids import Blob, ConversationId, ModelRef, NodeName, RunId, TurnId
from cort_desktop.domain.search import (
    Attachment,
    CapName,
    Criterion,
    Keeps,
    Method,
    ParsedBy,
    Purpose,
    Reason,
    RunSpec,
    Status,
)

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """A run begins; everything it needs is frozen here."""

    type: ClassVar[str] = "run.started"
    conversation: ConversationId
    turn: TurnId
    question: str
    context: Blob | None = None
    attachments: tuple[Attachment, ...] = ()
    strategy: str
    preset: str | None = None
    spec: RunSpec
    budget: Budget
    estimate: Estimate
    app: str
    prompts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlanned:
    """The strategy was chosen, or its rounds decided, by what was seen."""

    type: ClassVar[str] = "run.planned"
    strategy: str
    spec: RunSpec
    why: str
    estimate: Estimate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResumed:
    """An interrupted run goes on; ``lost`` were in flight and may be asked again. ``budget`` as in
    ``RunReopened``.
    """

    type: ClassVar[str] = "run.resumed"
    lost: tuple[NodeName, ...] = ()
    budget: Budget | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReopened:
    """A finished run goes on; ``budget`` holds the caps in force from here on, when they changed.

    keeps: what of its end stands, because a person wants something on top: its ``answer``, which a wish then
    challenges; or the whole ``end``, which is only looked at again (``rejudge``). None: it goes on thinking.
    """

    type: ClassVar[str] = "run.reopened"
    why: str
    budget: Budget | None = None
    keeps: Keeps | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a judge's reply says. ``ranking`` is best first, ties share a list; empty when abstained."""

    type: ClassVar[str] = "verdict"
    node: NodeName
    round: int
    purpose: Purpose
    model: ModelRef | None = None
    order: tuple[NodeName, ...]
    labels: dict[str, NodeName]
    excluded: tuple[NodeName, ...] = ()
    ranking: tuple[tuple[NodeName, ...], ...] = ()
    scores: dict[NodeName, dict[str, int]] = field(default_factory=dict)
    flaws: dict[NodeName, str] = field(default_factory=dict)
    weight: float = 1.0
    reason: str | None = None
    critique: str | None = None
    parsed_by: ParsedBy
    raw: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """A count of extracted answers."""

    type: ClassVar[str] = "vote"
    round: int
    answers: dict[NodeName, str | None]
    tally: dict[str, int]
    confidence: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A verifier looked at a candidate."""

    type: ClassVar[str] = "check"
    node: NodeName
    verifier: str
    passed: bool | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundFinished:
    """A round is decided. kept: None without an incumbent. unstable: None when order wasn't tested.
    diversity: how different the wording of its candidates is, 0 to 1 (``engine/diversity.py``); None with
    fewer than two.
    """

    type: ClassVar[str] = "round.finished"
    round: int
    winner: NodeName | None
    kept: bool | None = None
    scores: dict[NodeName, float] = field(default_factory=dict)
    method: Method | None = None
    agreement: float | None = None
    swap_consistency: float | None = None
    unstable: bool | None = None
    missing: tuple[NodeName, ...] = ()
    retired: tuple[NodeName, ...] = ()
    diversity: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundQuorum:
    """Enough of a round is there to be judged: who is late joins the next verdict. ``median_seconds`` is how
    long those took that have answered.
    """

    type: ClassVar[str] = "round.quorum"
    round: int
    late: tuple[NodeName, ...]
    median_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitReached:
    """A cap of the budget was met: nothing new starts."""

    type: ClassVar[str] = "limit.reached"
    which: CapName
    value: float
    cap: float


UserVerb = Literal[
    "override",
    "stopped",
    "enough",
    "paused",
    "resumed",
    "added",
    "dropped",
    "candidate",
    "retry",
    "rejudge",
    "ranked",
    "worth",
]
"""What a person can say to a run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestFinished:
    """A strategy has come to its end, and what a person asked for on top is played now. The fields are those
    that ``run.finished`` would have had; ``wishes`` are the numbers of those that are part of it already.
    """

    type: ClassVar[str] = "contest.finished"
    reason: Reason
    answer_node: NodeName | None = None
    scores: dict[NodeName, float] = field(default_factory=dict)
    degraded: bool = False
    wishes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundAdded:
    """A round that a person asked for begins: the wish it comes from, who stands, who is there already to
    challenge, and how many alternatives and judges it asks for.
    """

    type: ClassVar[str] = "round.added"
    round: int
    wish: int
    standing: NodeName | None = None
    challengers: tuple[NodeName, ...] = ()
    alternatives: int = 0
    judges: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundRejudged:
    """What a further look at candidates came to. It changes no winner: that is the person's to decide."""

    type: ClassVar[str] = "round.rejudged"
    round: int
    wish: int
    winner: NodeName | None = None
    scores: dict[NodeName, float] = field(default_factory=dict)
    method: Method | None = None
    agreement: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEvent:
    """A person's word to the run; its type is ``user.`` and the verb.

    ``override`` without a node takes an earlier choice back. ``dropped`` stops a call that is in flight, or
    takes a finished candidate out of the contest (``n`` 0: puts it back); ``instead`` is who stands then.
    ``retry`` asks one once more that failed or was stopped. ``added`` is so many further rounds (``n``), or
    an alternative (no ``n``) by a move and a model, in ``round`` or, without one, against the answer.
    ``candidate`` is the person's own ``text``, ``rejudge`` a further look at ``round`` (without one: at the
    finalists, ``nodes``) by ``n`` judges, perhaps of other ``models`` or with other ``criteria``. ``ranked``
    is the person's own ranking of ``round``. ``worth`` has the first answer and the final one (``nodes``, the
    latter also as ``node``) compared head to head by ``n`` of the judging ``models``, each in both orders.
    """

    type: ClassVar[str] = "user."
    verb: UserVerb
    node: NodeName | None = None
    text: str | None = None
    n: int | None = None
    ranking: tuple[tuple[NodeName, ...], ...] | None = None
    round: int | None = None
    move: str | None = None
    models: tuple[ModelRef, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    nodes: tuple[NodeName, ...] = ()
    instead: NodeName | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished:
    """The end of a run, and all a reader needs who reads only this."""

    type: ClassVar[str] = "run.finished"
    status: Status
    reason: Reason
    answer_node: NodeName | None = None
    answer: str | None = None
    scores: dict[NodeName, float] = field(default_factory=dict)
    missing: tuple[NodeName, ...] = ()
    usage: Usage
    cost_microusd: int | None = None
    calls: int = 0
    seconds: float = 0.0


Body = (
    RunStarted
    | RunPlanned
    | RunResumed
    | RunReopened
    | NodeStarted
    | AttemptStarted
    | AttemptFirstContent
    | AttemptFailed
    | AttemptCancelled
    | NodeDelta
    | NodeFinished
    | NodeFailed
    | NodeCancelled
    | Verdict
    | Vote
    | Check
    | RoundFinished
    | RoundQuorum
    | RoundAdded
    | RoundRejudged
    | ContestFinished
    | LimitReached
    | NodeStalled
    | UserEvent
    | RunFinished
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """An event of a later version: kept as it was read, and ignored by the fold."""

    kind: str
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A body in its place: ``seq`` counts from 1 without gaps (None for a delta), ``at`` is UTC."""

    v: int = VERSION
    run: RunId
    seq: int | None
    at: datetime
    body: Body | Unknown

    @property
    def type(self) -> str:
        """The dotted name of CONTRACT 3."""
        if isinstance(self.body, Unknown):
            return self.body.kind
        if isinstance(self.body, UserEvent):
            return f"user.{self.body.verb}"
        return self.body.type
