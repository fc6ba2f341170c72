"""A conversation once more under new ids: all of it, or one path of it as a branch.

Everything is copied but the texts behind blobs, which are shared. Ids stand in the rows and in a run's first
event, nowhere else; so a copied log folds to the same state. The original is never touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import apsw

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import ConversationId, NodeName, RunId, TurnId
from cort_desktop.domain.stamps import parse_stamp
from cort_desktop.errors import UsageError
from cort_desktop.storage.owners import Owners
from cort_desktop.storage.run_log import Batch
from cort_desktop.storage.search_index import index_copies, index_title
from cort_desktop.storage.tree_paths import lead_to

NewId = Callable[[], str]

_WHOLE = """
    SELECT id, parent, depth, question, created, active, chosen, pinned
    FROM turns WHERE conversation = ? ORDER BY number
"""
_PATH = """
    WITH RECURSIVE path (id, parent) AS (
        SELECT id, parent FROM turns WHERE id = ?
        UNION ALL
        SELECT t.id, t.parent FROM turns AS t JOIN path ON t.id = path.parent
    )
    SELECT t.id, t.parent, t.depth, t.question, t.created, t.active, t.chosen, t.pinned
    FROM path JOIN turns AS t ON t.id = path.id ORDER BY t.depth
"""
_COPY_EVENTS = """
    INSERT INTO events (run, seq, at, type, body)
    SELECT ?2, seq, at, type,
        CASE type WHEN 'run.started' THEN json_set(body, '$.conversation', ?3, '$.turn', ?4) ELSE body END
    FROM events WHERE run = ?1 ORDER BY seq
"""
_COPY_RUN = """
    INSERT INTO runs (id, turn, conversation, strategy, status, answer_node, answer, started, ended, last_seq)
    SELECT ?2, ?4, ?3, strategy, status, answer_node, answer, started, ended, last_seq FROM runs WHERE id = ?1
"""
_COPY_USES = "INSERT INTO blob_uses (run, blob) SELECT ?2, blob FROM blob_uses WHERE run = ?1"
_COPY_SUMMARIES = """
    INSERT INTO summaries (conversation, turn, path, turns, version, text, tokens, model, problem, request,
        usage, cost_microusd, seconds, attempts, made)
    SELECT ?2, ?3, path, turns, version, text, tokens, model, problem, request,
        usage, CASE WHEN cost_microusd IS NULL THEN NULL ELSE 0 END, seconds, 0, made
    FROM summaries WHERE turn = ?1 AND version IS NOT NULL ORDER BY number
"""
"""Only usable ones, and nothing is paid twice: the copy cost nothing."""
_COPY_PARTIALS = """
    INSERT INTO partial_texts (run, node, piece, text, reasoning)
    SELECT ?2, node, piece, text, reasoning FROM partial_texts WHERE run = ?1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    id: str
    parent: str | None
    depth: int
    question: str
    created: str
    active: str | None
    chosen: str | None
    pinned: int
    runs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """The whole tree of ``conversation`` as a new one. Called on the writing thread; returns its id."""

    conversation: ConversationId
    title: str
    at: str
    new_id: NewId
    owners: Owners

    def __call__(self, connection: apsw.Connection) -> ConversationId:
        turns = _turns(connection, _WHOLE, self.conversation)
        refuse_working([run for turn in turns for run in turn.runs], self.owners, "copied")
        copy = _Copy(connection, self.conversation, self.new_id)
        connection.execute(
            "INSERT INTO conversations (id, title, system, created, updated, origin, origin_title) "
            "SELECT ?2, ?3, system, ?4, ?4, origin, origin_title FROM conversations WHERE id = ?1",
            (self.conversation, copy.conversation, self.title, self.at),
        )
        copy.add(turns)
        leaf = connection.execute("SELECT leaf FROM conversations WHERE id = ?", (self.conversation,)).get
        if leaf is not None:
            lead_to(connection, TurnId(copy.ids[str(leaf)]))
        index_title(connection, copy.conversation, self.title, self.at)
        return copy.conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """The path up to ``run``'s turn as a new conversation that remembers where it comes from.

    Of each turn the run that counts comes along, of the last one ``run``; ``override`` is the node that is to
    be its answer from then on. Called on the writing thread; returns the new conversation's id.
    """

    conversation: ConversationId
    turn: TurnId
    run: RunId
    override: NodeName | None
    title: str
    at: str
    new_id: NewId
    owners: Owners

    def __call__(self, connection: apsw.Connection) -> ConversationId:
        path = [_alone(turn) for turn in _turns(connection, _PATH, self.turn)]
        path[-1] = replace(path[-1], active=self.run, chosen=None, runs=(self.run,))
        refuse_working([run for turn in path for run in turn.runs], self.owners, "copied")
        copy = _Copy(connection, self.conversation, self.new_id)
        connection.execute(
            "INSERT INTO conversations (id, title, system, created, updated, origin, origin_title) "
            "SELECT ?2, ?3, system, ?4, ?4, id, title FROM conversations WHERE id = ?1",
            (self.conversation, copy.conversation, self.title, self.at),
        )
        copy.add(path)
        lead_to(connection, TurnId(copy.ids[self.turn]))
        if self.override is not None:
            self._override(connection, RunId(copy.ids[self.run]), self.override)
        index_title(connection, copy.conversation, self.title, self.at)
        return copy.conversation

    def _override(self, connection: apsw.Connection, run: RunId, node: NodeName) -> None:
        last = connection.execute("SELECT last_seq FROM runs WHERE id = ?", (run,)).get
        word = ev.UserEvent(verb="override", node=node)
        event = ev.Event(run=run, seq=int(str(last)) + 1, at=parse_stamp(self.at), body=word)
        Batch(run, (event,), {})(connection)


class _Copy:
    """Adds turns and their runs to a new conversation; ``ids`` says which id became which."""

    def __init__(self, connection: apsw.Connection, source: ConversationId, new_id: NewId) -> None:
        self.conversation = ConversationId(new_id())
        self._source = source
        self.ids: dict[str, str] = {}
        self._connection = connection
        self._new_id = new_id

    def add(self, turns: Sequence[_Turn]) -> None:
        """Copy ``turns``; parents come before what hangs on them."""
        for turn in turns:
            for old in (turn.id, *turn.runs):
                self.ids[old] = self._new_id()
        for turn in turns:
            self._add_turn(turn)
        for turn in turns:
            for run in turn.runs:
                self._add_run(run, self.ids[turn.id])
        index_copies(
            self._connection,
            self._source,
            self.conversation,
            turns={turn.id: self.ids[turn.id] for turn in turns},
            runs={run: self.ids[run] for turn in turns for run in turn.runs},
            active={turn.id: self.ids[turn.active] for turn in turns if turn.active is not None},
        )

    def _add_turn(self, turn: _Turn) -> None:
        names = [
            None if old is None else self.ids.get(old) for old in (turn.parent, turn.active, turn.chosen)
        ]
        parent, active, chosen = names
        self._connection.execute(
            "INSERT INTO turns (id, conversation, parent, depth, question, created, active, chosen, pinned) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self.ids[turn.id],
                self.conversation,
                parent,
                turn.depth,
                turn.question,
                turn.created,
                active,
                chosen,
                turn.pinned,
            ),
        )
        self._connection.execute(_COPY_SUMMARIES, (turn.id, self.conversation, self.ids[turn.id]))

    def _add_run(self, run: str, turn: str) -> None:
        place = (run, self.ids[run], self.conversation, turn)
        self._connection.execute(_COPY_RUN, place)
        self._connection.execute(_COPY_EVENTS, place)
        self._connection.execute(_COPY_USES, place[:2])
        self._connection.execute(_COPY_PARTIALS, place[:2])


def _turns(connection: apsw.Connection, query: str, of: str) -> list[_Turn]:
    rows: list[Any] = connection.execute(query, (of,)).fetchall()
    return [
        _Turn(
            id=id_,
            parent=parent,
            depth=depth,
            question=question,
            created=created,
            active=active,
            chosen=chosen,
            pinned=pinned,
            runs=tuple(
                str(run)
                for (run,) in connection.execute("SELECT id FROM runs WHERE turn = ? ORDER BY number", (id_,))
            ),
        )
        for id_, parent, depth, question, created, active, chosen, pinned in rows
    ]


def _alone(turn: _Turn) -> _Turn:
    """The turn with nothing but the run that counts."""
    return replace(turn, runs=() if turn.active is None else (turn.active,))


def refuse_working(runs: Iterable[str], owners: Owners, verb: str) -> None:
    """Half a log that nobody goes on with would look like a crash. ``verb``: what was to be done with the
    runs, like “copied”. Raises UsageError.
    """
    for run in runs:
        owner = owners.owner(RunId(run))
        if owner is not None:
            raise UsageError(
                f"Run {run} is being worked on by {owner}, so it can't be {verb}. Wait until it has "
                "ended, or stop it first."
            )
