"""What can be done to conversations: each verb changes the library, says so, and can be undone where it takes
something away. Without widgets; questions to a person are asked by whoever calls.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import QCoreApplication, QObject, Signal

from cort_desktop.domain.ids import ConversationId
from cort_desktop.domain.library import Conversation
from cort_desktop.errors import CortError, StorageError
from cort_desktop.gui.library.controller import LibraryController
from cort_desktop.gui.library.rows import shown_title
from cort_desktop.gui.notices import UNDO_S, Offer
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.undo import Undoable

if TYPE_CHECKING:
    from cort_desktop.gui.run_feed import RunFeed

_SHOWN_TITLE = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class _Away:
    """What was taken away; ``was_open`` is the conversation to show again."""

    verb: Literal["delete", "archive"]
    conversations: tuple[ConversationId, ...]
    was_open: ConversationId | None = None


class Verbs(QObject):
    """``deleted`` has each ConversationId that is gone from the list, ``destroyed`` one that is so for good,
    ``renamed`` one with another title; ``made`` and ``back`` one to show.
    """

    deleted = Signal(object)
    made = Signal(object)
    back = Signal(object)
    renamed = Signal(object)
    destroyed = Signal(object)
    problem_changed = Signal()

    def __init__(self, ui: Ui, controller: LibraryController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._controller = controller
        self._away: dict[Undoable, _Away] = {}
        """What of it can be undone."""
        self.problem: StorageError | None = None

    def rename(self, conversation: ConversationId, title: str) -> None:
        """Give another title."""
        self._start(lambda: self._rename(conversation, title), "rename")

    def pin(self, conversations: Sequence[Conversation], *, pinned: bool) -> None:
        """Keep on top, or no longer."""
        pin = self._ui.app.library.pin
        self._start(lambda: _each(lambda one: pin(one.id, pinned=pinned), conversations), "pin")

    def duplicate(self, conversation: Conversation) -> None:
        """Copy all of it and show the copy."""
        self._start(lambda: self._duplicate(conversation), "duplicate")

    def archive(self, conversations: Sequence[Conversation], *, archived: bool) -> None:
        """Put out of sight, or back."""
        self._start(lambda: self._archive(conversations, archived=archived), "archive")

    def delete(self, conversations: Sequence[Conversation]) -> None:
        """Put into the bin. Runs of theirs that this window works on are stopped first."""
        self._start(lambda: self._delete(conversations), "delete")

    def restore(self, conversations: Sequence[Conversation]) -> None:
        """Take out of the bin."""
        self._start(lambda: self._restore([each.id for each in conversations]), "restore")

    def delete_for_good(self, conversations: Sequence[Conversation]) -> None:
        """Destroy what is in the bin."""
        self._start(lambda: self._delete_for_good(conversations), "delete for good")

    def empty_bin(self) -> None:
        """Destroy all that is in the bin."""
        self._start(self._empty_bin, "empty the bin")

    async def _rename(self, conversation: ConversationId, title: str) -> None:
        await self._ui.app.library.rename(conversation, title)
        self.renamed.emit(conversation)

    async def _duplicate(self, conversation: Conversation) -> None:
        copy = await self._ui.app.library.duplicate(conversation.id)
        self._say(self.tr("Made “{title}”.").format(title=_short(copy)))
        self.made.emit(copy.id)

    async def _archive(self, conversations: Sequence[Conversation], *, archived: bool) -> None:
        library = self._ui.app.library
        await _each(lambda one: library.archive(one.id, archived=archived), conversations)
        said = self.tr("Archived {what}.") if archived else self.tr("Took {what} out of the archive.")
        words = said.format(what=named(conversations))
        if not archived:
            self._say(words)
            return
        self._offer_undo(words, self.tr("Undo archiving {what}"), "archive", conversations)

    async def _delete(self, conversations: Sequence[Conversation]) -> None:
        import asyncio

        was_open = self._controller.current
        await asyncio.gather(*(self._stop(each.id) for each in conversations))
        gone: list[Conversation] = []
        try:
            for each in conversations:
                await self._ui.app.library.delete(each.id)
                gone.append(each)
                self.deleted.emit(each.id)
        finally:
            if gone:
                words = self.tr("Deleted {what}.").format(what=named(gone))
                self._offer_undo(words, self.tr("Undo deleting {what}"), "delete", gone, was_open)

    async def _restore(self, conversations: Sequence[ConversationId]) -> None:
        restored = [await self._ui.app.library.restore(each) for each in conversations]
        self._forget(conversations)
        self._say(self.tr("Restored {what}.").format(what=named(restored)))

    async def _delete_for_good(self, conversations: Sequence[Conversation]) -> None:
        for each in conversations:
            await self._ui.app.library.delete_for_good(each.id)
            self._forget([each.id])
            self.destroyed.emit(each.id)
        self._say(self.tr("Deleted {what} for good.").format(what=named(conversations)))

    async def _empty_bin(self) -> None:
        binned = [each.id for each in self._controller.conversations]
        left = await self._ui.app.library.empty_bin()
        kept = {each.id for each in left}
        gone = [each for away in self._away.values() for each in away.conversations if each not in kept]
        self._forget(gone)
        for each in binned:
            if each not in kept:
                self.destroyed.emit(each)
        if left:
            words = self.tr("{what} stayed in the bin: a run of it is being worked on elsewhere.")
            self._say(words.format(what=named(left)), bad=True)
        else:
            self._say(self.tr("The bin is empty."))

    async def _undo(self, what: _Away) -> None:
        for each in what.conversations:
            if what.verb == "delete":
                await self._ui.app.library.restore(each)
            else:
                await self._ui.app.library.archive(each, archived=False)
        if what.was_open is not None:
            self.back.emit(what.was_open)

    async def _stop(self, conversation: ConversationId) -> None:
        """End the runs of a conversation that this window works on; what they have so far is kept."""
        import asyncio

        if conversation not in self._controller.work.working:
            return
        self._controller.set_stopping(conversation)
        view = await self._ui.app.library.show(conversation)
        runs = {run.id for turn in view.turns for run in turn.runs if run.ended is None}
        feeds = [
            feed
            for feed in self._ui.feeds.working()
            if feed.run in runs or _conversation_of(feed) == conversation
        ]
        for feed in feeds:
            self._ui.app.chat.stop(feed.run)
        await asyncio.gather(*(_ended(feed) for feed in feeds))

    def _offer_undo(
        self,
        said: str,
        words: str,
        verb: Literal["delete", "archive"],
        conversations: Sequence[Conversation],
        was_open: ConversationId | None = None,
    ) -> None:
        ids = tuple(each.id for each in conversations)
        away = _Away(verb=verb, conversations=ids, was_open=was_open if was_open in ids else None)
        what = Undoable(
            words=words.format(what=named(conversations)),
            call=lambda: self._start(lambda: self._undo(away), "undo"),
        )
        self._away[what] = away
        self._ui.undo.push(what)
        undo = self._ui.undo
        offer = Offer(text=self.tr("Undo"), call=lambda: undo.undo(what), stands=lambda: undo.can_undo(what))
        self._say(said, offer)

    def _forget(self, conversations: Sequence[ConversationId]) -> None:
        """What is gone for good, or back already, can't be undone."""
        gone = set(conversations)
        for what in [each for each, away in self._away.items() if gone.intersection(away.conversations)]:
            del self._away[what]
            self._ui.undo.drop(what)

    def _say(self, words: str, offer: Offer | None = None, *, bad: bool = False) -> None:
        if offer is not None:
            self._ui.notices.say(words, offer=offer, seconds=UNDO_S)
        else:
            self._ui.notices.say(words, "warn" if bad else "info")

    def _start(self, work: Callable[[], Coroutine[Any, Any, object]], name: str) -> None:
        self._ui.tasks.start(self._then_read(work), name=f"library: {name}", failed=self._fail)

    async def _then_read(self, work: Callable[[], Coroutine[Any, Any, object]]) -> None:
        try:
            await work()
            self._set_problem(None)
        finally:
            self._controller.refresh()

    def _fail(self, error: CortError) -> None:
        if isinstance(error, StorageError):
            self._set_problem(error)
        self._ui.notices.say(str(error), "bad", seconds=UNDO_S)

    def _set_problem(self, problem: StorageError | None) -> None:
        if (problem is None) != (self.problem is None):
            self.problem = problem
            self.problem_changed.emit()


async def _each(
    change: Callable[[Conversation], Coroutine[Any, Any, object]], conversations: Sequence[Conversation]
) -> None:
    for each in conversations:
        await change(each)


async def _ended(feed: RunFeed) -> None:
    """Wait until a run that this window works on has ended."""
    import asyncio

    end = asyncio.Event()
    feed.ended.connect(end.set)
    try:
        if feed.is_working:
            await end.wait()
    finally:
        feed.ended.disconnect(end.set)


def _conversation_of(feed: RunFeed) -> ConversationId | None:
    return None if feed.state.started is None else feed.state.started.conversation


def named(conversations: Sequence[Conversation]) -> str:
    """Conversations as a sentence names them: the one by its title, several by their number."""
    if len(conversations) == 1:
        return f"“{_short(conversations[0])}”"
    return QCoreApplication.translate("Library", "{number} conversations").format(number=len(conversations))


def _short(conversation: Conversation) -> str:
    title = shown_title(conversation.title)
    return title if len(title) <= _SHOWN_TITLE else title[: _SHOWN_TITLE - 1].rstrip() + "…"
