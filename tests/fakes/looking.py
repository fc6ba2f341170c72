"""A run on show: a feed of a hand-written story in a Ui, a selection on it, what a test asks of a pane."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.gui.selection import Selection
from cort_desktop.gui.ui import Ui
from tests.fakes.story import Story, n
from tests.fakes.window import flush_deletions, gone, shown


def fed(ui: Ui, story: Story, events: int | None = None) -> RunFeed:
    """The feed of a story, or of its first events."""
    feed = ui.feeds.begin(story.run)
    feed.show_all(story.events[:events])
    return feed


def looking_at(ui: Ui, story: Story, node: str | None = None) -> Selection:
    """A selection on a whole story."""
    selection = Selection()
    selection.show(fed(ui, story), None if node is None else n(node))
    return selection


@contextmanager
def on_screen(widget: QWidget, width: int = 460, height: int = 600) -> Iterator[None]:
    """A widget while it is shown; every label in it shows its text as it is."""
    shown(widget, width, height)
    yield
    for label in widget.findChildren(QLabel):
        is_tooltip = label.inherits("QTipLabel")
        assert is_tooltip or label.textFormat() == Qt.TextFormat.PlainText, label.text()
    gone(widget)


def beat(ui: Ui) -> None:
    """The next two pulses, now: a run tells of its news in one, and views show it in the next."""
    ui.pulse.beat()
    ui.pulse.beat()
    flush_deletions()


def words(widget: QWidget) -> list[str]:
    """The texts of all visible labels, top down as they were built."""
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible() and label.text()]
