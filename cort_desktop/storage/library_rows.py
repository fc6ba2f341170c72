"""Rows of the library as the values of ``domain/library.py``, and the queries that bring them in this
order. Conversations themselves are ``conversation_list.py``'s.
"""

from __future__ import annotations

import json
from typing import Any

from cort_desktop.domain.ids import RunId
from cort_desktop.domain.library import Interrupted, RunRow, Said, Turn
from cort_desktop.domain.search import Attachment
from cort_desktop.domain.stamps import parse_stamp
from cort_desktop.domain.wire import value_from_json

Row = tuple[Any, ...]

TURNS = "SELECT t.id, t.conversation, t.parent, t.question, t.created, t.active, t.pinned FROM turns AS t"
ACTIVE_PATH = """
    WITH RECURSIVE path (id, parent) AS (
        SELECT t.id, t.parent FROM turns AS t JOIN conversations AS c ON c.leaf = t.id WHERE c.id = ?
        UNION ALL
        SELECT t.id, t.parent FROM turns AS t JOIN path ON t.id = path.parent
    )
    SELECT t.id, t.conversation, t.parent, t.question, t.created, t.active, t.pinned
    FROM path JOIN turns AS t ON t.id = path.id ORDER BY t.depth
"""
PATH_TO = """
    WITH RECURSIVE path (id, parent) AS (
        SELECT id, parent FROM turns WHERE id = ?
        UNION ALL
        SELECT t.id, t.parent FROM turns AS t JOIN path ON t.id = path.parent
    )
    SELECT t.id, t.conversation, t.parent, t.question, t.created, t.active, t.pinned
    FROM path JOIN turns AS t ON t.id = path.id ORDER BY t.depth
"""
RUNS = """
    SELECT r.id, r.turn, r.conversation, r.strategy, r.status, r.answer_node, r.answer, r.started, r.ended,
        r.last_seq
    FROM runs AS r
"""
RUNS_OF_TURNS = """
    SELECT r.id, r.turn, r.conversation, r.strategy, r.status, r.answer_node, r.answer, r.started, r.ended,
        r.last_seq
    FROM runs AS r WHERE r.turn IN (SELECT value FROM json_each(?)) ORDER BY r.number
"""
"""The turns' ids are one value: a list as JSON."""
UNFINISHED = """
    SELECT r.id, r.turn, r.conversation, r.strategy, r.status, r.answer_node, r.answer, r.started, r.ended,
        r.last_seq, c.title, t.question
    FROM runs AS r JOIN conversations AS c ON c.id = r.conversation JOIN turns AS t ON t.id = r.turn
    WHERE r.ended IS NULL AND c.deleted IS NULL ORDER BY r.number
"""
SAID = """
    WITH RECURSIVE path (id, parent) AS (
        SELECT id, parent FROM turns WHERE id = ?
        UNION ALL
        SELECT t.id, t.parent FROM turns AS t JOIN path ON t.id = path.parent
    )
    SELECT t.id, t.conversation, t.question, r.answer, json_extract(e.body, '$.attachments'), t.pinned
    FROM path JOIN turns AS t ON t.id = path.id
    LEFT JOIN runs AS r ON r.id = t.active
    LEFT JOIN events AS e ON e.run = t.active AND e.seq = 1 AND e.type = 'run.started'
    ORDER BY t.depth
"""
ATTACHMENTS = """
    SELECT json_extract(body, '$.attachments') FROM events
    WHERE run = ? AND seq = 1 AND type = 'run.started'
"""


def turn_of(row: Row, runs: tuple[RunId, ...]) -> Turn:
    """A row of ``TURNS`` or ``ACTIVE_PATH``, with the turn's runs."""
    id_, conversation, parent, question, created, active, pinned = row
    return Turn(
        id=id_,
        conversation=conversation,
        parent=parent,
        question=question,
        created=parse_stamp(created),
        runs=runs,
        active=active,
        pinned=bool(pinned),
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


def unfinished_of(row: Row) -> Interrupted:
    """A row of ``UNFINISHED``."""
    *run, title, question = row
    return Interrupted(run=run_of(tuple(run)), title=title, question=question)


def said_of(row: Row) -> Said:
    """A row of ``SAID``."""
    turn, conversation, question, answer, attachments, pinned = row
    return Said(
        turn=turn,
        conversation=conversation,
        question=question,
        answer=answer,
        attachments=attachments_of(attachments),
        pinned=bool(pinned),
    )


def attachments_of(value: str | None) -> tuple[Attachment, ...]:
    """What stands in a run's first event, as JSON."""
    files = [] if value is None else json.loads(value)
    return tuple(value_from_json(Attachment, file) for file in files)
