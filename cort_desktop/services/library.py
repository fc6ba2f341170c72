"""The library: conversations as people see them, what can be done to them, and a search over all that was
said.

Everything blocking is done off the loop's thread. A change returns what it made, for a front end that shows
it. What a conversation is named by may be the beginning of its id. Asking is ``chat.py``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

from cort_desktop.domain.ids import Blob, ConversationId, NodeName, RunId, TurnId
from cort_desktop.domain.library import (
    Conversation,
    ConversationView,
    Hit,
    Interrupted,
    RunRow,
    TurnView,
)
from cort_desktop.errors import UsageError
from cort_desktop.services.store import OpenStore, Store

if TYPE_CHECKING:
    from cort_desktop.domain.summaries import SummaryCall
    from cort_desktop.storage.conversation_list import Listed
    from cort_desktop.storage.conversations import Conversations

__all__ = ["LONGEST_TITLE", "ConversationView", "LibraryService", "TurnView"]

LONGEST_TITLE = 200
"""Characters."""
T = TypeVar("T")
Purged = Callable[[ConversationId], Awaitable[None]]


class LibraryService:
    """Reads and changes the library. Every call may raise StorageError.

    on_purged: lets what is kept elsewhere of a conversation that was deleted for good be forgotten too.
    """

    def __init__(
        self, store: OpenStore, *, new_id: Callable[[], str], on_purged: Purged | None = None
    ) -> None:
        self._open_store = store
        self._new_id = new_id
        self._on_purged = on_purged

    async def conversations(self, *, archived: bool = False, limit: int | None = None) -> list[Conversation]:
        """The list: pinned ones first, then the most recently used; with ``archived`` the archived ones too.

        At most ``limit`` of them.
        """
        listed: Listed = "open and archived" if archived else "open"
        return await self._read(lambda store: store.listed(listed, limit))

    def first_page(self, limit: int) -> list[Conversation]:
        """The beginning of the same list, before there is a loop. Blocks, like opening the database."""
        return self._open_store().listed("open", limit)

    async def archived(self, *, limit: int | None = None) -> list[Conversation]:
        """The archive alone, in the same order."""
        return await self._read(lambda store: store.listed("archived", limit))

    async def bin(self) -> list[Conversation]:
        """What was deleted and can be restored, the latest first; ``deleted`` is when."""
        return await self._read(lambda store: store.listed("deleted"))

    async def get(self, conversation: str) -> Conversation:
        """One conversation as a list shows it. Raises UsageError when there is none."""
        return await self._read(lambda store: store.conversations.get(_found(store, conversation)))

    async def show(self, conversation: str, *, through: TurnId | None = None) -> ConversationView:
        """One conversation with its active path; with ``through`` the path through that turn, and below it
        what was looked at there last: the active one stays what it is. Raises UsageError when there is none.
        """
        return await self._read(lambda store: store.conversations.view(_found(store, conversation), through))

    async def search(self, text: str, limit: int = 50) -> list[Hit]:
        """Where the words were said, newest first: questions, answers, losing candidates, judges' words."""
        return await self._read(lambda store: store.search.search(text, limit))

    async def interrupted(self) -> list[Interrupted]:
        """Runs that have not ended and that nobody works on, oldest first; none of what is in the bin."""
        return await self._read(lambda store: store.conversations.interrupted())

    async def request(self, run: str, node: NodeName) -> str:
        """Exactly what was sent for a node, as JSON. Raises UsageError when nothing was."""
        return await self._read(lambda store: _request(store, run, node))

    async def partials(self, run: str) -> Mapping[NodeName, tuple[str, str]]:
        """(answer, reasoning) so far of each call of a run that has not ended: of one in flight, or of one
        that was in flight when its program died. Raises UsageError when there is no such run.
        """
        return await self._read(lambda store: store.log.partials(store.conversations.find(run)))

    async def rename(self, conversation: str, title: str) -> Conversation:
        """Give another title, on one line. Raises UsageError when it is empty or too long."""
        line = " ".join(title.split())
        if not line:
            raise UsageError("A title needs at least one character; write one.")
        if len(line) > LONGEST_TITLE:
            raise UsageError(f"This title has {len(line):,} characters; it may have {LONGEST_TITLE}.")
        return await self._change(conversation, lambda library, found: library.rename(found, line))

    async def pin(self, conversation: str, *, pinned: bool = True) -> Conversation:
        """Keep on top, or no longer."""
        return await self._change(conversation, lambda library, found: library.pin(found, pinned))

    async def archive(self, conversation: str, *, archived: bool = True) -> Conversation:
        """Put out of sight, or back."""
        return await self._change(conversation, lambda library, found: library.archive(found, archived))

    async def set_system(self, conversation: str, text: str | None) -> Conversation:
        """The system text of all later questions. None: that of the settings; an empty one: none at all."""
        return await self._change(conversation, lambda library, found: library.set_system(found, text))

    async def delete(self, conversation: str) -> Conversation:
        """Put into the bin; nothing is destroyed. ``restore`` undoes it."""
        return await self._change(conversation, lambda library, found: library.delete(found))

    async def restore(self, conversation: str) -> Conversation:
        """Take out of the bin, to where it was."""
        return await self._change(conversation, lambda library, found: library.undelete(found))

    async def delete_for_good(self, conversation: str) -> None:
        """Destroy what is in the bin. Raises UsageError when it is not there, or a run of it is worked on."""
        found = await self._read(lambda store: _found(store, conversation))
        await self._purge(found)

    async def empty_bin(self) -> list[Conversation]:
        """Destroy all that is in the bin now; returns what is left of it because a run is being worked on."""
        names = {gone.id for gone in await self.bin()}
        for name in names:
            try:
                await self._purge(name)
            except UsageError:
                continue  # worked on, restored or gone meanwhile: what is left is told at the end
        return [left for left in await self.bin() if left.id in names]

    async def duplicate(self, conversation: str, title: str | None = None) -> Conversation:
        """Copy all of a conversation: every turn, run and log. Raises UsageError while a run is worked on.

        Without ``title`` it is “Copy of …”.
        """
        original = await self.get(conversation)
        name = f"Copy of {original.title}" if title is None else title
        made = await self._written(lambda library: library.duplicate(original.id, name, self._new_id))
        return await self.get(made)

    async def branch(self, run: str, node: NodeName, title: str | None = None) -> Conversation:
        """A new conversation from here: the path up to the run's question, with ``node`` as its answer.

        The original stays as it is. Raises UsageError when ``node`` is no finished candidate, or when the run
        has not ended. Without ``title`` it is “Branch of …”.
        """
        row, override = await self._read(lambda store: _branching(store, run, node))
        original = await self.get(row.conversation)
        name = f"Branch of {original.title}" if title is None else title
        made = await self._written(
            lambda library: library.branch(row, override=override, title=name, new_id=self._new_id)
        )
        return await self.get(made)

    async def choose_turn(self, turn: TurnId) -> ConversationView:
        """Make a question part of the active path, and below it what was looked at there last.

        Raises UsageError when there is no such turn.
        """
        home = await self._written(lambda library: library.choose(turn))
        return await self.show(home)

    async def pin_turn(self, turn: TurnId, *, pinned: bool = True) -> ConversationView:
        """Have every later question told of a turn word for word, however long the conversation gets; or no
        longer. Raises UsageError when there is no such turn.
        """
        home = await self._written(lambda library: library.pin_turn(turn, pinned))
        return await self.show(home)

    async def summaries(self, conversation: str) -> list[SummaryCall]:
        """Every call that was to sum a conversation up, with what came of it and what it cost; oldest first.
        Raises UsageError when there is no such conversation.
        """
        return await self._read(lambda store: store.summaries.of(_found(store, conversation)))

    async def choose_run(self, turn: TurnId, run: RunId) -> ConversationView:
        """Make ``run`` the one that counts for its turn. Raises UsageError when it is none of its runs."""
        home = await self._written(lambda library: library.set_active(turn, run))
        return await self.show(home)

    async def _purge(self, conversation: ConversationId) -> None:
        await self._written(lambda library: library.purge(conversation))
        if self._on_purged is not None:
            await self._on_purged(conversation)

    async def _read(self, read: Callable[[Store], T]) -> T:
        """Opening the database may take as long as bringing it up to date: that too is not for the loop."""
        import asyncio

        return await asyncio.to_thread(lambda: read(self._open_store()))

    async def _written(self, write: Callable[[Conversations], Future[T]]) -> T:
        import asyncio

        future = await self._read(lambda store: write(store.conversations))
        return await asyncio.wrap_future(future)

    async def _change(
        self, conversation: str, change: Callable[[Conversations, ConversationId], Future[None]]
    ) -> Conversation:
        found = await self._read(lambda store: _found(store, conversation))
        await self._written(lambda library: change(library, found))
        return await self.get(found)


def _found(store: Store, conversation: str) -> ConversationId:
    return store.conversations.find_conversation(conversation)


def _request(store: Store, run: str, node: NodeName) -> str:
    from cort_desktop.domain.run import RunState

    found = store.conversations.find(run)
    state = RunState(found).fold(store.log.events(found))
    blob = state.nodes[node].request if node in state.nodes else None
    if blob is None:
        raise UsageError(f"Nothing was sent for {node} in run {found}.")
    return store.log.blob(Blob(blob))


def _branching(store: Store, run: str, node: NodeName) -> tuple[RunRow, NodeName | None]:
    """The run to branch from, and the override that makes ``node`` its answer, if it isn't."""
    from cort_desktop.domain.run import RunState

    row = store.conversations.run(store.conversations.find(run))
    state = RunState(row.id).fold(store.log.events(row.id))
    if state.finished is None:
        raise UsageError(
            f"Run {row.id} has not ended yet, so no branch can begin in it. Let it end, or stop it first."
        )
    if node not in state.nodes or not state.nodes[node].is_candidate:
        raise UsageError(f"{node} is no finished answer of run {row.id}; a branch begins at one.")
    return row, None if state.answer_node == node else node
