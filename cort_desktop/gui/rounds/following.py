"""What is looked at while a run works and nobody has chosen anything: gently, what happens now.

A call is followed to its end, because text that changes places can't be read; when a round ends, its winner
is looked at, and when the run ends, its answer. A person's own choice is never taken away.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from shiboken6 import isValid

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import ANSWER_ROLES
from cort_desktop.gui.run_feed import Changes, RunFeed
from cort_desktop.gui.selection import Selection


class Following(QObject):
    """Moves the selection along with the run it looks at."""

    def __init__(self, selection: Selection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._selection = selection
        self._feed: RunFeed | None = None
        selection.changed.connect(self._attend)
        self._attend()

    def _attend(self) -> None:
        feed = self._selection.feed
        if feed is self._feed:
            return
        if self._feed is not None and isValid(self._feed):
            self._feed.changed.disconnect(self._changed)
        self._feed = feed
        if feed is not None:
            feed.changed.connect(self._changed)

    def _changed(self, changes: Changes) -> None:
        feed = self._feed
        if feed is None or self._selection.is_by_hand or not changes.has_facts:
            return
        node = next_to_see(feed.state, self._selection.node, changes)
        if node is not None:
            self._selection.select(node, by_hand=False)


def next_to_see(state: RunState, now: NodeName | None, changes: Changes) -> NodeName | None:
    """What to look at next; None: stay."""
    decided = [event.body for event in changes.events if isinstance(event.body, ev.RoundFinished)]
    if state.finished is not None or (decided and decided[-1].winner is not None):
        return state.answer_node
    if now in state.running:
        return None
    writing = [node.name for node in state.running.values() if node.role in ANSWER_ROLES]
    if writing:
        return writing[0]
    return None if now in state.nodes else state.best
