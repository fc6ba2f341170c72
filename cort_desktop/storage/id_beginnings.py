"""Ids by their beginnings: people type the first characters, programs the whole."""

from __future__ import annotations

from typing import Literal

import apsw

from cort_desktop.domain.texts import clean
from cort_desktop.errors import UsageError

_HINTS = {
    "run": "`conversations show` names the runs of a conversation.",
    "conversation": "`conversations list` names those there are.",
}
_EXACT = {
    "run": "SELECT id FROM runs WHERE id = ?",
    "conversation": "SELECT id FROM conversations WHERE id = ?",
}
_BEGIN = {
    "run": "SELECT id FROM runs WHERE substr(id, 1, length(?1)) = ?1 ORDER BY number DESC LIMIT 6",
    "conversation": "SELECT id FROM conversations WHERE substr(id, 1, length(?1)) = ?1 "
    "ORDER BY number DESC LIMIT 6",
}


def find_id(connection: apsw.Connection, kind: Literal["run", "conversation"], beginning: str) -> str:
    """The one id of this kind that is, or begins with, ``beginning``. Raises UsageError when there is none,
    or several.
    """
    wanted = clean(beginning)
    exact = connection.execute(_EXACT[kind], (wanted,)).get
    if exact is not None:
        return str(exact)
    found = [str(row[0]) for row in connection.execute(_BEGIN[kind], (wanted,))] if wanted else []
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(f"There is no {kind} that begins with {beginning!r}. {_HINTS[kind]}")
    raise UsageError(
        f"Several {kind}s begin with {beginning!r}: {', '.join(found[:5])}. Give more of the id."
    )
