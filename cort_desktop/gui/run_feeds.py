"""The runs that the window has at hand, each once: begun here, or read from the library.

The window is painted before there is a run to follow: what a feed is made of is loaded with the first one.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from cort_desktop.domain.clock import Clock
from cort_desktop.domain.ids import RunId
from cort_desktop.gui.pulse import Pulse
from cort_desktop.services.app import App

if TYPE_CHECKING:
    import asyncio

    from cort_desktop.gui.run_feed import Origin, RunFeed

KEPT = 24
"""How many runs at rest stay in memory for a quick look back."""


class RunFeeds(QObject):
    """All runs that the window has at hand, each once."""

    def __init__(self, app: App, pulse: Pulse, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app = app
        self._pulse = pulse
        self._clock = clock
        self._feeds: OrderedDict[RunId, RunFeed] = OrderedDict()
        self._reading: dict[RunId, asyncio.Future[RunFeed]] = {}

    def known(self, run: RunId) -> RunFeed | None:
        """The feed of a run that is already at hand."""
        feed = self._feeds.get(run)
        if feed is not None:
            self._feeds.move_to_end(run)
        return feed

    def begin(self, run: RunId, origin: Origin = "run") -> RunFeed:
        """A feed for a run that starts now."""
        from cort_desktop.gui.run_feed import RunFeed

        self._drop_old()  # before there is a new one: that is neither at work nor watched yet
        feed = RunFeed(run, self._pulse, self._clock, self, origin)
        self._feeds[run] = feed
        return feed

    async def read(self, run: RunId) -> RunFeed:
        """The feed of a stored run, with all its events; several may wait for the same. Raises UsageError or
        StorageError.
        """
        import asyncio

        known = self.known(run)
        if known is not None:
            return known
        if run not in self._reading:
            self._reading[run] = asyncio.ensure_future(self._read(run))
        try:
            return await asyncio.shield(self._reading[run])
        finally:
            self._reading.pop(run, None)

    async def _read(self, run: RunId) -> RunFeed:
        events = await self._app.chat.replay(run)
        known = self.known(run)
        if known is not None:
            return known
        feed = self.begin(run)
        feed.show_all(events)
        return feed

    def forget(self, run: RunId) -> None:
        """Read it anew the next time."""
        feed = self._feeds.pop(run, None)
        if feed is not None:
            feed.deleteLater()

    def working(self) -> list[RunFeed]:
        """The runs that this window works on; what is only played is none of them."""
        return [feed for feed in self._feeds.values() if feed.is_working and feed.origin == "run"]

    def _drop_old(self) -> None:
        at_rest = [run for run, feed in self._feeds.items() if not _is_needed(feed)]
        for run in at_rest[: max(0, len(at_rest) + 1 - KEPT)]:
            self.forget(run)


def _is_needed(feed: RunFeed) -> bool:
    """Whether it is more than a quick look back; what is in no library could never be read again."""
    return feed.is_working or not feed.is_stored or _is_watched(feed)


def _is_watched(feed: RunFeed) -> bool:
    return bool(feed.receivers("2changed(PyObject)"))
