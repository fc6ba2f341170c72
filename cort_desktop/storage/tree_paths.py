"""Ways through a conversation's tree of turns: the path up to a turn, and where a turn led last.

A turn remembers which of the questions after it was looked at last (``chosen``), so going back to an earlier
version of a question finds the whole way below it again. Works on a connection; when is said elsewhere.
"""

from __future__ import annotations

import apsw

from cort_desktop.domain.ids import ConversationId, TurnId

_LOOKED_AT_LAST = """
    WITH RECURSIVE way (id) AS (
        SELECT ?1
        UNION
        SELECT t.chosen FROM turns AS t JOIN way ON t.id = way.id WHERE t.chosen IS NOT NULL
    )
    SELECT id FROM way
"""
_NEWEST_LEAF = """
    WITH RECURSIVE below (id, number) AS (
        SELECT id, number FROM turns WHERE id = ?1
        UNION ALL
        SELECT t.id, t.number FROM turns AS t JOIN below ON t.parent = below.id
    )
    SELECT id FROM below WHERE NOT EXISTS (SELECT 1 FROM turns WHERE parent = below.id)
    ORDER BY number DESC LIMIT 1
"""
_REMEMBER = """
    WITH RECURSIVE path (id, parent) AS (
        SELECT id, parent FROM turns WHERE id = ?
        UNION ALL
        SELECT t.id, t.parent FROM turns AS t JOIN path ON t.id = path.parent
    )
    UPDATE turns SET chosen = path.id FROM path
    WHERE turns.id = path.parent AND turns.chosen IS NOT path.id
"""


def lead_to(connection: apsw.Connection, leaf: TurnId) -> ConversationId | None:
    """Make the path from the first question to ``leaf`` the active one of its conversation; returns that, or
    None when there is no such turn.
    """
    conversation = connection.execute("SELECT conversation FROM turns WHERE id = ?", (leaf,)).get
    if conversation is None:
        return None
    connection.execute("UPDATE conversations SET leaf = ? WHERE id = ?", (leaf, conversation))
    connection.execute(_REMEMBER, (leaf,))
    return ConversationId(str(conversation))


def leaf_through(connection: apsw.Connection, turn: TurnId) -> TurnId | None:
    """The last turn of the path through ``turn``, as it was looked at last below it, else the newest question
    there. None when there is no such turn.
    """
    last = connection.execute(_LOOKED_AT_LAST, (turn,)).fetchall()[-1][0]
    leaf = connection.execute(_NEWEST_LEAF, (last,)).get
    return None if leaf is None else TurnId(str(leaf))


def lead_through(connection: apsw.Connection, turn: TurnId) -> ConversationId | None:
    """Make ``turn`` part of the active path of its conversation; returns that, or None when there is no such
    turn. Below it, the path goes on as it was looked at last, else to the newest question there.
    """
    leaf = leaf_through(connection, turn)
    return None if leaf is None else lead_to(connection, leaf)
