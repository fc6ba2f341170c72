"""Rows of the library as the values of ``domain/library.py``, and the queries that bring them in this
order.
"""

from __future__ import annotations

from typing import Any

from cort_desktop.domain.ids import RunId
from cort_desktop.domain.library import Conversation, RunRow, Turn
from cort_desktop.domain.wire import parse_stamp

Row = tuple[Any, ...]

CONVERSATIONS = """
    SELECT c.id, c.title, c.created, c.updated, coalesce(t.depth, 0), c.pinned, c.archived, c.system
    FROM conversations AS c LEFT JOIN turns AS t ON t.id = c.leaf
"""
TURNS = "SELECT id, conversation, parent, question, created, active FROM turns"
ACTIVE_PATH = """
    WITH RECURSIVE path (id, parent) AS (
        SELECT t.id, t.parent FROM turns AS t JOIN conversations AS c ON c.leaf = t.id WHERE c.id = ?
        UNION ALL
        SELECT t.id, t.parent FROM turns AS t JOIN path ON t.id = path.parent
    )
    SELECT t.id, t.conversation, t.parent, t.question, t.created, t.active
    FROM path JOIN turns AS t ON t.id = path.id ORDER BY t.depth
"""
RUNS = (
    "SELECT id, turn, conversation, strategy, status, answer_node, answer, started, ended, last_seq FROM runs"
)


def conversation_of(row: Row) -> Conversation:
    """A row of ``CONVERSATIONS``."""
    id_, title, created, updated, turns, pinned, archived, system = row
    return Conversation(
        id=id_,
        title=title,
        created=parse_stamp(created),
        updated=parse_stamp(updated),
        turns=turns,
        pinned=bool(pinned),
        archived=bool(archived),
        system=system,
    )


def turn_of(row: Row, runs: tuple[RunId, ...]) -> Turn:
    """A row of ``TURNS`` or ``ACTIVE_PATH``, with the turn's runs."""
    id_, conversation, parent, question, created, active = row
    return Turn(
        id=id_,
        conversation=conversation,
        parent=parent,
        question=question,
        created=parse_stamp(created),
        runs=runs,
        active=active,
    )


def run_of(row: Row) -> RunRow:
    """A row of ``RUNS``."""
    id_, turn, conversation, strategy, status, answer_node, answer, started, ended, last_seq = row
    return RunRow(
        id=id_,
        turn=turn,
        conversation=conversation,
        strategy=strategy,
        status=status,
        answer_node=answer_node,
        answer=answer,
        started=parse_stamp(started),
        ended=None if ended is None else parse_stamp(ended),
        last_seq=last_seq,
    )
