"""The feeds of the turns that are seen: at hand, or read from the library when they are asked for."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from cort_desktop.domain.library import RunRow, TurnView
from cort_desktop.gui.run_feed import RunFeed, Streamed
from cort_desktop.gui.ui import Ui


class TurnFeeds(QObject):
    """``ready`` has the feed of a run that was asked for."""

    ready = Signal(object)

    def __init__(self, ui: Ui, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ui = ui

    def fetch(self, turn: TurnView) -> None:
        """Have the feed of the run that counts; ``ready`` follows, at once when it is at hand."""
        row = turn.active
        if row is None:
            return
        owner = turn.working.get(row.id)
        known = self._ui.feeds.known(row.id)
        if known is not None and known.elsewhere is not None and owner is None:
            self._ui.feeds.forget(row.id)  # the other program has done something to it since
            known = None
        if known is not None:
            known.set_elsewhere(owner)
            self.ready.emit(known)
        else:
            self._ui.tasks.start(self._read(row, owner), name="read run")

    def forget(self, turn: TurnView) -> None:
        """Another program works on this run: read it anew the next time."""
        if turn.turn.active is not None:
            self._ui.feeds.forget(turn.turn.active)

    async def _read(self, row: RunRow, owner: str | None) -> None:
        feed = await self._ui.feeds.read(row.id)
        feed.set_elsewhere(owner)
        if feed.is_interrupted:
            await self._recall(feed)
        self.ready.emit(feed)

    async def _recall(self, feed: RunFeed) -> None:
        """What had been written when the program died is not in the log yet."""
        for node, (answer, reasoning) in (await self._ui.app.library.partials(feed.run)).items():
            if node not in feed.texts:
                kept = feed.texts[node] = Streamed()
                kept.add(answer, "answer")
                kept.add(reasoning, "reasoning")
