"""The library's values: conversations as trees of turns, each turn with one or more runs, one of them
active.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from cort_desktop.domain.ids import ConversationId, NodeName, RunId, TurnId

if TYPE_CHECKING:
    from cort_desktop.domain.search import Attachment, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a branch comes from. ``conversation`` is None once that one was deleted for good; ``title`` is
    the one it has, or had.
    """

    conversation: ConversationId | None
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A conversation as a list shows it. ``turns`` counts those on the active path; ``deleted`` is when it
    was put into the bin.
    """

    id: ConversationId
    title: str
    created: datetime
    updated: datetime
    turns: int
    pinned: bool = False
    archived: bool = False
    system: str | None = None
    deleted: datetime | None = None
    branched_from: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A question in its place. ``runs`` are in the order they were started; ``active`` is one of them.

    pinned: every later question is told of this turn word for word, however long the conversation gets.
    """

    id: TurnId
    conversation: ConversationId
    parent: TurnId | None
    question: str
    created: datetime
    runs: tuple[RunId, ...] = ()
    active: RunId | None = None
    pinned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A run as the library knows it without reading its log."""

    id: RunId
    turn: TurnId
    conversation: ConversationId
    strategy: str
    status: Status | None
    answer_node: NodeName | None
    answer: str | None
    started: datetime
    ended: datetime | None
    last_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A turn as later questions are told of it: the question, its files, and the answer that counts."""

    turn: TurnId
    conversation: ConversationId
    question: str
    answer: str | None
    attachments: tuple[Attachment, ...] = ()
    pinned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnView:
    """A question of the active path and its runs, in the order they were started.

    ``working`` says which process works on which of them, in words; one that has not ended and is not there
    was interrupted. ``siblings`` are all questions that were asked at this place, this one among them, in the
    order they were asked.
    """

    turn: Turn
    runs: tuple[RunRow, ...]
    working: Mapping[RunId, str] = field(default_factory=dict)
    siblings: tuple[TurnId, ...] = ()

    @property
    def place(self) -> int:
        """Which of its siblings this turn is, from 0: "2/3" is place 1 of 3."""
        return self.siblings.index(self.turn.id)

    @property
    def active(self) -> RunRow | None:
        """The run that counts."""
        return next((run for run in self.runs if run.id == self.turn.active), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationView:
    """A conversation with its active path."""

    conversation: Conversation
    turns: tuple[TurnView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupted:
    """A run that has not ended and that nobody works on, with what a person knows it by."""

    run: RunRow
    title: str
    question: str

    @property
    def can_go_on(self) -> bool:
        """Whether something of it was saved to go on from; else its question has to be asked again."""
        return self.run.last_seq > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A place where a search found its words. ``node`` is None for the question itself.

    ``marks`` are the (start, end) of the words in ``excerpt``, in characters, in order and apart from each
    other. ``turn`` and ``run`` are None for a title. ``version``: which of the versions of its question it is
    in, from 1, and how many there are; ``answer``: the same of the answers to that question.
    Of a candidate that is not the answer, ``won``: the rounds it won, and ``lost``: others were preferred to
    it in one; neither where nobody compared it.
    """

    conversation: ConversationId
    title: str
    run: RunId | None
    node: NodeName | None
    part: Literal["title", "question", "answer", "candidate", "verdict"]
    excerpt: str
    at: datetime
    marks: tuple[tuple[int, int], ...] = ()
    turn: TurnId | None = None
    archived: bool = False
    version: tuple[int, int] = (1, 1)
    answer: tuple[int, int] = (1, 1)
    won: tuple[int, ...] = ()
    lost: bool = False
