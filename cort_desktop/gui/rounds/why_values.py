"""What the pane "Why it won" says about a round, as comparable values. How it looks is the pane's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cort_desktop.domain.ids import NodeName
from cort_desktop.gui.rounds.worth_section import WorthSeen
from cort_desktop.telling.judging import AuditLine

Tone = Literal["chip", "badge-good", "badge-warn", "badge-bad"]


@dataclass(frozen=True, slots=True)
class Piece:
    """Words, or the name of a node that can be gone to."""

    text: str
    node: NodeName | None = None


Saying = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Chip:
    """A few words in a frame; ``more`` is told by its tooltip."""

    text: str
    tone: Tone = "chip"
    more: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """A contestant. ``scores`` are means over the judges by criterion, ``ranks`` its place by each judge."""

    node: NodeName
    note: str
    is_winner: bool
    scores: tuple[float | None, ...]
    rank: str
    ranks: tuple[str, ...]
    preference: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Contestants by criteria, and by judges: ``dissenters`` stand first among them."""

    criteria: tuple[str, ...]
    judges: tuple[NodeName, ...]
    dissenters: frozenset[NodeName]
    rows: tuple[TableRow, ...]
    scored_by: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeSaid:
    """One verdict, or why there is none. ``order`` is how the candidates stood in its prompt, ``doubts``
    what is odd about it.
    """

    node: NodeName
    model: str
    chips: tuple[Chip, ...]
    dissent: Saying = ()
    ranking: Saying = ()
    quote: Saying = ()
    order: tuple[NodeName, ...] = ()
    lacks: Saying = ()
    flaws: tuple[tuple[NodeName, Saying], ...] = ()
    doubts: tuple[str, ...] = ()
    raw: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteBar:
    """An answer and how many samples gave it."""

    value: str
    votes: int
    nodes: tuple[NodeName, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Votes:
    """A count of answers, the most votes first; ``silent`` samples had none that could be counted."""

    bars: tuple[VoteBar, ...]
    total: int
    silent: tuple[NodeName, ...]
    confidence: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a verifier found; ``passed`` is None where it could not tell."""

    node: NodeName
    verifier: str
    passed: bool | None
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """How far the judges of the whole run can be believed."""

    title: str
    lines: tuple[AuditLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """All the pane says about one round. ``number`` is None for a run without any; ``called``: what its
    strategy calls a round.
    """

    number: int | None
    numbers: tuple[int, ...]
    headline: str
    called: str = "Round"
    chips: tuple[Chip, ...] = ()
    table: Table | None = None
    judges: tuple[JudgeSaid, ...] = ()
    votes: Votes | None = None
    checks: tuple[Checked, ...] = ()
    notes: tuple[str, ...] = ()
    ended: str = ""
    judging: Judging | None = None
    worth: WorthSeen | None = None
