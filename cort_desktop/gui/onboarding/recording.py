"""One recording as it is played: its player, and the conversation in memory that shows it.

The run is in no library and nothing of it is stored. Its feed is at hand in the window like that of any run,
so that transcript, rounds and timeline follow it as they follow a live one; its origin says what it is.
"""

from __future__ import annotations

from PySide6.QtCore import QObject

from cort_desktop.gui.chat.unstored import UnstoredConversation
from cort_desktop.gui.onboarding.demos import Demo
from cort_desktop.gui.rounds.replay import Player
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.gui.ui import Ui


class Recording(QObject):
    """``player`` plays it, ``view`` is its conversation, ``whole`` the run as it came out."""

    def __init__(self, ui: Ui, demo: Demo, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self.demo = demo
        self._run = demo.events[0].run
        self.whole = RunFeed(self._run, ui.pulse, ui.clock, self, "recording")
        self.whole.show_all(demo.events)
        self.player = Player(demo.events, self._fresh_feed, ui.clock, self)
        title = self.tr("Recorded: {title}").format(title=demo.title)
        kept = UnstoredConversation(demo.started.conversation, title, ui.clock)
        kept.begin(self.player.feed)
        self.view = kept.view()

    def close(self) -> None:
        """Let it go: nobody looks at it any more."""
        self.player.pause()
        if self._ui.feeds.known(self._run) is self.player.feed:
            self._ui.feeds.forget(self._run)
        self.deleteLater()

    def _fresh_feed(self) -> RunFeed:
        return self._ui.feeds.begin(self._run, "recording")
