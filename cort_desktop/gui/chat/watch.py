"""The two runs that are watched: the one that is looked at and the one that works; they may be one."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from cort_desktop.gui.chat.announcing import words_for
from cort_desktop.gui.chat.controller import ChatController
from cort_desktop.gui.run_feed import Changes, RunFeed


class Watch(QObject):
    """``looked_at`` has the feed that is looked at from now on, or None; ``progressed`` the one that works,
    or None; ``state_changed``: what can be done now may be something else; ``announced``: say this aloud.
    """

    looked_at = Signal(object)
    progressed = Signal(object)
    state_changed = Signal()
    announced = Signal(str)

    def __init__(self, controller: ChatController) -> None:
        super().__init__(controller)
        self._controller = controller
        self._seen: RunFeed | None = None
        self._working: RunFeed | None = None

    @property
    def seen(self) -> RunFeed | None:
        """The run that is looked at."""
        return self._seen

    def look_at(self, feed: RunFeed | None) -> None:
        """A person looks at this run now."""
        if feed is self._seen:
            return
        self._seen = feed
        self.looked_at.emit(feed)

    def update(self) -> None:
        """See anew which run of the conversation works."""
        working = self._controller.questions.working
        if working is not self._working:
            if self._working is not None and isValid(self._working):
                self._working.changed.disconnect(self._working_changed)
            self._working = working
            if working is not None:
                working.changed.connect(self._working_changed)
        self.progressed.emit(working)
        self.state_changed.emit()

    def _working_changed(self, changes: Changes) -> None:
        feed = self._working
        if feed is None:
            return
        self.progressed.emit(feed)
        if changes.has_facts:
            self.state_changed.emit()
            for words in words_for(feed.state, changes):
                self.announced.emit(words)
