"""Conversations as the records of a ``.cort`` file: what a copy of a conversation takes along is what a file
holds (``copies.py``), logs exactly as they are stored.

The container is ``cort_file.py``; the way back is ``imports.py``. Only reads.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import IO, Any

import apsw

from cort_desktop.domain.ids import ConversationId, RunId
from cort_desktop.domain.wire import dumps
from cort_desktop.errors import StorageError, UsageError
from cort_desktop.storage.codec import event_of
from cort_desktop.storage.copies import refuse_working
from cort_desktop.storage.cort_file import CortWriter, Tell
from cort_desktop.storage.database import Database
from cort_desktop.storage.faults import damaged
from cort_desktop.storage.owners import Owners
from cort_desktop.storage.partial_texts import read_partials

_CONVERSATION = """
    SELECT c.title, c.system, c.created, c.updated, coalesce(o.title, c.origin_title), c.leaf
    FROM conversations AS c LEFT JOIN conversations AS o ON o.id = c.origin WHERE c.id = ?
"""
_TURNS = """
    SELECT id, parent, question, created, active, chosen, pinned FROM turns WHERE conversation = ?
    ORDER BY number
"""
_RUNS = "SELECT id, turn, strategy, started FROM runs WHERE conversation = ? ORDER BY number"
_SUMMARIES = """
    SELECT turn, path, turns, version, text, tokens, model, problem, request, usage,
        cost_microusd IS NOT NULL, seconds, made
    FROM summaries WHERE conversation = ? AND version IS NOT NULL ORDER BY number
"""
_CONVERSATION_KEYS = ("title", "system", "created", "updated", "origin", "leaf")
_TURN_KEYS = ("id", "parent", "question", "created", "active", "chosen", "pinned")
_SUMMARY_KEYS = (
    "turn", "path", "turns", "version", "text", "tokens", "model", "problem", "request", "usage", "priced",
    "seconds", "made",
)  # fmt: skip


class Exports:
    """Writes conversations of a library."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._owners = Owners(database.folder)

    def write(
        self, conversations: Sequence[ConversationId], file: IO[bytes], *, program: str, tell: Tell
    ) -> None:
        """Write ``conversations``, in this order, as one ``.cort`` file. Blocks; any thread.

        ``tell`` is told how many of the runs are done. Raises UsageError when there is no such conversation
        or a run of it is being worked on, StorageError when something can't be read or is too large, OSError
        of the file.
        """
        with CortWriter(file, program) as writer:
            self._database.read(lambda connection: self._write(connection, conversations, writer, tell))
            writer.finish(len(conversations))

    def _write(
        self,
        connection: apsw.Connection,
        conversations: Sequence[ConversationId],
        writer: CortWriter,
        tell: Tell,
    ) -> None:
        runs: dict[ConversationId, list[Any]] = {
            each: connection.execute(_RUNS, (each,)).fetchall() for each in conversations
        }
        for each in conversations:
            refuse_working([run for run, *_ in runs[each]], self._owners, "exported")
        done, total = 0, sum(len(found) for found in runs.values())
        texts: set[str] = set()
        for conversation in conversations:
            _write_tree(connection, conversation, writer)
            for run in runs[conversation]:
                texts |= self._write_run(connection, run, writer)
                done += 1
                tell(done, total)
            _write_summaries(connection, conversation, writer)
        for name in sorted(texts):
            self._write_text(connection, name, writer)

    def _write_run(self, connection: apsw.Connection, row: tuple[Any, ...], writer: CortWriter) -> set[str]:
        """Returns the names of the texts that the run uses."""
        run, turn, strategy, started = row
        uses = connection.execute("SELECT blob FROM blob_uses WHERE run = ? ORDER BY blob", (run,))
        texts = [str(blob) for (blob,) in uses]
        writer.add(
            {
                "kind": "run",
                "id": run,
                "turn": turn,
                "strategy": strategy,
                "started": started,
                "texts": texts,
            }
        )
        events: Any = connection.execute(
            "SELECT seq, at, type, body FROM events WHERE run = ? ORDER BY seq", (run,)
        )
        for event in events:
            event_of(RunId(run), event)  # what can't be read is told now, and not when it is needed
            seq, at, kind, body = event
            head = dumps({"kind": "event", "run": run, "seq": seq, "type": kind, "at": at})
            writer.add_line(f'{head[:-1]},"body":{body}}}')
        for node, (text, reasoning) in read_partials(connection, RunId(run)).items():
            writer.add({"kind": "partial", "run": run, "node": node, "text": text, "reasoning": reasoning})
        return set(texts)

    def _write_text(self, connection: apsw.Connection, name: str, writer: CortWriter) -> None:
        body = connection.execute("SELECT body FROM blobs WHERE name = ?", (name,)).get
        if not isinstance(body, bytes):
            return  # the library lacks it, and the file does so, too
        try:
            text = zlib.decompress(body).decode()
        except (zlib.error, UnicodeDecodeError) as error:
            raise damaged(self._database.path, f"the text {name} can't be read") from error
        writer.add({"kind": "text", "name": name, "text": text})


def _write_tree(connection: apsw.Connection, conversation: ConversationId, writer: CortWriter) -> None:
    row: Any = connection.execute(_CONVERSATION, (conversation,)).fetchone()
    if row is None:
        raise UsageError(
            f"There is no conversation {conversation}. `conversations list` names those there are."
        )
    writer.add({"kind": "conversation", **dict(zip(_CONVERSATION_KEYS, row, strict=True))})
    turns: Any = connection.execute(_TURNS, (conversation,))
    for turn in turns:
        told = dict(zip(_TURN_KEYS, turn, strict=True))
        writer.add({"kind": "turn", **told, "pinned": bool(told["pinned"])})


def _write_summaries(connection: apsw.Connection, conversation: ConversationId, writer: CortWriter) -> None:
    rows: Any = connection.execute(_SUMMARIES, (conversation,))
    for row in rows:
        told = dict(zip(_SUMMARY_KEYS, row, strict=True))
        try:
            told["request"] = zlib.decompress(told["request"]).decode()
            told["usage"] = None if told["usage"] is None else json.loads(told["usage"])
        except (zlib.error, ValueError) as error:
            raise StorageError(
                f"A summary of conversation {conversation} can't be read. The rest of it is not affected."
            ) from error
        writer.add({"kind": "summary", **told, "priced": bool(told["priced"])})
