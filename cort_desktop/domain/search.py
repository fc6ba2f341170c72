"""The words of the search over answers: roles, kinds, moves, verdicts' parts. Shapes only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from cort_desktop.domain.ids import ModelRef

NodeRole = Literal["proposer", "judge", "critic", "synthesizer", "router", "summarizer", "person"]
CandidateKind = Literal["draft", "fresh", "revision", "other_method", "synthesis", "sample", "human"]
Purpose = Literal["panel", "head_to_head", "select", "score", "rejudge"]
ParsedBy = Literal["schema", "json", "lines", "repair", "abstained"]
Method = Literal["borda", "head_to_head", "bradley_terry", "vote", "verifier", "consensus", "rubric"]
"""How a round was decided. ``consensus``: nobody judged it; who stands has most in common with the others."""
Status = Literal["complete", "degraded", "stopped", "failed"]
CancelledBy = Literal["person", "plan", "limit", "crash"]
NodeStatus = Literal["running", "finished", "failed", "cancelled"]
CapName = Literal["calls", "tokens", "usd", "seconds"]
Keeps = Literal["answer", "end"]
"""What stands of the end of a run that is reopened for a person's wish."""
CacheUse = Literal["use", "renew", "off"]
"""What a run does with answers that are kept: takes an equal call's in its place; asks anew and keeps the new
one instead; or neither looks at them nor leaves any."""

ANSWER_ROLES: frozenset[NodeRole] = frozenset({"proposer", "synthesizer", "person"})
"""Roles whose finished text is a candidate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One thing judges score, 1 to 10."""

    id: str
    weight: float = 1.0


DEFAULT_CRITERIA = (
    Criterion(id="correctness"),
    Criterion(id="completeness"),
    Criterion(id="instruction_following"),
    Criterion(id="clarity"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that went along with the question; its text is part of the context."""

    name: str
    blob: str
    tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSpec:
    """What a run was asked to do, frozen when it starts. None means: the strategy's own default or choice.

    lineup and temperature map a role to its models and its temperature; ``seed`` drives all randomness.
    cache: of runs that were started before there was one, nothing was kept.
    """

    rounds: int | None = None
    alternatives: int | None = None
    judges: int | None = None
    lineup: dict[str, tuple[ModelRef, ...]] = field(default_factory=dict)
    temperature: dict[str, float] = field(default_factory=dict)
    max_tokens: int = 2048
    seed: int = 0
    criteria: tuple[Criterion, ...] = DEFAULT_CRITERIA
    verifier: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    cache: CacheUse = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a run ended: the rule that fired, in words, with the numbers it saw."""

    rule: str
    text: str
    numbers: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An error as part of the record."""

    kind: str
    message: str
    status: int | None = None
    retryable: bool = False
