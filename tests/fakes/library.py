"""A small library for tests of the storage: a clock that steps, events of made-up runs, a real database on
disk.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import apsw

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget, Estimate, Reserved, Usage
from cort_desktop.domain.ids import ConversationId, NodeName, RunId, TurnId
from cort_desktop.domain.search import NodeRole, Reason, RunSpec
from cort_desktop.storage.conversations import Conversations
from cort_desktop.storage.database import Database
from cort_desktop.storage.run_log import RunLog
from cort_desktop.storage.search_index import SearchIndex

BEGIN = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
RUN = RunId("run-1")
TURN = TurnId("turn-1")
CONVERSATION = ConversationId("conversation-1")
DRAFT = NodeName("D")


class StepClock:
    """Each look at the time is a second later than the last."""

    def __init__(self) -> None:
        self.steps = 0

    def now(self) -> datetime:
        self.steps += 1
        return BEGIN + timedelta(seconds=self.steps)

    def monotonic(self) -> float:
        return float(self.steps)

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("the storage never sleeps")


class Shelf:
    """An open database with all that reads and writes it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.log = RunLog(database)
        self.conversations = Conversations(database)
        self.index = SearchIndex(database)

    def begin(self, run: RunId = RUN, *, question: str = "Why is the sky blue?", **other: Any) -> Any:
        """Write down a question; by default the first of the one conversation."""
        start = {"conversation": CONVERSATION, "turn": TURN, "strategy": "single"} | other
        return self.conversations.start_turn(run=run, question=question, **start)


@contextlib.contextmanager
def shelf(folder: Path, **options: Any) -> Iterator[Shelf]:
    """The database in ``folder``, closed at the end."""
    with Database.open(folder, clock=StepClock(), **options) as database:
        yield Shelf(database)


def event(seq: int, body: ev.Body | ev.Unknown, run: RunId = RUN) -> ev.Event:
    return ev.Event(run=run, seq=seq, at=BEGIN + timedelta(seconds=seq), body=body)


def started(question: str = "Why is the sky blue?") -> ev.RunStarted:
    return ev.RunStarted(
        conversation=CONVERSATION,
        turn=TURN,
        question=question,
        strategy="single",
        spec=RunSpec(),
        budget=Budget(calls=9),
        estimate=Estimate(calls_low=1, calls_high=1, tokens_low=1, tokens_high=2),
        app="0.1.0",
        prompts="1",
    )


def node_started(name: NodeName = DRAFT, role: NodeRole = "proposer") -> ev.NodeStarted:
    return ev.NodeStarted(node=name, role=role, round=0, reserved=Reserved(tokens=9))


def node_finished(name: NodeName = DRAFT, text: str = "Rayleigh scattering.") -> ev.NodeFinished:
    return ev.NodeFinished(node=name, text=text, finish="stop", usage=Usage(input=3, output=5))


def run_finished(
    answer: str | None = "Rayleigh scattering.", node: NodeName | None = DRAFT
) -> ev.RunFinished:
    reason = Reason(rule="single", text="one answer was asked for")
    return ev.RunFinished(status="complete", reason=reason, answer_node=node, answer=answer, usage=Usage())


def stalled(seq: int, run: RunId = RUN) -> ev.Event:
    """A small event whose content tells its place."""
    return event(seq, ev.NodeStalled(node=DRAFT, idle_seconds=float(seq)), run)


def short_run(run: RunId = RUN) -> list[list[ev.Event]]:
    """The batches of a run of one call."""
    return [
        [event(1, started(), run)],
        [event(2, node_started(), run)],
        [event(3, node_finished(), run), event(4, run_finished(), run)],
    ]


def hold(books: Shelf) -> threading.Event:
    """Keep the writing thread busy until the event is set, so that what follows is one group."""
    go = threading.Event()
    busy = threading.Event()

    def wait(_connection: apsw.Connection) -> None:
        busy.set()
        go.wait()

    books.database.write(wait)
    busy.wait()
    return go


def integrity(path: Path) -> str:
    """What SQLite says of the file, the index included."""
    connection = apsw.Connection(str(path))
    try:
        connection.execute("INSERT INTO passage_words (passage_words) VALUES ('integrity-check')")
        return str(connection.execute("PRAGMA integrity_check").get)
    finally:
        connection.close()
