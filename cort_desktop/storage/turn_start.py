"""A question is written down before anything is sent: its conversation, its turn and its run, as far as they
are new.
"""

from __future__ import annotations

from dataclasses import dataclass

import apsw

from cort_desktop.domain.ids import ConversationId, RunId, TurnId
from cort_desktop.errors import StorageError
from cort_desktop.storage.search_index import index_question, index_title
from cort_desktop.storage.tree_paths import lead_through, lead_to


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnStart:
    """What is to be there afterwards. Called on the writing thread, again after a failure."""

    conversation: ConversationId
    turn: TurnId
    run: RunId
    question: str
    strategy: str
    title: str
    system: str | None
    parent: TurnId | None
    at: str

    def __call__(self, connection: apsw.Connection) -> None:
        if self._add_conversation(connection) and not begins(self.question, self.title):
            index_title(connection, self.conversation, self.title, self.at)
        new_turn = self._add_turn(connection)
        self._add_run(connection)
        if new_turn:
            index_question(connection, self.conversation, self.turn, self.run, self.question, self.at)
            lead_to(connection, self.turn)
        else:
            lead_through(connection, self.turn)
        connection.execute(
            "UPDATE conversations SET updated = max(updated, ?) WHERE id = ?", (self.at, self.conversation)
        )

    def _add_conversation(self, connection: apsw.Connection) -> bool:
        connection.execute(
            "INSERT OR IGNORE INTO conversations (id, title, system, created, updated) "
            "VALUES (?1, ?2, ?3, ?4, ?4)",
            (self.conversation, self.title, self.system, self.at),
        )
        return bool(connection.changes())

    def _add_turn(self, connection: apsw.Connection) -> bool:
        """Whether the turn is new. Raises StorageError when it, or its parent, is of another conversation."""
        home = _home(connection, self.turn)
        if home is not None:
            self._check(home, self.turn)
            return False
        depth = 1
        if self.parent is not None:
            self._check(_home(connection, self.parent), self.parent)
            depth += connection.execute("SELECT depth FROM turns WHERE id = ?", (self.parent,)).get
        connection.execute(
            "INSERT INTO turns (id, conversation, parent, depth, question, created) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (self.turn, self.conversation, self.parent, depth, self.question, self.at),
        )
        return True

    def _add_run(self, connection: apsw.Connection) -> None:
        if connection.execute("SELECT 1 FROM runs WHERE id = ?", (self.run,)).get is not None:
            raise StorageError(f"Run {self.run} exists already. Ask again; if it happens again, report it.")
        connection.execute(
            "INSERT INTO runs (id, turn, conversation, strategy, started) VALUES (?, ?, ?, ?, ?)",
            (self.run, self.turn, self.conversation, self.strategy, self.at),
        )
        connection.execute("UPDATE turns SET active = ? WHERE id = ?", (self.run, self.turn))

    def _check(self, home: str | None, turn: TurnId) -> None:
        if home != self.conversation:
            raise StorageError(
                f"Turn {turn} is not in conversation {self.conversation}. Choose a turn of this conversation."
            )


def _home(connection: apsw.Connection, turn: TurnId) -> str | None:
    home = connection.execute("SELECT conversation FROM turns WHERE id = ?", (turn,)).get
    return None if home is None else str(home)


def begins(question: str, title: str) -> bool:
    """Whether a title is only the question's beginning: it would be found twice."""
    return " ".join(question.split()).startswith(" ".join(title.rstrip("….").split()))
