"""A desk for the views of the rounds: theme, model and selection over feeds that a test fills by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from PySide6.QtCore import QObject, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from cort_desktop.gui.pulse import Pulse
from cort_desktop.gui.rounds.model import RunTreeModel
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.gui.selection import Selection
from cort_desktop.gui.theme import Theme
from tests.fakes.story import BEGIN, Story
from tests.fakes.window import flush_deletions

RESOURCES = Path(__file__).parents[3] / "resources"


class StoppedClock:
    """Always the same time: what a test sets."""

    def __init__(self) -> None:
        self.time = BEGIN

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError


class Desk:
    """Everything a view of the rounds is given."""

    def __init__(self, app: QApplication) -> None:
        self.app = app
        self.owner = QObject()
        self.theme = Theme(app, RESOURCES)
        self.theme.has_motion = False
        self.pulse = Pulse(self.owner)
        self.clock = StoppedClock()
        self.model = RunTreeModel(self.owner)
        self.selection = Selection(self.owner)

    def feed(self, story: Story, count: int | None = None) -> RunFeed:
        """A run as far as its first ``count`` events."""
        feed = RunFeed(story.run, self.pulse, self.clock, self.owner)
        events = story.events[:count]
        if events:
            self.clock.time = events[-1].at + timedelta(seconds=1)
        feed.show_all(events)
        self.pulse.beat()
        return feed

    def look_at(self, story: Story, count: int | None = None) -> RunFeed:
        """A run that model and selection show."""
        feed = self.feed(story, count)
        self.selection.show(feed)
        self.model.show(feed)
        return feed

    def go_on(self, feed: RunFeed, story: Story, start: int, end: int | None = None) -> None:
        """Show more of a run."""
        feed.show_all(story.events[start:end])
        self.pulse.beat()

    def close(self) -> None:
        self.model.show(None)
        self.owner.deleteLater()
        self.theme.deleteLater()
        flush_deletions()


@contextmanager
def no_qt_message() -> Iterator[None]:
    """Fail on anything Qt says meanwhile, but what the platform without a screen says of itself."""
    said: list[str] = []

    def hear(_kind: QtMsgType, _context: object, text: str) -> None:
        if "propagateSizeHints" not in text:
            said.append(text)

    before = qInstallMessageHandler(hear)
    try:
        yield
    finally:
        qInstallMessageHandler(before)
    assert not said, said
