"""The log of runs: events that are added and never changed, the texts they name, and what follows from them.

What an event means for the run's row and the search index is written in the event's own transaction, so a
reader of the library never sees a run that its log does not tell of. What can't be saved stays in memory, in
order, and is tried again with the next event: there is never a gap on disk.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from types import MappingProxyType

import apsw

from cort_desktop.domain import events as ev
from cort_desktop.domain.calendar import Calendar
from cort_desktop.domain.ids import Blob, NodeName, RunId
from cort_desktop.domain.spending import Booking
from cort_desktop.domain.texts import clean
from cort_desktop.errors import StorageError
from cort_desktop.storage.codec import EventRow, event_of, event_row
from cort_desktop.storage.database import Database
from cort_desktop.storage.faults import damaged
from cort_desktop.storage.paces import note_pace
from cort_desktop.storage.partial_texts import Partials, PartialTexts, erase
from cort_desktop.storage.search_index import index_choice, index_event
from cort_desktop.storage.spending import note_bookings

_NO_BLOBS: Mapping[Blob, str] = MappingProxyType({})
_ENDS = ev.NodeFinished | ev.NodeFailed | ev.NodeCancelled
_TOLD = ev.NodeFinished | ev.Verdict | ev.RunFinished
"""Bodies with words that are searched."""


class RunLog:
    """Stores and reads the events of runs. ``append`` and ``partial`` hand over and return at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._partials = PartialTexts(database)

    @property
    def problem(self) -> str | None:
        """Why nothing can be saved, in a sentence; None when it can."""
        return self._database.problem

    def append(
        self,
        events: Sequence[ev.Event],
        blobs: Mapping[Blob, str] = _NO_BLOBS,
        bookings: Sequence[Booking] = (),
    ) -> Future[None]:
        """Store the next ``events`` of one run, the texts they name and what they cost, all or nothing.
        Deltas are left out.

        The future is done when they are safe on disk, or has a StorageError: then they are kept in memory and
        tried again with the run's next events. Raises ValueError when they don't follow each other.
        """
        stored = tuple(event for event in events if event.seq is not None)
        if not stored:
            return self._nothing_to_do()
        _check_order(stored)
        for event in stored:
            if isinstance(event.body, _ENDS):
                self._partials.drop(event.run, event.body.node)
        run = stored[0].run
        return self._database.write_in_order(
            run, Batch(run, stored, blobs, bookings, self._database.calendar)
        )

    def retry(self, run: RunId) -> Future[None]:
        """Try once more to save what could not be saved of ``run``; done when nothing is left."""
        return self._database.write_in_order(run, lambda _connection: None)

    def catch_up(self, run: RunId) -> None:
        """Have everything of ``run`` on disk that is only in memory yet. Blocks; raises StorageError when it
        can't be saved.
        """
        if self._database.is_behind(run):
            self.retry(run).result()

    def note(self, events: Sequence[ev.Event]) -> Future[None]:
        """Store what is said to a run at rest. When that fails it is forgotten, not tried again: who said it
        was told so, and may say it once more.
        """
        _check_order(events)
        return self._database.write(Batch(events[0].run, tuple(events), _NO_BLOBS))

    def partial(self, run: RunId, node: NodeName, text: str, reasoning: str = "") -> None:
        """Keep the whole text so far of a call in flight."""
        self._partials.put(run, node, text, reasoning)

    def partials(self, run: RunId) -> Partials:
        """(text, reasoning) of each call of ``run`` that has not ended. Raises StorageError."""
        return self._partials.read(run)

    def events(self, run: RunId) -> list[ev.Event]:
        """All saved events of ``run``, in order. Any thread. Raises StorageError."""
        rows = self._database.read(
            lambda connection: connection.execute(
                "SELECT seq, at, type, body FROM events WHERE run = ? ORDER BY seq", (clean(run),)
            ).fetchall()
        )
        return [event_of(run, row) for row in rows]

    def first(self, run: RunId) -> ev.Event | None:
        """The first event of ``run``, without reading the others; None when it has none. Raises
        StorageError.
        """
        row: EventRow | None = self._database.read(
            lambda connection: connection.execute(
                "SELECT seq, at, type, body FROM events WHERE run = ? AND seq = 1", (clean(run),)
            ).fetchone()
        )
        return None if row is None else event_of(run, row)

    def blob(self, name: Blob) -> str:
        """The text stored under ``name``. Raises StorageError when there is none."""
        body = self._database.read(
            lambda connection: connection.execute("SELECT body FROM blobs WHERE name = ?", (name,)).get
        )
        if not isinstance(body, bytes):
            raise StorageError(
                f"The text {name} is not in {self._database.path}. The run it belongs to is incomplete."
            )
        try:
            return zlib.decompress(body).decode()
        except (zlib.error, UnicodeDecodeError) as error:
            raise damaged(self._database.path, f"the text {name} can't be read") from error

    def _nothing_to_do(self) -> Future[None]:
        done: Future[None] = Future()
        done.set_result(None)
        return done


def _check_order(events: Sequence[ev.Event]) -> None:
    first = events[0]
    for place, event in enumerate(events):
        if event.run != first.run or event.seq != (first.seq or 0) + place:
            raise ValueError(
                f"event {event.seq} of run {event.run} does not follow {first.seq} of {first.run}"
            )


class Batch:
    """Events that are stored together. Called on the writing thread, again after a failure."""

    def __init__(
        self,
        run: RunId,
        events: tuple[ev.Event, ...],
        blobs: Mapping[Blob, str],
        bookings: Sequence[Booking] = (),
        calendar: Calendar | None = None,
    ) -> None:
        self._run = run
        self._events = events
        self._blobs = dict(blobs)
        self._bookings = tuple(bookings)
        self._calendar = calendar or Calendar()
        self._rows: list[EventRow] | None = None

    def __call__(self, connection: apsw.Connection) -> None:
        if self._rows is None:
            self._rows = [event_row(event) for event in self._events]
        self._advance(connection)
        connection.executemany(
            "INSERT OR IGNORE INTO blobs (name, body) VALUES (?, ?)",
            ((name, zlib.compress(clean(text).encode())) for name, text in self._blobs.items()),
        )
        connection.executemany(
            "INSERT OR IGNORE INTO blob_uses (run, blob) VALUES (?, ?)",
            ((clean(self._run), name) for name in self._blobs),
        )
        connection.executemany(
            "INSERT INTO events (run, seq, at, type, body) VALUES (?, ?, ?, ?, ?)", self._rows
        )
        for event, row in zip(self._events, self._rows, strict=True):
            follow(connection, event, row[2])
            if isinstance(event.body, ev.NodeFinished):
                note_pace(connection, event.body)
        note_bookings(connection, self._bookings, self._calendar)

    def _advance(self, connection: apsw.Connection) -> None:
        """Only the events after the last stored one may come. Raises StorageError."""
        first, last = self._rows_span()
        connection.execute(
            "UPDATE runs SET last_seq = ? WHERE id = ? AND last_seq = ?", (last, clean(self._run), first - 1)
        )
        if not connection.changes():
            stored = connection.execute("SELECT last_seq FROM runs WHERE id = ?", (clean(self._run),)).get
            raise StorageError(
                f"Event {first} of run {self._run} can't be stored: "
                + ("the run was never begun." if stored is None else f"its log ends with event {stored}.")
                + " Another program may have worked on it; look at it with `cort-desktop replay`."
            )

    def _rows_span(self) -> tuple[int, int]:
        rows = self._rows or []
        return rows[0][1], rows[-1][1]


def follow(connection: apsw.Connection, event: ev.Event, at: str) -> None:
    """What a stored event means beyond the log: the run's row, partial texts, the search index."""
    body = event.body
    run = clean(event.run)
    if isinstance(body, _ENDS):
        erase(connection, event.run, body.node)
    if isinstance(body, _TOLD):
        index_event(connection, event, at)
    if isinstance(body, ev.RunFinished):
        _finish(connection, run, body, at)
    elif isinstance(body, ev.RunPlanned):
        connection.execute("UPDATE runs SET strategy = ? WHERE id = ?", (clean(body.strategy), run))
    elif isinstance(body, ev.RunResumed | ev.RunReopened):
        connection.execute("UPDATE runs SET status = NULL, ended = NULL WHERE id = ?", (run,))
    elif isinstance(body, ev.UserEvent) and body.verb == "override":
        _choose(connection, run, body.node)
    elif isinstance(body, ev.UserEvent) and body.verb == "dropped":
        _choose(connection, run, _last_said(connection, run, "user.override", "$.node"))


def _finish(connection: apsw.Connection, run: str, body: ev.RunFinished, at: str) -> None:
    connection.execute(
        "UPDATE runs SET status = ?, answer_node = ?, answer = ?, ended = ? WHERE id = ?",
        (
            body.status,
            None if body.answer_node is None else clean(body.answer_node),
            None if body.answer is None else clean(body.answer),
            at,
            run,
        ),
    )
    connection.execute(
        "UPDATE conversations SET updated = max(updated, ?) "
        "WHERE id = (SELECT conversation FROM runs WHERE id = ?)",
        (at, run),
    )
    chosen = _last_said(connection, run, "user.override", "$.node")
    if chosen is not None:
        _choose(connection, run, chosen)  # made while it worked, or before it was reopened


def _own_answer(connection: apsw.Connection, run: str) -> NodeName | None:
    """The run's own answer; who stands instead of it, where a person took it out since."""
    answer = _last_said(connection, run, "run.finished", "$.answer_node")
    instead = connection.execute(
        "SELECT json_extract(body, '$.instead') FROM events WHERE run = ?1 AND type = 'user.dropped' "
        "AND seq > (SELECT max(seq) FROM events WHERE run = ?1 AND type = 'run.finished') "
        "ORDER BY seq DESC LIMIT 1",
        (run,),
    ).get
    return answer if instead is None else NodeName(str(instead))


def _last_said(connection: apsw.Connection, run: str, kind: str, field: str) -> NodeName | None:
    """The node that the last event of a kind names; None without one."""
    said = connection.execute(
        "SELECT json_extract(body, ?) FROM events WHERE run = ? AND type = ? ORDER BY seq DESC LIMIT 1",
        (field, run, kind),
    ).get
    return None if said is None else NodeName(str(said))


def _choose(connection: apsw.Connection, run: str, node: NodeName | None) -> None:
    """A person chose another answer, or None, the run's own: an ended run's row shows that one from now
    on.
    """
    if node is None:
        node = _own_answer(connection, run)
    if node is None:
        return
    name = clean(node)
    index_choice(connection, run, name)
    connection.execute(
        "UPDATE runs SET answer_node = ?1, answer = (SELECT json_extract(body, '$.text') FROM events "
        "WHERE run = ?2 AND type = 'node.finished' AND json_extract(body, '$.node') = ?1 "
        "ORDER BY seq DESC LIMIT 1) WHERE id = ?2 AND ended IS NOT NULL",
        (name, run),
    )
