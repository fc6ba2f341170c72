"""Conversations as a list shows them: the first thing a window reads, so this stands without the rest of the
library.
"""

from __future__ import annotations

from typing import Any, Literal

import apsw

from cort_desktop.domain.library import Conversation, Origin
from cort_desktop.domain.stamps import parse_stamp

Listed = Literal["open", "open and archived", "archived", "deleted"]
"""Which conversations a list is of."""
_WHERE: dict[Listed, str] = {
    "open": "c.deleted IS NULL AND NOT c.archived",
    "open and archived": "c.deleted IS NULL",
    "archived": "c.deleted IS NULL AND c.archived",
    "deleted": "c.deleted IS NOT NULL",
}
CONVERSATIONS = """
    SELECT c.id, c.title, c.created, c.updated, coalesce(t.depth, 0), c.pinned, c.archived, c.system,
        c.deleted, o.id, coalesce(o.title, c.origin_title)
    FROM conversations AS c
    LEFT JOIN turns AS t ON t.id = c.leaf LEFT JOIN conversations AS o ON o.id = c.origin
"""


def read_list(
    connection: apsw.Connection, listed: Listed = "open", limit: int | None = None
) -> list[Conversation]:
    """Conversations, pinned ones first, then by when something last happened; those in the bin by when they
    were deleted. At most ``limit`` of them.
    """
    order = "c.deleted DESC" if listed == "deleted" else "c.pinned DESC, c.updated DESC"
    query = f"{CONVERSATIONS} WHERE {_WHERE[listed]} ORDER BY {order}, c.number DESC LIMIT ?"
    rows = connection.execute(query, (-1 if limit is None else limit,)).fetchall()
    return [conversation_of(row) for row in rows]


def conversation_of(row: tuple[Any, ...]) -> Conversation:
    """A row of ``CONVERSATIONS``."""
    id_, title, created, updated, turns, pinned, archived, system, deleted, origin, origin_title = row
    return Conversation(
        id=id_,
        title=title,
        created=parse_stamp(created),
        updated=parse_stamp(updated),
        turns=turns,
        pinned=bool(pinned),
        archived=bool(archived),
        system=system,
        deleted=None if deleted is None else parse_stamp(deleted),
        branched_from=None if origin_title is None else Origin(conversation=origin, title=origin_title),
    )
