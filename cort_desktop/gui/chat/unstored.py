"""Temporary conversations as views: what the library tells of stored ones, made from the feeds alone.

They live as long as the window. The order of things is the library's: a turn has runs, a place has siblings.
"""

from __future__ import annotations

from dataclasses import replace

from cort_desktop.domain.clock import Clock
from cort_desktop.domain.ids import ConversationId, RunId, TurnId
from cort_desktop.domain.library import Conversation, ConversationView, RunRow, Turn, TurnView
from cort_desktop.gui.run_feed import RunFeed


class UnstoredConversation:
    """One conversation that is in memory only."""

    def __init__(self, conversation: ConversationId, title: str, clock: Clock) -> None:
        self._clock = clock
        now = clock.now()
        self.system: str | None = None
        self._conversation = Conversation(id=conversation, title=title, created=now, updated=now, turns=0)
        self._turns: dict[TurnId, Turn] = {}
        self._rows: dict[RunId, RunRow] = {}
        self._leaf: TurnId | None = None

    def begin(self, feed: RunFeed, *, instead_of: TurnId | None = None) -> None:
        """Take in a run that has started; its question stands beside ``instead_of`` when that is named."""
        started = feed.state.started
        if started is None:
            return
        turn = self._turns.get(started.turn)
        if turn is None:
            beside = self._turns.get(instead_of) if instead_of is not None else None
            turn = Turn(
                id=started.turn,
                conversation=started.conversation,
                parent=self._leaf if beside is None else beside.parent,
                question=started.question,
                created=self._clock.now(),
            )
            self._leaf = turn.id
        self._turns[turn.id] = replace(turn, runs=(*turn.runs, feed.run), active=feed.run)
        self.take(feed)

    def take(self, feed: RunFeed) -> None:
        """Take in how far a run is now."""
        state = feed.state
        started, finished, name = state.started, state.finished, state.answer_node
        if started is None:
            return
        node = state.nodes.get(name) if name is not None else None
        now = self._clock.now()
        self._rows[feed.run] = RunRow(
            id=feed.run,
            turn=started.turn,
            conversation=started.conversation,
            strategy=started.strategy,
            status=None if finished is None else finished.status,
            answer_node=name,
            answer=None if node is None else node.text,
            started=state.started_at or now,
            ended=None if finished is None else now,
            last_seq=state.seq,
        )

    def choose_turn(self, turn: TurnId) -> None:
        """Make a question part of the path, and below it what was asked last."""
        self._leaf = turn
        while below := [each for each in self._turns.values() if each.parent == self._leaf]:
            self._leaf = below[-1].id

    def choose_run(self, turn: TurnId, run: RunId) -> None:
        """Make a run the one that counts."""
        self._turns[turn] = replace(self._turns[turn], active=run)

    def view(self) -> ConversationView:
        """The conversation with its path."""
        path: list[Turn] = []
        at = self._leaf
        while at is not None:
            path.insert(0, self._turns[at])
            at = self._turns[at].parent
        conversation = replace(self._conversation, turns=len(path), system=self.system)
        return ConversationView(conversation=conversation, turns=tuple(map(self._turn_view, path)))

    def _turn_view(self, turn: Turn) -> TurnView:
        siblings = tuple(each.id for each in self._turns.values() if each.parent == turn.parent)
        rows = tuple(self._rows[run] for run in turn.runs)
        return TurnView(turn=turn, runs=rows, siblings=siblings)
