"""The library's values: conversations as trees of turns, each turn with one or more runs, one of them
active.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cort_desktop.domain.ids import ConversationId, NodeName, RunId, TurnId
from cort_desktop.domain.search import Status

RunCondition = Literal["working", "interrupted", "ended"]
"""working: owned by a live process. interrupted: unfinished and owned by nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A conversation as a list shows it. ``turns`` counts those on the active path."""

    id: ConversationId
    title: str
    created: datetime
    updated: datetime
    turns: int
    pinned: bool = False
    archived: bool = False
    system: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A question in its place. ``runs`` are in the order they were started; ``active`` is one of them."""

    id: TurnId
    conversation: ConversationId
    parent: TurnId | None
    question: str
    created: datetime
    runs: tuple[RunId, ...] = ()
    active: RunId | None = None


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
class Hit:
    """A place where a search found its words. ``node`` is None for the question itself."""

    conversation: ConversationId
    title: str
    run: RunId | None
    node: NodeName | None
    part: Literal["title", "question", "answer", "candidate", "verdict"]
    excerpt: str
    at: datetime
