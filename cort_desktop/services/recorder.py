"""Record, then show: the engine's ``emit``.

Every event is handed to the log at once. A front end is shown events in their order; starts and streamed
text at once, a finished fact only when its commit is acknowledged, so that what a person was shown is
saved. When the log can't save, the run goes on in memory and ``unsaved`` says why; nothing is held back for
ever.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from concurrent.futures import Future

from cort_desktop.domain import events as ev
from cort_desktop.domain.bookings import Books
from cort_desktop.domain.calls import Channel
from cort_desktop.domain.ids import Blob, NodeName, RunId
from cort_desktop.domain.spending import Booking
from cort_desktop.errors import StorageError
from cort_desktop.storage.run_log import RunLog

Show = Callable[[ev.Event], None]
Book = Callable[[Sequence[Booking]], object]
"""Writes down what a run without a log spent."""

LIVE = (
    ev.NodeDelta,
    ev.NodeStarted,
    ev.AttemptStarted,
    ev.AttemptFirstContent,
    ev.AttemptFailed,
    ev.AttemptCancelled,
    ev.NodeStalled,
)
"""Bodies that may be shown before they are on disk: losing them costs a person nothing they relied on."""


WHOLE_UP_TO = 64 * 1024
STEP = 4096
"""A text this long is handed over again only after so many more characters: each time it is the whole
text."""


class _Streamed:
    """The text of one call so far."""

    def __init__(self) -> None:
        self.pieces: dict[Channel, list[str]] = {"answer": [], "reasoning": []}
        self.length = 0
        self._told = 0

    def add(self, text: str, channel: Channel) -> bool:
        """Take a piece in; True when it is time to hand the whole over."""
        self.pieces[channel].append(text)
        self.length += len(text)
        if self.length > WHOLE_UP_TO and self.length - self._told < STEP:
            return False
        self._told = self.length
        return True

    def whole(self, channel: Channel) -> str:
        """The text of a channel so far."""
        pieces = self.pieces[channel]
        pieces[:] = ["".join(pieces)]
        return pieces[0]


class Recorder:
    """One run's way into the log and onto the screen. Without a log nothing is stored; the texts behind the
    blobs are put into ``texts`` then. ``books`` follow what the run spends, which is stored with its events,
    or handed to ``book``.
    """

    def __init__(
        self,
        log: RunLog | None,
        show: Show,
        *,
        texts: MutableMapping[Blob, str] | None = None,
        books: Books | None = None,
        book: Book | None = None,
    ) -> None:
        self.unsaved: StorageError | None = None
        self._texts = texts
        self._books = books
        self._book = book
        self._log = log
        self._show = show
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[tuple[ev.Event, Future[None] | None]] = deque()
        self._last: Future[None] | None = None
        self._run: RunId | None = None
        self._streamed: dict[NodeName, _Streamed] = {}

    def __call__(self, batch: Sequence[ev.Event], texts: Mapping[Blob, str]) -> None:
        """Take a batch in; returns at once."""
        self._run = batch[0].run
        if self._log is None and self._texts is not None:
            self._texts.update(texts)
        facts = [event for event in batch if not isinstance(event.body, ev.NodeDelta)]
        bookings = self._booked(facts)
        saved = self._log.append(facts, texts, bookings) if self._log is not None and facts else None
        if saved is not None:
            self._last = saved
            saved.add_done_callback(self._acknowledged)
        for event in batch:
            self._note_partial(event)
            self._waiting.append((event, None if isinstance(event.body, LIVE) else saved))
        self._drain()

    async def flush(self) -> None:
        """Wait until everything handed over is on disk, or known not to be, and shown."""
        if self._last is not None:
            await ended(self._last)
        if self.unsaved is not None and self._log is not None and self._run is not None:
            again = self._log.retry(self._run)
            await ended(again)
            self._settled(again)
        self._drain()

    def _booked(self, facts: Sequence[ev.Event]) -> list[Booking]:
        if self._books is None:
            return []
        found = [booking for event in facts if (booking := self._books.take(event)) is not None]
        if found and self._log is None and self._book is not None:
            self._book(found)
        return found

    def _acknowledged(self, saved: Future[None]) -> None:
        """Called on the writer's thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._settled, saved)

    def _settled(self, saved: Future[None]) -> None:
        error = saved.exception()
        if error is None:
            self.unsaved = None  # a later success saves everything before it too
        elif isinstance(error, StorageError):
            self.unsaved = error
        else:
            raise error
        self._drain()

    def _drain(self) -> None:
        while self._waiting and (self._waiting[0][1] is None or self._waiting[0][1].done()):
            self._show(self._waiting.popleft()[0])

    def _note_partial(self, event: ev.Event) -> None:
        """Streamed text is no run state: it goes to a table of its own, for a crash."""
        if self._log is None:
            return
        body = event.body
        if isinstance(body, ev.NodeDelta):
            streamed = self._streamed.setdefault(body.node, _Streamed())
            if streamed.add(body.text, body.channel):
                self._log.partial(event.run, body.node, streamed.whole("answer"), streamed.whole("reasoning"))
        elif isinstance(body, ev.AttemptStarted | ev.NodeFinished | ev.NodeFailed | ev.NodeCancelled):
            self._streamed.pop(body.node, None)


async def ended(saved: Future[None]) -> None:
    """Wait until something was saved, or could not be; why not is looked at where it is settled."""
    waiting = asyncio.wrap_future(saved)
    waiting.add_done_callback(lambda done: done.cancelled() or done.exception())
    await asyncio.wait([waiting])


def nodes_with_text(partials: Mapping[NodeName, tuple[str, str]]) -> dict[NodeName, str]:
    """The answers' partial texts by node, without the reasoning."""
    return {node: answer for node, (answer, _) in partials.items() if answer}
