"""A conversation as it is shown: its active path, the runs of each turn, and which other questions were asked
there. A handful of queries however long it is, all of one moment.

Who works on a run is not in the database: ``conversations.py`` adds it.
"""

from __future__ import annotations

import json

import apsw

from cort_desktop.domain.ids import ConversationId, TurnId
from cort_desktop.domain.library import Conversation, ConversationView, RunRow, TurnView
from cort_desktop.errors import UsageError
from cort_desktop.storage.conversation_list import CONVERSATIONS, conversation_of
from cort_desktop.storage.library_rows import (
    ACTIVE_PATH,
    PATH_TO,
    RUNS_OF_TURNS,
    Row,
    run_of,
    turn_of,
)
from cort_desktop.storage.tree_paths import leaf_through


def read_conversation(connection: apsw.Connection, conversation: ConversationId) -> Conversation:
    """One conversation, deleted or not. Raises UsageError when there is none."""
    row = connection.execute(f"{CONVERSATIONS} WHERE c.id = ?", (conversation,)).fetchone()
    if row is None:
        raise UsageError(
            f"There is no conversation {conversation}. `conversations list` names those there are."
        )
    return conversation_of(row)


def read_view(
    connection: apsw.Connection, conversation: ConversationId, through: TurnId | None = None
) -> ConversationView:
    """A conversation with its active path, or with the one through that turn, which changes nothing. Raises
    UsageError when there is no such conversation, or no such turn in it.
    """
    known = read_conversation(connection, conversation)
    path = _path(connection, conversation, through)
    runs = _runs(connection, [row[0] for row in path])
    siblings = _by_parent(connection, conversation)
    return ConversationView(
        conversation=known,
        turns=tuple(
            TurnView(
                turn=turn_of(row, tuple(run.id for run in runs[row[0]])),
                runs=tuple(runs[row[0]]),
                siblings=tuple(siblings[row[2]]),
            )
            for row in path
        ),
    )


def _path(connection: apsw.Connection, conversation: ConversationId, through: TurnId | None) -> list[Row]:
    if through is None:
        return connection.execute(ACTIVE_PATH, (conversation,)).fetchall()
    path: list[Row] = connection.execute(PATH_TO, (leaf_through(connection, through),)).fetchall()
    if not path or path[0][1] != conversation:
        raise UsageError(f"There is no turn {through} in conversation {conversation}.")
    return path


def _runs(connection: apsw.Connection, turns: list[TurnId]) -> dict[TurnId, list[RunRow]]:
    """The runs of each turn, in the order in which they were started."""
    found: dict[TurnId, list[RunRow]] = {turn: [] for turn in turns}
    for row in connection.execute(RUNS_OF_TURNS, (json.dumps(turns),)):
        run = run_of(row)
        found[run.turn].append(run)
    return found


def _by_parent(
    connection: apsw.Connection, conversation: ConversationId
) -> dict[TurnId | None, list[TurnId]]:
    """All turns of a conversation by the one they hang on, in the order in which they were made."""
    found: dict[TurnId | None, list[TurnId]] = {}
    rows: list[Row] = connection.execute(
        "SELECT id, parent FROM turns WHERE conversation = ? ORDER BY number", (conversation,)
    ).fetchall()
    for turn, parent in rows:
        found.setdefault(parent, []).append(turn)
    return found
