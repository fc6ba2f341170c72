"""How long a model's newest replies were, as their service counted them.

Read from what was booked: nothing is written for it. Replies from the cache and those without a count aren't
among them, nor are critiques, plans and repairs.
"""

from __future__ import annotations

from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.lengths import Length
from cort_desktop.domain.texts import clean
from cort_desktop.storage.database import Database

LAST = 20
"""So many of the newest replies count: models change, and so do questions."""
LOOKED_AT = 500
"""Bookings, the newest first; what is older than they are says little."""
_NEWEST = f"""
    SELECT s.output, s.output - s.reasoning FROM spending AS s
    JOIN events AS e ON e.run = s.run AND e.seq = s.seq
    WHERE s.number > (SELECT coalesce(max(number), 0) FROM spending) - {LOOKED_AT}
        AND s.model = ? AND s.output > 0 AND e.type = 'node.finished'
        AND json_extract(e.body, '$.node') GLOB ?
        AND (? OR json_extract(e.body, '$.node') GLOB 'R*.A*' OR json_extract(e.body, '$.node') IN ('D', 'S'))
    ORDER BY s.number DESC LIMIT {LAST}
"""  # noqa: S608


class ReplyLengths:
    """Counted lengths of replies, by model and kind."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, model: ModelRef, *, verdict: bool) -> Length | None:
        """Of a model's newest answers or verdicts; None before the first. Raises StorageError."""
        rows = self._database.read(
            lambda connection: connection.execute(
                _NEWEST, (clean(model), "R*.J*" if verdict else "*", int(verdict))
            ).fetchall()
        )
        output, text = [int(str(row[0])) for row in rows], [max(0, int(str(row[1]))) for row in rows]
        if not rows:
            return None
        return Length(fewest=min(output), most=max(output), text_fewest=min(text), text_most=max(text))
