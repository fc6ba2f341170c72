"""How long calls took on this machine and line: what the estimate of the next run's seconds rests on.

Noted in the transaction that stores a call's end. Only measured times are here; nothing is guessed.
"""

from __future__ import annotations

import apsw

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.texts import clean
from cort_desktop.storage.database import Database

LAST = 20
"""So many of the newest calls count: services change their pace."""


class Paces:
    """The measured seconds of calls, by model and kind."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def seconds(self, model: ModelRef, *, verdict: bool) -> float | None:
        """The median of a model's newest answers or verdicts; None before the first. Raises StorageError."""
        rows = self._database.read(
            lambda connection: connection.execute(
                "SELECT seconds FROM paces WHERE model = ? AND verdict = ? ORDER BY number DESC LIMIT ?",
                (clean(model), int(verdict), LAST),
            ).fetchall()
        )
        if not rows:
            return None
        from statistics import median

        return median(float(str(row[0])) for row in rows)


def note_pace(connection: apsw.Connection, end: ev.NodeFinished) -> None:
    """Keep what a call took. Calls outside rounds (``X1``) are neither answers nor verdicts."""
    if end.seconds is None or end.cached or end.model is None or end.node.startswith("X"):
        return
    verdict = end.node.rpartition(".")[2].startswith("J")
    connection.execute(
        "INSERT INTO paces (model, verdict, seconds) VALUES (?, ?, ?)",
        (clean(end.model), int(verdict), end.seconds),
    )
