"""Conversations out of the library into files, and back: all of them as a ``.cort`` file, or as a text.

Long work is done on a thread and ends soon after its task is cancelled; a file is whole or not there. How a
text is made is handed in (``telling/exporting.py``); what a ``.cort`` file looks like is
``storage/cort_file.py``.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeVar

from cort_desktop.domain.library import Conversation
from cort_desktop.domain.whole_conversation import Render, WholeConversation
from cort_desktop.errors import UsageError
from cort_desktop.services.store import OpenStore, Store

if TYPE_CHECKING:
    from cort_desktop.domain.ids import ConversationId

T = TypeVar("T")
Tell = Callable[[int, int], object]
"""Is told (done, total) on the loop's thread."""


class ExchangeService:
    """Exports and imports. ``program``: the version that a file says it was written by."""

    def __init__(self, store: OpenStore, *, new_id: Callable[[], str], program: str) -> None:
        self._open_store = store
        self._new_id = new_id
        self._program = program

    async def export(
        self,
        conversations: Sequence[str],
        path: Path,
        *,
        render: Render | None = None,
        replace: bool = False,
        tell: Tell | None = None,
    ) -> list[Conversation]:
        """Write conversations to ``path``; returns them as a list shows them.

        render: makes the text; None writes a ``.cort`` file. replace: in the place of a file that is there.
        Raises UsageError when there is no such conversation, a run of it is being worked on or the file is
        there, StorageError when it can't be written.
        """

        def write(course: Tell) -> list[Conversation]:
            from cort_desktop.storage.whole_file import whole_file

            store = self._open_store()
            names = _named(store, conversations)
            with whole_file(path, replace=replace) as file:
                self._write(store, names, file, render, course)
            return [store.conversations.get(name) for name in names]

        return await _on_a_thread(write, tell)

    async def packed(
        self, conversations: Sequence[str], *, render: Render | None = None, tell: Tell | None = None
    ) -> bytes:
        """The same as bytes, for those who put them somewhere else."""

        def write(course: Tell) -> bytes:
            store, file = self._open_store(), io.BytesIO()
            self._write(store, _named(store, conversations), file, render, course)
            return file.getvalue()

        return await _on_a_thread(write, tell)

    async def import_file(self, path: Path, *, tell: Tell | None = None) -> list[Conversation]:
        """Take in all conversations of a ``.cort`` file, as new ones; returns them.

        Raises UsageError when there is no such file, StorageError when it is damaged, of a newer version, or
        can't be saved: then nothing was taken in.
        """

        def read(course: Tell) -> tuple[ConversationId, ...]:
            imports = self._open_store().imports
            return imports.add(imports.read(path, course), self._new_id).result()

        made = await _on_a_thread(read, tell)
        return await asyncio.to_thread(lambda: [self._open_store().conversations.get(each) for each in made])

    def _write(
        self,
        store: Store,
        conversations: Sequence[ConversationId],
        file: IO[bytes],
        render: Render | None,
        course: Tell,
    ) -> None:
        if render is None:
            store.exports.write(conversations, file, program=self._program, tell=course)
            return
        wholes: list[WholeConversation] = []
        for done, each in enumerate(conversations, 1):
            wholes.append(_whole(store, each))
            course(done, len(conversations))
        file.write(render(wholes).encode("utf-8", "replace"))


class _StoppedError(Exception):
    """Ends work on a thread whose task was cancelled."""


async def _on_a_thread(work: Callable[[Tell], T], tell: Tell | None) -> T:
    """The result of ``work``. When this is cancelled, the work ends the next time it tells how far it is, and
    is waited for: nothing of it is left then.
    """
    loop = asyncio.get_running_loop()
    is_over = False

    def course(done: int, total: int) -> None:
        if is_over:
            raise _StoppedError
        if tell is not None:
            loop.call_soon_threadsafe(tell, done, total)

    thread = asyncio.ensure_future(asyncio.to_thread(work, course))
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        is_over = True
        await asyncio.wait([thread])
        if not thread.cancelled():
            thread.exception()  # looked at: nobody waits for it any more
        raise


def _named(store: Store, conversations: Sequence[str]) -> list[ConversationId]:
    """Those that ids, or the beginnings of ids, name; each once. Raises UsageError."""
    if not conversations:
        raise UsageError("There is no conversation to export.")
    return list(dict.fromkeys(store.conversations.find_conversation(each) for each in conversations))


def _whole(store: Store, conversation: ConversationId) -> WholeConversation:
    view = store.conversations.view(conversation)
    for turn in view.turns:
        for run, owner in turn.working.items():
            raise UsageError(
                f"Run {run} is being worked on by {owner}, so it can't be exported. Wait until it has ended, "
                "or stop it first."
            )
    return WholeConversation(
        view=view,
        summaries=tuple(store.summaries.of(conversation)),
        logs={run.id: tuple(store.log.events(run.id)) for turn in view.turns for run in turn.runs},
    )
