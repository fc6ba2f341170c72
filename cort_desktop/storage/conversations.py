"""The library: conversations as trees of turns, each turn with its runs, one of them active.

Reading works on any thread; what changes something returns a future that is done after the commit. The logs
of runs are ``run_log.py``; who works on a run is ``owners.py``; copies and deleting for good have modules of
their own. Deleting marks.
"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from typing import TypeAlias

import apsw

from cort_desktop.domain.ids import ConversationId, NodeName, RunId, TurnId
from cort_desktop.domain.library import Conversation, ConversationView, Interrupted, RunRow, Said, Turn
from cort_desktop.domain.search import Attachment
from cort_desktop.domain.stamps import stamp
from cort_desktop.domain.texts import clean
from cort_desktop.errors import UsageError
from cort_desktop.storage.conversation_list import Listed, read_list
from cort_desktop.storage.conversation_views import read_conversation, read_view
from cort_desktop.storage.copies import Branch, Duplicate, NewId
from cort_desktop.storage.database import Database
from cort_desktop.storage.id_beginnings import find_id
from cort_desktop.storage.library_rows import (
    ACTIVE_PATH,
    ATTACHMENTS,
    RUNS,
    SAID,
    TURNS,
    UNFINISHED,
    Row,
    attachments_of,
    run_of,
    said_of,
    turn_of,
    unfinished_of,
)
from cort_desktop.storage.owners import Owners
from cort_desktop.storage.purge import Purge, Sweep
from cort_desktop.storage.search_index import index_title
from cort_desktop.storage.tree_paths import lead_through
from cort_desktop.storage.turn_start import TurnStart

_Rows: TypeAlias = list[Row]  # these names because `list` is also a method below
_Conversations: TypeAlias = list[Conversation]
_Turns: TypeAlias = list[Turn]
_Runs: TypeAlias = list[RunRow]
_Said: TypeAlias = list[Said]
_Interrupted: TypeAlias = list[Interrupted]


class Conversations:
    """Reads and changes the library."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._owners = Owners(database.folder)
        self._sweep = Sweep(database)

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

    def forget_turn(self, run: RunId) -> None:
        """Give up a question that could not be written down and whose run will not begin: it must not come
        up later, when there is room again.
        """
        self._database.forget(run)

    def get(self, conversation: ConversationId) -> Conversation:
        """One conversation, deleted or not. Raises UsageError when there is none."""
        return self._database.read(lambda connection: read_conversation(connection, conversation))

    def view(self, conversation: ConversationId, through: TurnId | None = None) -> ConversationView:
        """A conversation with its active path, or the one through that turn, as of one moment. Raises
        UsageError when there is none.
        """
        view = self._database.read(lambda connection: read_view(connection, conversation, through))
        turns = tuple(replace(turn, working=self._working(turn.runs)) for turn in view.turns)
        return replace(view, turns=turns)

    def turns(self, conversation: ConversationId) -> _Turns:
        """The whole tree, in the order in which the turns were made."""
        return self._turns(f"{TURNS} WHERE t.conversation = ? ORDER BY t.number", conversation)

    def path(self, conversation: ConversationId) -> _Turns:
        """The active path, from the first question to the last."""
        return self._turns(ACTIVE_PATH, conversation)

    def runs(self, turn: TurnId) -> _Runs:
        """The runs of a turn, in the order in which they were started."""
        return [run_of(row) for row in self._rows(f"{RUNS} WHERE r.turn = ? ORDER BY r.number", (turn,))]

    def run(self, run: RunId) -> RunRow:
        """One run. Raises UsageError when there is none."""
        row = self._row(f"{RUNS} WHERE r.id = ?", (run,))
        if row is None:
            raise UsageError(f"There is no run {run}. `conversations show` names the runs of a conversation.")
        return run_of(row)

    def find(self, beginning: str) -> RunId:
        """The one run whose id begins so. Raises UsageError when there is none, or several."""
        return RunId(self._database.read(lambda connection: find_id(connection, "run", beginning)))

    def find_conversation(self, beginning: str) -> ConversationId:
        """The one conversation whose id begins so. Raises UsageError when there is none, or several."""
        found = self._database.read(lambda connection: find_id(connection, "conversation", beginning))
        return ConversationId(found)

    def leaf(self, conversation: ConversationId) -> TurnId | None:
        """The last turn of the active path; None before the first question."""
        row = self._row("SELECT leaf FROM conversations WHERE id = ?", (conversation,))
        return None if row is None or row[0] is None else TurnId(row[0])

    def said(self, turn: TurnId) -> _Said:
        """The turns from the first question to ``turn``, as later questions are told of them."""
        return [said_of(row) for row in self._rows(SAID, (turn,))]

    def attachments(self, run: RunId) -> tuple[Attachment, ...]:
        """What went along with the question of ``run``."""
        row = self._row(ATTACHMENTS, (run,))
        return () if row is None else attachments_of(row[0])

    def interrupted(self) -> _Interrupted:
        """Runs that have not ended and that nobody works on, oldest first; none of what is in the bin."""
        unfinished = [unfinished_of(row) for row in self._rows(UNFINISHED, ())]
        return [one for one in unfinished if self._owners.owner(one.run.id) is None]

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

    def set_system(self, conversation: ConversationId, text: str | None) -> Future[None]:
        """Give a conversation another system text for its later questions; None: that of the settings."""
        return self._set(conversation, "system", None if text is None else clean(text))

    def delete(self, conversation: ConversationId) -> Future[None]:
        """Mark a conversation as deleted: it is neither listed nor found, and nothing of it is lost."""
        return self._set(conversation, "deleted", self._now())

    def undelete(self, conversation: ConversationId) -> Future[None]:
        """Take the mark away."""
        return self._set(conversation, "deleted", None)

    def set_active(self, turn: TurnId, run: RunId) -> Future[ConversationId]:
        """Make ``run`` the one that counts for its turn; the result is their conversation."""

        def write(connection: apsw.Connection) -> ConversationId:
            connection.execute(
                "UPDATE turns SET active = ?1 WHERE id = ?2 "
                "AND EXISTS (SELECT 1 FROM runs WHERE id = ?1 AND turn = ?2)",
                (run, turn),
            )
            _expect(connection, "run of this turn", run)
            home = connection.execute("SELECT conversation FROM turns WHERE id = ?", (turn,)).get
            return ConversationId(str(home))

        return self._database.write(write)

    def pin_turn(self, turn: TurnId, pinned: bool = True) -> Future[ConversationId]:  # noqa: FBT001, FBT002  on or off
        """Have every later question told of a turn word for word, or no longer; the result is its
        conversation.
        """

        def write(connection: apsw.Connection) -> ConversationId:
            connection.execute("UPDATE turns SET pinned = ? WHERE id = ?", (int(pinned), turn))
            _expect(connection, "turn", turn)
            home = connection.execute("SELECT conversation FROM turns WHERE id = ?", (turn,)).get
            return ConversationId(str(home))

        return self._database.write(write)

    def choose(self, turn: TurnId) -> Future[ConversationId]:
        """Make ``turn`` part of the active path; below it, the path goes on as it was looked at last.

        The result is its conversation.
        """

        def write(connection: apsw.Connection) -> ConversationId:
            home = lead_through(connection, turn)
            if home is None:
                raise UsageError(f"There is no turn {turn}. Its conversation may have been deleted.")
            return home

        return self._database.write(write)

    def duplicate(self, conversation: ConversationId, title: str, new_id: NewId) -> Future[ConversationId]:
        """Copy a whole conversation under new ids. Fails with UsageError while a run of it is worked on."""
        copy = Duplicate(
            conversation=conversation, title=clean(title), at=self._now(), new_id=new_id, owners=self._owners
        )
        return self._database.write(copy)

    def branch(
        self, run: RunRow, *, override: NodeName | None, title: str, new_id: NewId
    ) -> Future[ConversationId]:
        """Copy the path up to ``run``'s turn under new ids, with ``override`` as the answer of its run.

        Fails with UsageError while a run of the path is worked on.
        """
        branch = Branch(
            conversation=run.conversation,
            turn=run.turn,
            run=run.id,
            override=override,
            title=clean(title),
            at=self._now(),
            new_id=new_id,
            owners=self._owners,
        )
        return self._database.write(branch)

    def purge(self, conversation: ConversationId) -> Future[None]:
        """Delete for good what is in the bin. Fails with UsageError when it isn't, or is worked on."""
        gone = self._database.write(Purge(conversation=conversation, owners=self._owners))
        gone.add_done_callback(lambda done: None if done.exception() else self._sweep.begin())
        return gone

    def list(self, listed: Listed = "open", limit: int | None = None) -> _Conversations:
        """Conversations, pinned ones first, then by when something last happened; those in the bin by when
        they were deleted. At most ``limit`` of them.
        """
        return self._database.read(lambda connection: read_list(connection, listed, limit))

    def _set(self, conversation: ConversationId, column: str, value: object) -> Future[None]:
        def write(connection: apsw.Connection) -> None:
            connection.execute(f"UPDATE conversations SET {column} = ? WHERE id = ?", (value, conversation))  # noqa: S608
            _expect(connection, "conversation", conversation)

        return self._database.write(write)

    def _working(self, runs: tuple[RunRow, ...]) -> dict[RunId, str]:
        owners = {run.id: self._owners.owner(run.id) for run in runs if run.ended is None}
        return {run: owner for run, owner in owners.items() if owner is not None}

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

    def _rows(self, query: str, values: tuple[str | int, ...]) -> _Rows:
        return self._database.read(lambda connection: connection.execute(query, values).fetchall())

    def _row(self, query: str, values: tuple[str | int, ...]) -> Row | None:
        rows = self._rows(query, values)
        return rows[0] if rows else None

    def _now(self) -> str:
        return stamp(self._database.clock.now())


def _expect(connection: apsw.Connection, word: str, id_: str) -> None:
    """The last statement must have changed something. Raises UsageError."""
    if not connection.changes():
        raise UsageError(f"There is no {word} {id_}. It may have been deleted; look at `conversations list`.")
