"""Programs of their own that use the storage, for tests that kill them, race them or take their rights away.

``python -m tests.fakes.log_writer VERB FOLDER …`` in a process whose standard output the test reads.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path

import apsw

from cort_desktop.domain.ids import ConversationId, NodeName, RunId, TurnId
from cort_desktop.errors import CortError, RunError
from cort_desktop.storage.migrations import MIGRATIONS, Migration, latest
from cort_desktop.storage.owners import Owners
from tests.fakes.library import Shelf, shelf, stalled

NOBODY = 65534
STREAMING = NodeName("X1")
NEXT = Migration(
    number=latest(MIGRATIONS) + 1,
    words="a step of tomorrow",
    statements=(
        "ALTER TABLE conversations ADD COLUMN mood TEXT",
        "UPDATE conversations SET mood = 'calm'",
        "CREATE TABLE notes (number INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT",
        "INSERT INTO notes (text) SELECT question FROM turns",
        "DROP INDEX unfinished_runs",
        "CREATE INDEX unfinished_runs ON runs (started) WHERE ended IS NULL",
    ),
)
TOMORROW = (*MIGRATIONS, NEXT)


def say(words: str) -> None:
    """One line that a kill can't keep back or tear."""
    os.write(1, f"{words}\n".encode())


def begin(books: Shelf, run: RunId) -> None:
    books.begin(
        run, conversation=ConversationId(f"c-{run}"), turn=TurnId(f"t-{run}"), question=f"Q {run}?"
    ).result()


def saved(seq: int, future: Future[None]) -> None:
    if future.exception() is None:
        say(f"saved {seq}")


def write(folder: Path, name: str, count: str) -> None:
    """Append ``count`` events and say each one's number once it is acknowledged; 0 never ends."""
    run = RunId(name)
    with shelf(folder) as books:
        begin(books, run)
        say("begun")
        waiting: list[Future[None]] = []
        seq = 0
        while seq < int(count) or count == "0":
            seq += 1
            future = books.log.append([stalled(seq, run)])
            future.add_done_callback(partial(saved, seq))
            books.log.partial(run, STREAMING, "word " * seq)
            waiting.append(future)
            if len(waiting) == 8:
                waiting.pop(0).result()
        for future in waiting:
            future.result()
    say("closed")


def look(folder: Path, uid: str) -> None:
    """Open, read and try to write, as another user."""
    os.setgid(int(uid))
    os.setuid(int(uid))
    try:
        with shelf(folder, busy_timeout_ms=100) as books:
            say(f"problem {books.database.problem}")
            for found in books.conversations.list():
                say(f"title {found.title}")
            for hit in books.index.search("sky"):
                say(f"hit {hit.excerpt}")
            error = books.begin(RunId("another")).exception()
            say(f"write {type(error).__name__} {error}")
    except CortError as error:
        say(f"refused {type(error).__name__} {error}")


def migrate(folder: Path, version: str, die_before: str) -> None:
    """Bring the database up to a version and die before the n-th statement of its migrations."""
    steps: list[str] = []

    def trace(_cursor: apsw.Cursor, statement: str, _values: object) -> bool:
        if steps[-1] != "COMMIT" if steps else statement == "BEGIN IMMEDIATE":
            steps.append(statement)
            if len(steps) == int(die_before):
                os._exit(9)
        return True

    apsw.connection_hooks.append(lambda connection: connection.set_exec_trace(trace))
    with shelf(folder, migrations=TOMORROW[: int(version)]):
        say("open")


def claim(folder: Path, name: str) -> None:
    """Claim a run, say how that went, and hold it until the input ends."""
    sys.stdin.readline()  # all start at the same moment
    try:
        owned = Owners(folder, program="rival").claim(RunId(name))
    except RunError as error:
        say(f"lost {error}")
        return
    say(f"won {os.getpid()}")
    sys.stdin.read()
    owned.release()


def claim_as(folder: Path, uid: str) -> None:
    """Claim a run as another user and say how that went."""
    os.setgid(int(uid))
    os.setuid(int(uid))
    try:
        Owners(folder).claim(RunId("run-1")).release()
        say("won")
    except CortError as error:
        say(f"refused {type(error).__name__} {error}")


VERBS: dict[str, Callable[..., None]] = {
    "write": write,
    "look": look,
    "migrate": migrate,
    "claim": claim,
    "claim_as": claim_as,
}

if __name__ == "__main__":
    VERBS[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
