"""The newest calls that failed, for whoever wants to know what went wrong last."""

from __future__ import annotations

import json

from cort_desktop.storage.database import Database


def last_failures(database: Database, limit: int = 10) -> list[str]:
    """When, which node of which run, and why; oldest first. Raises StorageError."""
    rows = database.read(
        lambda connection: connection.execute(
            "SELECT at, run, body FROM events WHERE type = 'node.failed' ORDER BY rowid DESC LIMIT ?",
            (limit,),
        ).fetchall()
    )
    return [_line(str(at), str(run), json.loads(str(body))) for at, run, body in reversed(rows)]


def _line(at: str, run: str, body: dict[str, dict[str, str]]) -> str:
    return f"{at} {body['node']} of run {run}: {body['error']['message']}"
