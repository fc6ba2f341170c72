"""The text of calls in flight, so that a crash loses at most the last quarter of a second of it.

Streaming text is not run state (CONTRACT 3): it lives in a table of its own, grows piece by piece and goes
when its node ends. What the engine makes of it after a crash is decided by the services.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import apsw

from cort_desktop.domain.ids import NodeName, RunId
from cort_desktop.domain.texts import clean
from cort_desktop.storage.database import Database

FLUSH_AT = 4096
"""Characters that don't wait for the moment to pass."""

Partials = dict[NodeName, tuple[str, str]]
_Key = tuple[RunId, NodeName]


@dataclass(slots=True, eq=False)
class _Text:
    """The text so far, and how much of it is on disk in how many pieces; ``saved`` is None before the
    first.
    """

    text: str
    reasoning: str
    saved: tuple[str, str] | None = None
    pieces: int = 0

    @property
    def unsaved(self) -> int:
        done = 0 if self.saved is None else len(self.saved[0]) + len(self.saved[1])
        return len(self.text) + len(self.reasoning) - done


class PartialTexts:
    """The partial texts of all runs in this process, and those a dead process left."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._texts: dict[_Key, _Text] = {}
        self._changed: set[_Key] = set()

    def put(self, run: RunId, node: NodeName, text: str, reasoning: str) -> None:
        """Take the whole text so far. Returns at once."""
        with self._lock:
            partial = self._texts.setdefault((run, node), _Text("", ""))
            partial.text = text
            partial.reasoning = reasoning
            self._changed.add((run, node))
            hurry = not 0 <= partial.unsaved < FLUSH_AT
        self._database.write_soon(self._write, hurry=hurry)

    def drop(self, run: RunId, node: NodeName) -> None:
        """The node ended: nothing more of it is written. Its row goes with the event, by ``erase``."""
        with self._lock:
            self._texts.pop((run, node), None)
            self._changed.discard((run, node))

    def read(self, run: RunId) -> Partials:
        """What is known of each call in flight: the newest in memory, else what is on disk."""
        found = self._database.read(lambda connection: read_partials(connection, run))
        with self._lock:
            live = {node: (p.text, p.reasoning) for (of, node), p in self._texts.items() if of == run}
        return found | live

    def _write(self, connection: apsw.Connection) -> Callable[[], None]:
        with self._lock:
            changed = [
                (key, self._texts[key], self._texts[key].text, self._texts[key].reasoning)
                for key in self._changed
            ]
        written = [
            (key, partial, text, reasoning, _write_one(connection, key, partial, text, reasoning))
            for key, partial, text, reasoning in changed
        ]

        def committed() -> None:
            with self._lock:
                for key, partial, text, reasoning, pieces in written:
                    partial.saved = (text, reasoning)
                    partial.pieces = pieces
                    if partial.text is text and partial.reasoning is reasoning:
                        self._changed.discard(key)

        return committed


def erase(connection: apsw.Connection, run: RunId, node: NodeName) -> None:
    """Remove what is stored of a call that ended; part of the transaction that stores its end."""
    connection.execute("DELETE FROM partial_texts WHERE run = ? AND node = ?", (clean(run), clean(node)))


def _write_one(connection: apsw.Connection, key: _Key, partial: _Text, text: str, reasoning: str) -> int:
    """Add what is new; all anew when the text did not just grow. Returns the number of pieces."""
    run, node = key
    before = partial.saved
    pieces = partial.pieces
    if before is None or not (text.startswith(before[0]) and reasoning.startswith(before[1])):
        erase(connection, run, node)
        before, pieces = ("", ""), 0
    connection.execute(
        "INSERT INTO partial_texts (run, node, piece, text, reasoning) VALUES (?, ?, ?, ?, ?)",
        (
            clean(run),
            clean(node),
            pieces + 1,
            clean(text[len(before[0]) :]),
            clean(reasoning[len(before[1]) :]),
        ),
    )
    return pieces + 1


def read_partials(connection: apsw.Connection, run: RunId) -> Partials:
    """(text, reasoning) on disk of each call of ``run`` that has not ended."""
    texts: Partials = {}
    rows = connection.execute(
        "SELECT node, text, reasoning FROM partial_texts WHERE run = ? ORDER BY node, piece", (run,)
    )
    for node, text, reasoning in rows:
        before = texts.get(node, ("", ""))
        texts[node] = (before[0] + text, before[1] + reasoning)
    return texts
