"""The shape of the database, as numbered steps. A released step is never edited: what changes is a further
step.

Each step is one transaction that ends by counting ``user_version`` up, so a program that dies in the middle
of one leaves the old version. Connections are opened in ``database.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import apsw

APPLICATION_ID = 0x436F5254
"""'CoRT': marks the file as ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One step: from version ``number - 1`` to ``number``, and what it is for."""

    number: int
    words: str
    statements: tuple[str, ...]


def latest(migrations: Sequence[Migration]) -> int:
    """The version that the last step leads to."""
    return migrations[-1].number


def version_of(connection: apsw.Connection) -> int:
    """The version of the database behind ``connection``."""
    return int(connection.pragma("user_version"))


def migrate(connection: apsw.Connection, migrations: Sequence[Migration]) -> None:
    """Take the steps that are missing. Raises apsw.Error; the database is then between two steps, never in
    one.
    """
    for migration in migrations:
        if version_of(connection) < migration.number:
            _take(connection, migration)


def _take(connection: apsw.Connection, migration: Migration) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        if version_of(connection) < migration.number:  # another process may have taken it while we waited
            for statement in migration.statements:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {migration.number}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


MIGRATIONS: tuple[Migration, ...] = (
    Migration(
        number=1,
        words="conversations as trees of turns, runs as logs of events, full-text search",
        statements=(
            f"PRAGMA application_id = {APPLICATION_ID}",
            """CREATE TABLE conversations (
                number INTEGER PRIMARY KEY,
                id TEXT NOT NULL UNIQUE,
                title TEXT NOT NULL,
                system TEXT,
                created TEXT NOT NULL,
                updated TEXT NOT NULL,
                pinned INTEGER NOT NULL DEFAULT 0,
                archived INTEGER NOT NULL DEFAULT 0,
                deleted TEXT,
                leaf TEXT REFERENCES turns (id) DEFERRABLE INITIALLY DEFERRED
            ) STRICT""",
            """CREATE TABLE turns (
                number INTEGER PRIMARY KEY,
                id TEXT NOT NULL UNIQUE,
                conversation TEXT NOT NULL REFERENCES conversations (id),
                parent TEXT REFERENCES turns (id),
                depth INTEGER NOT NULL,
                question TEXT NOT NULL,
                created TEXT NOT NULL,
                active TEXT REFERENCES runs (id) DEFERRABLE INITIALLY DEFERRED
            ) STRICT""",
            "CREATE INDEX turns_of_conversation ON turns (conversation)",
            """CREATE TABLE runs (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                id TEXT NOT NULL UNIQUE,
                turn TEXT NOT NULL REFERENCES turns (id),
                conversation TEXT NOT NULL REFERENCES conversations (id),
                strategy TEXT NOT NULL,
                status TEXT,
                answer_node TEXT,
                answer TEXT,
                started TEXT NOT NULL,
                ended TEXT,
                last_seq INTEGER NOT NULL DEFAULT 0
            ) STRICT""",
            "CREATE INDEX runs_of_turn ON runs (turn)",
            "CREATE INDEX runs_of_conversation ON runs (conversation)",
            "CREATE INDEX unfinished_runs ON runs (number) WHERE ended IS NULL",
            """CREATE TABLE events (
                run TEXT NOT NULL REFERENCES runs (id),
                seq INTEGER NOT NULL CHECK (seq >= 1),
                at TEXT NOT NULL,
                type TEXT NOT NULL,
                body TEXT NOT NULL,
                PRIMARY KEY (run, seq)
            ) STRICT""",
            """CREATE INDEX node_starts ON events (run, json_extract(body, '$.node'))
                WHERE type = 'node.started'""",
            """CREATE TRIGGER events_are_final BEFORE UPDATE ON events
                BEGIN SELECT RAISE(ABORT, 'a stored event is never changed'); END""",
            """CREATE TABLE blobs (
                name TEXT NOT NULL PRIMARY KEY,
                body BLOB NOT NULL
            ) STRICT""",
            """CREATE TABLE partial_texts (
                run TEXT NOT NULL REFERENCES runs (id),
                node TEXT NOT NULL,
                piece INTEGER NOT NULL,
                text TEXT NOT NULL,
                reasoning TEXT NOT NULL,
                PRIMARY KEY (run, node, piece)
            ) STRICT""",
            """CREATE TABLE paces (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                model TEXT NOT NULL,
                verdict INTEGER NOT NULL,
                seconds REAL NOT NULL
            ) STRICT""",
            "CREATE INDEX paces_of_model ON paces (model, verdict, number)",
            """CREATE TABLE passages (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                conversation TEXT NOT NULL REFERENCES conversations (id),
                turn TEXT REFERENCES turns (id),
                run TEXT REFERENCES runs (id),
                node TEXT,
                seq INTEGER,
                part TEXT NOT NULL,
                at TEXT NOT NULL
            ) STRICT""",
            "CREATE INDEX passages_of_run ON passages (run, node)",
            "CREATE INDEX passages_of_conversation ON passages (conversation)",
            """CREATE VIRTUAL TABLE passage_words USING fts5 (
                words, content='', contentless_delete=1, prefix='3 4',
                tokenize="unicode61 remove_diacritics 2"
            )""",
        ),
    ),
    Migration(
        number=2,
        words="where a branch comes from, where a question led last, which run uses which text",
        statements=(
            "ALTER TABLE conversations ADD COLUMN origin TEXT",  # no reference: it may be deleted for good
            "ALTER TABLE conversations ADD COLUMN origin_title TEXT",
            """CREATE INDEX conversations_in_order ON conversations (pinned, updated, number)
                WHERE deleted IS NULL""",
            "ALTER TABLE turns ADD COLUMN chosen TEXT",
            """WITH RECURSIVE path (id, parent) AS (
                    SELECT t.id, t.parent FROM conversations AS c JOIN turns AS t ON t.id = c.leaf
                    UNION ALL
                    SELECT t.id, t.parent FROM turns AS t JOIN path ON t.id = path.parent
                )
                UPDATE turns SET chosen = path.id FROM path WHERE turns.id = path.parent""",
            "CREATE INDEX turns_of_parent ON turns (parent)",
            # What refers to a row that is deleted for good is looked for by these, not by reading everything.
            "CREATE INDEX conversations_of_leaf ON conversations (leaf)",
            "CREATE INDEX turns_of_active_run ON turns (active)",
            "CREATE INDEX passages_of_turn ON passages (turn)",
            """CREATE TABLE blob_uses (
                run TEXT NOT NULL REFERENCES runs (id),
                blob TEXT NOT NULL,
                PRIMARY KEY (run, blob)
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX uses_of_blob ON blob_uses (blob)",
            """INSERT OR IGNORE INTO blob_uses (run, blob)
                SELECT run, json_extract(body, '$.request') FROM events
                WHERE type = 'node.started' AND json_extract(body, '$.request') IS NOT NULL""",
            """INSERT OR IGNORE INTO blob_uses (run, blob)
                SELECT run, json_extract(body, '$.context') FROM events
                WHERE type = 'run.started' AND json_extract(body, '$.context') IS NOT NULL""",
            """INSERT OR IGNORE INTO blob_uses (run, blob)
                SELECT e.run, json_extract(a.value, '$.blob')
                FROM events AS e, json_each(e.body, '$.attachments') AS a
                WHERE e.type = 'run.started' AND json_extract(a.value, '$.blob') IS NOT NULL""",
        ),
    ),
    Migration(
        number=3,
        words="which turns every later question is told of, and what long conversations were summed up to",
        statements=(
            "ALTER TABLE turns ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0",
            """CREATE TABLE summaries (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                conversation TEXT NOT NULL REFERENCES conversations (id),
                turn TEXT NOT NULL REFERENCES turns (id),
                path TEXT NOT NULL,
                turns INTEGER NOT NULL,
                version INTEGER,
                text TEXT NOT NULL,
                tokens INTEGER NOT NULL,
                model TEXT NOT NULL,
                problem TEXT NOT NULL,
                request BLOB NOT NULL,
                usage TEXT,
                cost_microusd INTEGER,
                seconds REAL NOT NULL,
                attempts INTEGER NOT NULL,
                made TEXT NOT NULL
            ) STRICT""",
            "CREATE INDEX summaries_of_conversation ON summaries (conversation)",
            "CREATE INDEX summaries_of_turn ON summaries (turn)",
        ),
    ),
    Migration(
        number=4,
        words="what was spent, what runs at work may still spend, and which limits were told of",
        statements=(
            """CREATE TABLE spending (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                run TEXT NOT NULL,
                seq INTEGER NOT NULL,
                conversation TEXT NOT NULL,
                at TEXT NOT NULL,
                day TEXT NOT NULL,
                provider TEXT NOT NULL,
                model TEXT NOT NULL,
                calls INTEGER NOT NULL,
                input INTEGER NOT NULL,
                cached_input INTEGER NOT NULL,
                cache_write INTEGER NOT NULL,
                output INTEGER NOT NULL,
                reasoning INTEGER NOT NULL,
                known_microusd INTEGER NOT NULL,
                unknown INTEGER NOT NULL,
                booked_microusd INTEGER NOT NULL,
                kept INTEGER NOT NULL,
                saved_microusd INTEGER NOT NULL,
                saved_unknown INTEGER NOT NULL,
                UNIQUE (run, seq)
            ) STRICT""",  # no references: what was spent stays spent when its conversation is deleted
            "CREATE INDEX spending_of_day ON spending (day)",
            "CREATE INDEX spending_of_conversation ON spending (conversation)",
            """CREATE TRIGGER bookings_are_final BEFORE UPDATE ON spending
                BEGIN SELECT RAISE(ABORT, 'what was booked is never changed'); END""",
            """CREATE TRIGGER bookings_stay BEFORE DELETE ON spending
                BEGIN SELECT RAISE(ABORT, 'what was booked is never deleted'); END""",
            """CREATE TABLE allowances (
                run TEXT NOT NULL PRIMARY KEY,
                conversation TEXT NOT NULL,
                day TEXT NOT NULL,
                granted_microusd INTEGER NOT NULL,
                before_microusd INTEGER NOT NULL,
                lost INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID""",
            """CREATE TABLE limit_notices (
                name TEXT NOT NULL,
                period TEXT NOT NULL,
                limit_microusd INTEGER NOT NULL,
                PRIMARY KEY (name, period, limit_microusd)
            ) STRICT, WITHOUT ROWID""",
        ),
    ),
    Migration(
        number=5,
        words="which runs were asked whether they were worth it, and what became of each move's candidates",
        statements=(
            "CREATE INDEX worth_asked ON events (run) WHERE type = 'user.worth'",
            """CREATE INDEX candidate_starts ON events (run)
                WHERE type = 'node.started' AND json_extract(body, '$.kind') IS NOT NULL""",
        ),
    ),
)
