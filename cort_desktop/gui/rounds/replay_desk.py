"""Replaying the run that is looked at: which feed is shown meanwhile, and the way back to the stored one.

A controller without widgets. While it plays, the selection looks at a feed of the player's; the stored run is
kept aside, is never changed, and comes back at the end or when a person goes elsewhere.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from cort_desktop.gui.rounds.replay import SPEEDS, Player
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.gui.selection import Selection
from cort_desktop.gui.ui import Ui


class ReplayDesk(QObject):
    """``changed`` when a replay begins, stops, ends or moves. A recording brings its player along: it is
    driven from here whenever it is looked at, and there is nothing to come back to at its end.
    """

    changed = Signal()

    def __init__(self, ui: Ui, selection: Selection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._selection = selection
        self.stored: RunFeed | None = None
        self.player: Player | None = None
        self.speed = SPEEDS[0]
        self._recorded: tuple[Player, RunFeed] | None = None
        selection.changed.connect(self._selection_changed)

    @property
    def feed(self) -> RunFeed | None:
        """The stored run while it is replayed, else the one that is looked at."""
        return self.stored if self.stored is not None else self._selection.feed

    @property
    def is_playing(self) -> bool:
        """Whether it moves by itself."""
        return self.player is not None and self.player.is_playing

    @property
    def is_recording(self) -> bool:
        """Whether what is played is a recording, which is looked at in no other way."""
        return self.player is not None and self.player.parent() is not self

    @property
    def can_replay(self) -> bool:
        """Whether there is a run at rest with something to play."""
        feed = self.feed
        return feed is not None and not feed.is_working and feed.elsewhere is None and len(feed.log) > 1

    def adopt(self, player: Player, whole: RunFeed) -> None:
        """Drive the player of a recording, which shows its feeds itself; ``whole``: the run at its end."""
        self._recorded = player, whole
        player.feed_changed.connect(self._look_at)
        player.moved.connect(self.changed)
        player.playing_changed.connect(self.changed)
        self._selection_changed()

    def toggle(self) -> None:
        """Play, or stay where it is."""
        player = self._player()
        if player is None:
            return
        if player.is_playing:
            player.pause()
        else:
            player.play()
        self.changed.emit()

    def step(self, by: int) -> None:
        """One event on (1) or back (-1). Back from a run at rest is its last event but one."""
        if self.player is None and by > 0:
            return
        player = self._player()
        if player is not None:
            player.step(by)
            self._leave_at_end()

    def seek_second(self, second: float) -> None:
        """Show the run as it was at a second of it; at its end the stored one again."""
        if self.player is None and self.feed is not None and not self.can_replay:
            return
        player = self._player()
        if player is not None:
            player.seek_second(second)
            self._leave_at_end()

    def next_speed(self) -> None:
        """The next of the speeds, the first after the last."""
        self.speed = SPEEDS[(SPEEDS.index(self.speed) + 1) % len(SPEEDS)]
        if self.player is not None:
            self.player.speed = self.speed
        self.changed.emit()

    def leave(self) -> None:
        """Look at the stored run again."""
        stored = self.stored
        if stored is None or self.player is None or self.player.parent() is not self:
            return
        self._drop()
        self._look_at(stored)
        self.changed.emit()

    def _player(self) -> Player | None:
        """The player, made when it is first wanted; at its end, as the stored run is."""
        if self.player is None and self.can_replay and self._selection.feed is not None:
            stored = self._selection.feed
            player = Player(stored.log, lambda: self._fresh(stored), self._ui.clock, self)
            player.speed = self.speed
            player.seek(len(player.schedule.events))
            player.feed_changed.connect(self._look_at)
            player.moved.connect(self.changed)
            player.playing_changed.connect(self.changed)
            player.finished.connect(self.leave)
            self._take(player, stored)
            self._look_at(player.feed)
        return self.player

    def _take(self, player: Player, stored: RunFeed) -> None:
        self.player, self.stored = player, stored
        stored.changed.connect(self._stored_changed)

    def _fresh(self, stored: RunFeed) -> RunFeed:
        """An empty feed to play into; verbs see that it isn't the run itself."""
        origin = "replay" if stored.origin == "run" else stored.origin
        return RunFeed(stored.run, self._ui.pulse, self._ui.clock, origin=origin)

    def _look_at(self, feed: RunFeed) -> None:
        """Show a feed of the player's, or the stored one. A node that hasn't begun there is let go: what
        happens is followed. One that was only followed stays so: nobody chose it.
        """
        selection, was_by_hand = self._selection, self._selection.is_by_hand
        node = selection.node if selection.node in feed.state.nodes else None
        selection.show(feed, node)
        selection.is_by_hand = was_by_hand and node is not None

    def _leave_at_end(self) -> None:
        if self.player is not None and self.player.is_at_end:
            self.leave()

    def _selection_changed(self) -> None:
        """Somebody looks at another run, or at the stored one: nothing is replayed any more."""
        if self.player is not None and self._selection.feed is not self.player.feed:
            self._drop()
            self.changed.emit()
        if self.player is None and self._recorded is not None:
            player, whole = self._recorded
            if self._selection.feed is player.feed:
                self.speed = player.speed
                self._take(player, whole)
                self.changed.emit()

    def _stored_changed(self) -> None:
        """The run itself goes on: that is what is to be seen."""
        if self.stored is not None and self.stored.is_working:
            self.leave()

    def _drop(self) -> None:
        player, stored = self.player, self.stored
        self.player, self.stored = None, None
        if stored is not None:
            stored.changed.disconnect(self._stored_changed)
        if player is not None:
            player.pause()
            if player.parent() is self:
                player.deleteLater()
