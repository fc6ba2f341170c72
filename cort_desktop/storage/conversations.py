"""The library: conversations as trees of turns, each turn with its runs, one of them active.

Reading works on any thread; what changes something returns a future that is done after the commit. The logs
of runs are ``run_log.py``; who works on a run is ``owners.py``. Deleting marks; nothing is thrown away here.
"""

from __future__ import annotations

from concurrent.futures import Future
from typing import TypeAlias, cast

import apsw

from cort_desktop.domain.ids import ConversationId, RunId, TurnId
from cort_desktop.domain.library import Conversation, RunRow, Turn
from cort_desktop.domain.texts import clean
from cort_desktop.domain.wire import stamp
from cort_desktop.errors import UsageError
from cort_desktop.storage.database import Database
from cort_desktop.storage.library_rows import (
    ACTIVE_PATH,
    CONVERSATIONS,
    RUNS,
    TURNS,
    Row,
    conversation_of,
    run_of,
    turn_of,
)
from cort_desktop.storage.owners import Owners
from cort_desktop.storage.search_index import index_title
from cort_desktop.storage.turn_start import TurnStart

_Rows: TypeAlias = list[Row]  # these names because `list` is also a method below
_Conversations: TypeAlias = list[Conversation]
_Turns: TypeAlias = list[Turn]
_Runs: TypeAlias = list[RunRow]


class Conversations:
    """Reads and changes the library."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._owners = Owners(database.folder)

    def start_turn(  # noqa: PLR0913  what a person's question consists of
        self,
        *,
        conversation: ConversationId,
        turn: TurnId,
        run: RunId,
        question: str,
        strategy: str,
        title: str | None = None,
        system: str | None = None,
        parent: TurnId | None = None,
    ) -> Future[None]:
        """Write down a question before anything is sent: a run, and what of its conversation and turn is new.

        What exists already stays as it is; a new turn hangs on ``parent`` and ends the active path; the run
        is its turn's active one. What could not be saved is tried again with the run's first event.
        """
        start = TurnStart(
            conversation=conversation,
            turn=turn,
            run=run,
            question=clean(question),
            strategy=strategy,
            title=clean(question if title is None else title),
            system=None if system is None else clean(system),
            parent=parent,
            at=self._now(),
        )
        return self._database.write_in_order(run, start)

    def get(self, conversation: ConversationId) -> Conversation:
        """One conversation, deleted or not. Raises UsageError when there is none."""
        row = self._row(f"{CONVERSATIONS} WHERE c.id = ?", (conversation,))
        if row is None:
            raise UsageError(
                f"There is no conversation {conversation}. `conversations list` names those there are."
            )
        return conversation_of(row)

    def turns(self, conversation: ConversationId) -> _Turns:
        """The whole tree, in the order in which the turns were made."""
        return self._turns(f"{TURNS} WHERE conversation = ? ORDER BY number", conversation)

    def path(self, conversation: ConversationId) -> _Turns:
        """The active path, from the first question to the last."""
        return self._turns(ACTIVE_PATH, conversation)

    def runs(self, turn: TurnId) -> _Runs:
        """The runs of a turn, in the order in which they were started."""
        return [run_of(row) for row in self._rows(f"{RUNS} WHERE turn = ? ORDER BY number", (turn,))]

    def run(self, run: RunId) -> RunRow:
        """One run. Raises UsageError when there is none."""
        row = self._row(f"{RUNS} WHERE id = ?", (run,))
        if row is None:
            raise UsageError(f"There is no run {run}. `conversations show` names the runs of a conversation.")
        return run_of(row)

    def find(self, prefix: str) -> RunId:
        """The one run whose id begins with ``prefix``. Raises UsageError when there is none, or several."""
        return RunId(
            self._find("runs", prefix, "run", "`conversations show` names the runs of a conversation.")
        )

    def find_conversation(self, prefix: str) -> ConversationId:
        """The one conversation whose id begins with ``prefix``. Raises UsageError when there is none, or
        several.
        """
        hint = "`conversations list` names those there are."
        return ConversationId(self._find("conversations", prefix, "conversation", hint))

    def interrupted(self) -> _Runs:
        """Runs that have not ended and that nobody works on, oldest first."""
        unfinished = [run_of(row) for row in self._rows(f"{RUNS} WHERE ended IS NULL ORDER BY number", ())]
        return [row for row in unfinished if self._owners.owner(row.id) is None]

    def rename(self, conversation: ConversationId, title: str) -> Future[None]:
        """Give a conversation another title."""
        now = self._now()

        def write(connection: apsw.Connection) -> None:
            connection.execute(
                "UPDATE conversations SET title = ? WHERE id = ?", (clean(title), conversation)
            )
            _expect(connection, "conversation", conversation)
            index_title(connection, conversation, title, now)

        return self._database.write(write)

    def pin(self, conversation: ConversationId, pinned: bool = True) -> Future[None]:  # noqa: FBT001, FBT002  on or off
        """Keep a conversation on top, or no longer."""
        return self._set(conversation, "pinned", int(pinned))

    def archive(self, conversation: ConversationId, archived: bool = True) -> Future[None]:  # noqa: FBT001, FBT002
        """Put a conversation out of sight, or back."""
        return self._set(conversation, "archived", int(archived))

    def delete(self, conversation: ConversationId) -> Future[None]:
        """Mark a conversation as deleted: it is neither listed nor found, and nothing of it is lost."""
        return self._set(conversation, "deleted", self._now())

    def undelete(self, conversation: ConversationId) -> Future[None]:
        """Take the mark away."""
        return self._set(conversation, "deleted", None)

    def set_active(self, turn: TurnId, run: RunId) -> Future[None]:
        """Make ``run`` the one that counts for its turn."""

        def write(connection: apsw.Connection) -> None:
            connection.execute(
                "UPDATE turns SET active = ?1 WHERE id = ?2 "
                "AND EXISTS (SELECT 1 FROM runs WHERE id = ?1 AND turn = ?2)",
                (run, turn),
            )
            _expect(connection, "run of this turn", run)

        return self._database.write(write)

    def set_leaf(self, turn: TurnId) -> Future[None]:
        """Make the path from the first question to ``turn`` the active one of its conversation."""

        def write(connection: apsw.Connection) -> None:
            connection.execute(
                "UPDATE conversations SET leaf = ?1 "
                "WHERE id = (SELECT conversation FROM turns WHERE id = ?1)",
                (turn,),
            )
            _expect(connection, "turn", turn)

        return self._database.write(write)

    def list(self, *, include_archived: bool = False, deleted: bool = False) -> _Conversations:
        """Conversations, pinned ones first, then by when something last happened; or those in the bin."""
        where = f"c.deleted IS {'NOT ' if deleted else ''}NULL"
        if not include_archived and not deleted:
            where += " AND NOT c.archived"
        rows = self._rows(
            f"{CONVERSATIONS} WHERE {where} ORDER BY c.pinned DESC, c.updated DESC, c.number DESC", ()
        )
        return [conversation_of(row) for row in rows]

    def _set(self, conversation: ConversationId, column: str, value: object) -> Future[None]:
        def write(connection: apsw.Connection) -> None:
            connection.execute(f"UPDATE conversations SET {column} = ? WHERE id = ?", (value, conversation))  # noqa: S608
            _expect(connection, "conversation", conversation)

        return self._database.write(write)

    def _find(self, table: str, prefix: str, word: str, hint: str) -> str:
        query = f"SELECT id FROM {table} WHERE substr(id, 1, length(?1)) = ?1 ORDER BY number DESC LIMIT 6"  # noqa: S608
        found = [row[0] for row in self._rows(query, (clean(prefix),))]
        if prefix in found:
            return prefix
        if len(found) == 1 and prefix:
            return cast("str", found[0])
        if not found or not prefix:
            raise UsageError(f"There is no {word} that begins with {prefix!r}. {hint}")
        raise UsageError(
            f"Several {word}s begin with {prefix!r}: {', '.join(found[:5])}. Give more of the id."
        )

    def _turns(self, query: str, conversation: ConversationId) -> _Turns:
        def read(connection: apsw.Connection) -> tuple[_Rows, dict[str, tuple[RunId, ...]]]:
            rows = connection.execute(query, (conversation,)).fetchall()
            runs: dict[str, tuple[RunId, ...]] = {}
            for turn, run in connection.execute(
                "SELECT turn, id FROM runs WHERE conversation = ? ORDER BY number",
                (conversation,),
            ):
                runs[turn] = (*runs.get(turn, ()), run)
            return rows, runs

        rows, runs = self._database.read(read)
        return [turn_of(row, runs.get(row[0], ())) for row in rows]

    def _rows(self, query: str, values: tuple[str, ...]) -> _Rows:
        return self._database.read(lambda connection: connection.execute(query, values).fetchall())

    def _row(self, query: str, values: tuple[str, ...]) -> Row | None:
        rows = self._rows(query, values)
        return rows[0] if rows else None

    def _now(self) -> str:
        return stamp(self._database.clock.now())


def _expect(connection: apsw.Connection, word: str, id_: str) -> None:
    """The last statement must have changed something. Raises UsageError."""
    if not connection.changes():
        raise UsageError(f"There is no {word} {id_}. It may have been deleted; look at `conversations list`.")
