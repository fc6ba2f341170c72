"""Deleting for good: the rows, the logs, the words of the search and the texts nobody else uses.

Only what is in the bin can be deleted so, and never under a run that is being worked on. SQLite overwrites
what it frees (``connections.py``). The index of words only marks what is deleted; merging its parts drops it,
which takes seconds in a large library and is done a little at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import apsw

from cort_desktop.domain.ids import ConversationId, RunId
from cort_desktop.errors import UsageError
from cort_desktop.storage.database import Database
from cort_desktop.storage.owners import Owners

_MERGED_PAGES = 256
"""In one step: some 40 ms of the writing thread."""
_LEAST_CHANGES = 2
"""A merge that changes fewer rows than this has nothing left to do (SQLite's documentation of FTS5)."""

_STEPS = (
    "DELETE FROM passage_words WHERE rowid IN (SELECT number FROM passages WHERE conversation = ?1)",
    "DELETE FROM passages WHERE conversation = ?1",
    "DELETE FROM partial_texts WHERE run IN (SELECT id FROM runs WHERE conversation = ?1)",
    "DELETE FROM events WHERE run IN (SELECT id FROM runs WHERE conversation = ?1)",
    """DELETE FROM blobs
        WHERE name IN (
            SELECT u.blob FROM blob_uses AS u JOIN runs AS r ON r.id = u.run WHERE r.conversation = ?1)
        AND NOT EXISTS (
            SELECT 1 FROM blob_uses AS u JOIN runs AS r ON r.id = u.run
            WHERE u.blob = blobs.name AND r.conversation != ?1)""",
    "DELETE FROM blob_uses WHERE run IN (SELECT id FROM runs WHERE conversation = ?1)",
    "DELETE FROM runs WHERE conversation = ?1",
    "DELETE FROM summaries WHERE conversation = ?1",
    "DELETE FROM turns WHERE conversation = ?1",
    """UPDATE conversations SET origin_title = (SELECT title FROM conversations WHERE id = ?1)
        WHERE origin = ?1""",
    "DELETE FROM conversations WHERE id = ?1",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purge:
    """Called on the writing thread. Raises UsageError when the conversation may not be deleted for good."""

    conversation: ConversationId
    owners: Owners

    def __call__(self, connection: apsw.Connection) -> None:
        self._check(connection)
        for step in _STEPS:
            connection.execute(step, (self.conversation,))

    def _check(self, connection: apsw.Connection) -> None:
        row = connection.execute(
            "SELECT title, deleted FROM conversations WHERE id = ?", (self.conversation,)
        ).fetchone()
        if row is None:
            raise UsageError(f"There is no conversation {self.conversation}. It may be deleted already.")
        title, deleted = row
        if deleted is None:
            raise UsageError(
                f"“{title}” is not in the bin. Delete it first; what is in the bin can be deleted for good."
            )
        for (run,) in connection.execute("SELECT id FROM runs WHERE conversation = ?", (self.conversation,)):
            owner = self.owners.owner(RunId(str(run)))
            if owner is not None:
                raise UsageError(
                    f"“{title}” can't be deleted for good: run {run} of it is being worked on by {owner}. "
                    "Wait until it has ended, or stop it first."
                )


class Sweep:
    """Drops what the index of words still holds of deleted texts, beside other work.

    What the end of the program cuts short goes with the next sweep.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pages = _MERGED_PAGES
        self._changes = 0

    def begin(self) -> None:
        """Go through the whole index, from now on. Any thread; returns at once."""
        self._pages = -_MERGED_PAGES  # a negative number takes in every part of the index
        self._database.write_soon(self, hurry=True)

    def __call__(self, connection: apsw.Connection) -> Callable[[], None]:
        """One step, on the writing thread."""
        before = connection.total_changes()
        connection.execute(
            "INSERT INTO passage_words (passage_words, rank) VALUES ('merge', ?)", (self._pages,)
        )
        self._changes = connection.total_changes() - before
        self._pages = _MERGED_PAGES
        return self._go_on

    def _go_on(self) -> None:
        if self._changes >= _LEAST_CHANGES:
            self._database.write_soon(self, hurry=True)
