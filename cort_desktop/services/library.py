"""The library: conversations as people see them, and search over everything that was said."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from cort_desktop.domain.ids import Blob, ConversationId, NodeName, RunId
from cort_desktop.domain.library import Conversation, Hit, RunRow, Turn
from cort_desktop.domain.run import RunState
from cort_desktop.errors import UsageError
from cort_desktop.services.store import OpenStore
from cort_desktop.storage.conversations import Conversations
from cort_desktop.storage.run_log import RunLog


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnView:
    """A question and its runs, in the order they were started. ``working`` says which process works on
    which of them, in words; one that has not ended and is not there was interrupted.
    """

    turn: Turn
    runs: tuple[RunRow, ...]
    working: Mapping[RunId, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationView:
    """A conversation with its active path."""

    conversation: Conversation
    turns: tuple[TurnView, ...]


class LibraryService:
    """Reads the library off the loop's thread."""

    def __init__(self, store: OpenStore) -> None:
        self._open_store = store

    @property
    def _conversations(self) -> Conversations:
        return self._open_store().conversations

    @property
    def _log(self) -> RunLog:
        return self._open_store().log

    async def conversations(self, *, archived: bool = False) -> list[Conversation]:
        """The list, most recently used first."""
        return await asyncio.to_thread(self._conversations.list, include_archived=archived)

    async def show(self, conversation: str) -> ConversationView:
        """One conversation, by its id or the beginning of it. Raises UsageError when there is none."""
        return await asyncio.to_thread(self._view, conversation)

    async def search(self, text: str, limit: int = 50) -> list[Hit]:
        """Where the words were said, newest first: questions, answers, losing candidates, judges' words."""
        return await asyncio.to_thread(self._open_store().search.search, text, limit)

    async def delete(self, conversation: str) -> Conversation:
        """Mark a conversation as deleted; nothing is destroyed."""
        found = await asyncio.to_thread(self._conversations.find_conversation, conversation)
        view = await asyncio.to_thread(self._conversations.get, found)
        await asyncio.wrap_future(self._conversations.delete(found))
        return view

    async def request(self, run: str, node: NodeName) -> str:
        """Exactly what was sent for a node, as JSON. Raises UsageError when nothing was."""
        return await asyncio.to_thread(self._request, run, node)

    def _view(self, prefix: str) -> ConversationView:
        found: ConversationId = self._conversations.find_conversation(prefix)
        turns = self._conversations.path(found)
        views = tuple(self._turn(turn) for turn in turns)
        return ConversationView(conversation=self._conversations.get(found), turns=views)

    def _turn(self, turn: Turn) -> TurnView:
        runs = tuple(self._conversations.runs(turn.id))
        owners = {run.id: self._open_store().owners.owner(run.id) for run in runs if run.ended is None}
        working = {run: owner for run, owner in owners.items() if owner is not None}
        return TurnView(turn=turn, runs=runs, working=working)

    def _request(self, run: str, node: NodeName) -> str:
        found = self._conversations.find(run)
        state = RunState(found).fold(self._log.events(found))
        blob = state.nodes[node].request if node in state.nodes else None
        if blob is None:
            raise UsageError(f"Nothing was sent for {node} in run {found}.")
        return self._log.blob(Blob(blob))
