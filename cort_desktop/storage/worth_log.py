"""Which runs a person asked whether they were worth it, and what became of the candidates of each move.

Read from the events as they are stored, by indexes over them: nothing is counted twice, and nothing has to be
kept in step. Conversations in the bin are left out. What the runs say is for a fold to tell.
"""

from __future__ import annotations

import apsw

from cort_desktop.domain.ids import RunId
from cort_desktop.domain.worth_shares import MoveShare
from cort_desktop.storage.database import Database

_ASKED = """
    SELECT DISTINCT e.run FROM events AS e
    JOIN runs AS r ON r.id = e.run JOIN conversations AS c ON c.id = r.conversation
    WHERE e.type = 'user.worth' AND c.deleted IS NULL ORDER BY r.number
"""
_MOVES = """
    WITH tried AS (
        SELECT DISTINCT e.run AS run, json_extract(e.body, '$.node') AS node,
            coalesce(json_extract(e.body, '$.move'), json_extract(e.body, '$.kind')) AS move
        FROM events AS e INDEXED BY candidate_starts
        WHERE e.type = 'node.started' AND json_extract(e.body, '$.kind') IS NOT NULL
    ), met AS (
        SELECT t.move, t.node = r.answer_node AS is_answer,
            1.0 / count(*) OVER (PARTITION BY t.run) AS chance, count(*) OVER (PARTITION BY t.run) AS of
        FROM tried AS t JOIN runs AS r ON r.id = t.run JOIN conversations AS c ON c.id = r.conversation
        WHERE r.ended IS NOT NULL AND r.answer_node IS NOT NULL AND c.deleted IS NULL
    )
    SELECT move, count(*), sum(is_answer), sum(chance) FROM met WHERE of > 1
    GROUP BY move ORDER BY sum(is_answer) DESC, move
"""


class WorthLog:
    """Reading blocks and raises StorageError; any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def asked(self) -> tuple[RunId, ...]:
        """The runs with at least one such question, oldest first."""

        def work(found: apsw.Connection) -> tuple[RunId, ...]:
            return tuple(RunId(str(row[0])) for row in found.execute(_ASKED))

        return self._database.read(work)

    def moves(self) -> tuple[MoveShare, ...]:
        """Over ended runs with several candidates: how many each move made, and how many are the answer;
        those with most answers first.
        """

        def work(found: apsw.Connection) -> tuple[MoveShare, ...]:
            return tuple(
                MoveShare(move=str(move), candidates=int(made), answers=int(won), by_chance=float(chance))
                for move, made, won, chance in found.execute(_MOVES)
            )

        return self._database.read(work)
