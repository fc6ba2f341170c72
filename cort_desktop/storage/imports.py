"""The records of a ``.cort`` file taken into the library, under new ids: all of a file or nothing of it.

Everything is looked at before anything is written (``cort_records.py``). What follows from a log, how a run
ended and what the search finds, is made from its events and never believed. Nothing is booked as spent, and
no speed of a model is learned: that was elsewhere. A conversation keeps its times, so that it stands where it
stood. The way out is ``exports.py``.
"""

from __future__ import annotations

import json
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import apsw

from cort_desktop.domain.ids import ConversationId, RunId, TurnId
from cort_desktop.domain.stamps import stamp
from cort_desktop.errors import StorageError
from cort_desktop.storage.codec import event_of
from cort_desktop.storage.copies import NewId
from cort_desktop.storage.cort_file import HarmedError, Tell, read_records
from cort_desktop.storage.cort_logs import LogRow
from cort_desktop.storage.cort_records import Contents, ReadConversation, ReadRun, ReadTurn, contents_of
from cort_desktop.storage.database import Database
from cort_desktop.storage.run_log import follow
from cort_desktop.storage.search_index import index_question, index_title
from cort_desktop.storage.tree_paths import lead_to
from cort_desktop.storage.turn_start import begins

_SUMMARY = """
    INSERT INTO summaries (conversation, turn, path, turns, version, text, tokens, model, problem, request,
        usage, cost_microusd, seconds, attempts, made)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 0, ?14)
"""


class Imports:
    """Brings files into a library."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, path: Path, tell: Tell) -> Contents:
        """What a ``.cort`` file holds, all of it looked at. Blocks; any thread.

        Raises UsageError when there is no such file, StorageError saying what is wrong with it.
        """
        try:
            return contents_of(read_records(path, tell))
        except HarmedError as error:
            raise StorageError(
                f"{path} can't be imported: {error}. Nothing was taken in. {_next_step(error)}"
            ) from error
        except OSError as error:
            raise StorageError(
                f"{path} can't be read ({error.strerror or error}). Nothing was taken in."
            ) from error

    def add(self, contents: Contents, new_id: NewId) -> Future[tuple[ConversationId, ...]]:
        """Take in what was read, in one transaction; the result are the new conversations, in the file's
        order. Fails with StorageError.
        """
        now = stamp(self._database.clock.now())
        return self._database.write(_Import(contents=contents, now=now, new_id=new_id))


def _next_step(error: HarmedError) -> str:
    if "newer version" in str(error):
        return "Update CoRT Desktop to open it."
    return "Get the file once more from where it came from, or export it anew."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Import:
    """Called on the writing thread; returns the new conversations."""

    contents: Contents
    now: str
    new_id: NewId

    def __call__(self, connection: apsw.Connection) -> tuple[ConversationId, ...]:
        return tuple(self._add(connection, each) for each in self.contents.conversations)

    def _add(self, connection: apsw.Connection, read: ReadConversation) -> ConversationId:
        conversation = ConversationId(self.new_id())
        connection.execute(
            "INSERT INTO conversations (id, title, system, created, updated, origin_title) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (conversation, read.title, read.system, read.created, read.created, read.title_of_origin),
        )
        ids = {name: self.new_id() for name in read.turns}
        runs = {name: self.new_id() for name in read.runs}
        for turn in read.turns.values():
            _add_turn(connection, turn, conversation, ids, runs)
        _index_title(connection, read, conversation)
        asked: set[str] = set()
        for run in read.runs.values():
            _add_run(connection, run, conversation, ids[run.turn], runs[run.id])
            if run.turn not in asked:
                asked.add(run.turn)
                _index_question(connection, read.turns[run.turn], conversation, ids, runs[run.id])
            self._add_log(connection, run, conversation, ids[run.turn], runs[run.id])
        for turn in read.turns.values():
            if turn.id not in asked:
                _index_question(connection, turn, conversation, ids, None)
        leaf = read.leaf or next(reversed(read.turns), None)
        if leaf is not None:
            lead_to(connection, TurnId(ids[leaf]))
        connection.execute(
            "UPDATE conversations SET updated = ? WHERE id = ?", (min(read.updated, self.now), conversation)
        )
        return conversation

    def _add_log(
        self, connection: apsw.Connection, run: ReadRun, conversation: ConversationId, turn: str, new: str
    ) -> None:
        there = [name for name in run.texts if name in self.contents.texts]
        connection.executemany(
            "INSERT OR IGNORE INTO blobs (name, body) VALUES (?, ?)",
            ((name, self.contents.texts[name]) for name in there),
        )
        connection.executemany(
            "INSERT INTO blob_uses (run, blob) VALUES (?, ?)", ((new, name) for name in run.texts)
        )
        for each in run.log:  # one by one: what follows from one looks back from it
            row = _renamed(each, conversation, turn)
            connection.execute(
                "INSERT INTO events (run, seq, at, type, body) VALUES (?, ?, ?, ?, ?)", (new, *row)
            )
            follow(connection, event_of(RunId(new), row), row[1])
        connection.executemany(
            "INSERT INTO partial_texts (run, node, piece, text, reasoning) VALUES (?, ?, 1, ?, ?)",
            ((new, node, text, reasoning) for node, (text, reasoning) in run.partials.items()),
        )


def _add_run(
    connection: apsw.Connection, run: ReadRun, conversation: ConversationId, turn: str, new: str
) -> None:
    connection.execute(
        "INSERT INTO runs (id, turn, conversation, strategy, started, last_seq) VALUES (?, ?, ?, ?, ?, ?)",
        (new, turn, conversation, run.strategy, run.started, len(run.log)),
    )


def _renamed(row: LogRow, conversation: ConversationId, turn: str) -> LogRow:
    """A run's first event names the conversation and the turn it belongs to."""
    seq, at, kind, body = row
    if seq > 1:
        return row
    named = json.loads(body) | {"conversation": conversation, "turn": turn}
    return seq, at, kind, json.dumps(named, ensure_ascii=False, separators=(",", ":"))


def _add_turn(
    connection: apsw.Connection,
    turn: ReadTurn,
    conversation: ConversationId,
    ids: dict[str, str],
    runs: dict[str, str],
) -> None:
    connection.execute(
        "INSERT INTO turns (id, conversation, parent, depth, question, created, active, chosen, pinned) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            ids[turn.id],
            conversation,
            None if turn.parent is None else ids[turn.parent],
            turn.depth,
            turn.question,
            turn.created,
            None if turn.active is None else runs[turn.active],
            None if turn.chosen is None else ids[turn.chosen],
            int(turn.pinned),
        ),
    )
    connection.executemany(_SUMMARY, ((conversation, ids[turn.id], *summary) for summary in turn.summaries))


def _index_title(connection: apsw.Connection, read: ReadConversation, conversation: ConversationId) -> None:
    first = next(iter(read.turns.values()), None)
    if first is None or not begins(first.question, read.title):
        index_title(connection, conversation, read.title, read.created)


def _index_question(
    connection: apsw.Connection,
    turn: ReadTurn,
    conversation: ConversationId,
    ids: dict[str, str],
    run: str | None,
) -> None:
    new = None if run is None else RunId(run)
    index_question(connection, conversation, TurnId(ids[turn.id]), new, turn.question, turn.created)
