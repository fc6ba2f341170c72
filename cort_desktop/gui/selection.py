"""What a person looks at: a run, one of its nodes, and a second one to compare with.

Looking at a candidate never changes the active answer; that is another field, in the run's own log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cort_desktop.domain.ids import NodeName

if TYPE_CHECKING:
    from cort_desktop.gui.run_feed import RunFeed


class Selection(QObject):
    """One for all views of the rounds. ``changed`` follows every change of the three."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.feed: RunFeed | None = None
        self.node: NodeName | None = None
        self.marked: NodeName | None = None
        self.is_by_hand = False
        self._visited: dict[NodeName, NodeName] = {}

    def show(self, feed: RunFeed | None, node: NodeName | None = None) -> None:
        """Look at a run; its answer (or best so far) is selected unless a node is named."""
        if feed is self.feed and (node is None or node == self.node):
            return
        if feed is not self.feed:
            self.marked = None
            self._visited = {}
        self.feed = feed
        self.is_by_hand = node is not None
        self.node = node if node is not None or feed is None else feed.state.answer_node
        self.changed.emit()

    def select(self, node: NodeName | None, *, by_hand: bool = True) -> None:
        """Look at a node. What a person chose stays until they choose again."""
        if not by_hand and self.is_by_hand:
            return
        if by_hand:
            self.is_by_hand = True
            self._remember(node)
        if node != self.node:
            self.node = node
            self.changed.emit()

    def mark(self, node: NodeName | None) -> None:
        """Choose the other side of Compare; the same again takes the mark away."""
        self.marked = None if node == self.marked else node
        self.changed.emit()

    def last_visited_child(self, node: NodeName) -> NodeName | None:
        """The child that was looked at last."""
        return self._visited.get(node)

    def _remember(self, name: NodeName | None) -> None:
        if self.feed is None or name is None or name not in self.feed.state.nodes:
            return
        for parent in self.feed.state.nodes[name].parents:
            self._visited[parent] = name
