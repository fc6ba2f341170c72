"""“Rank before you look”: whose verdicts, and with them the answer, stay hidden until the person has ranked.

One switch for the window. A run is uncovered by a ranking of the person's own, by their choice of an answer,
or by asking to see it; what is said in its place is the panes'. Recordings and replays are never hidden.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from cort_desktop.domain.ids import RunId
    from cort_desktop.domain.run import RunState
    from cort_desktop.gui.run_feed import RunFeed

_SEVERAL = 2


class Veil(QObject):
    """``changed`` follows whenever what is hidden may be another."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_on = False
        self._lifted: set[RunId] = set()

    @property
    def is_on(self) -> bool:
        """Whether verdicts are hidden at all."""
        return self._is_on

    def set_on(self, on: bool) -> None:
        """Hide the verdicts of runs that were not ranked, or show all."""
        if on != self._is_on:
            self._is_on = on
            self._lifted.clear()
            self.changed.emit()

    def lift(self, run: RunId) -> None:
        """Show a run although it was not ranked."""
        if run not in self._lifted:
            self._lifted.add(run)
            self.changed.emit()

    def hides(self, feed: RunFeed | None) -> bool:
        """Whether nothing may be shown of how a run came out."""
        if not self._is_on or feed is None or feed.origin != "run" or feed.run in self._lifted:
            return False
        state = feed.state
        if state.started is None or state.override is not None:
            return False
        if any(word.verb == "ranked" for word in state.user):
            return False
        return _has_several(state)


def _has_several(state: RunState) -> bool:
    """Whether there is anything to rank, or will be."""
    if state.finished is not None:
        return len(state.candidates()) >= _SEVERAL
    spec = state.spec
    return bool(spec.judges or spec.rounds) or (spec.alternatives or 1) >= _SEVERAL
