"""A library pane in a window, over a real library, and all that it told the window."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QWidget

from cort_desktop.domain.ids import ConversationId
from cort_desktop.gui.library.library_pane import LibraryPane
from cort_desktop.gui.library.rows import Entry, Heading
from cort_desktop.gui.notices import Notice
from cort_desktop.gui.ui import Ui
from tests.fakes.window import gone, until
from tests.gui.library.seeds import Seed

DAY = timedelta(days=1)
SEEDS = [
    Seed(title="pinned one", pinned=True, ago=3 * DAY),
    Seed(title="first"),
    Seed(title="second", ago=timedelta(minutes=2)),
    Seed(title="third", ago=timedelta(minutes=3)),
    Seed(title="put away", archived=True),
    Seed(title="thrown away", deleted=True),
]
PINNED, FIRST, SECOND, THIRD, AWAY, THROWN = (ConversationId(f"c{n:05}") for n in range(6))


class Watched:
    """A pane with what it told the window."""

    def __init__(self, ui: Ui) -> None:
        self.ui = ui
        self.pane = LibraryPane(ui)
        self.opened: list[tuple[Any, Any, Any]] = []
        self.deleted: list[Any] = []
        self.toasts: list[Notice] = []
        self.resets: list[str] = []
        self.pane.opened.connect(lambda *place: self.opened.append(place))
        self.pane.hit_opened.connect(lambda hit: self.opened.append((hit.conversation, hit.run, hit.node)))
        self.pane.deleted.connect(self.deleted.append)
        ui.notices.said.connect(self.toasts.append)
        self.models: list[QAbstractItemModel] = [self.pane.list.list_model, self.pane.hits.list_model]
        mode = QAbstractItemModelTester.FailureReportingMode.Fatal
        self.testers = [QAbstractItemModelTester(model, mode, self.pane) for model in self.models]
        for model in self.models:
            model.modelReset.connect(lambda: self.resets.append("reset"))

    @property
    def titles(self) -> list[str]:
        return [row.title for row in self.pane.list.list_model.rows if isinstance(row, Entry)]

    @property
    def headings(self) -> list[str]:
        return [row.words for row in self.pane.list.list_model.rows if isinstance(row, Heading)]

    def index(self, conversation: ConversationId) -> QModelIndex:
        return self.pane.list.list_model.index_of(conversation)

    def click(self, conversation: ConversationId, *, ctrl: bool = False, right: bool = False) -> None:
        view = self.pane.list
        place = view.visualRect(self.index(conversation)).center()
        button = Qt.MouseButton.RightButton if right else Qt.MouseButton.LeftButton
        keys = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
        QTest.mouseClick(view.viewport(), button, keys, place)

    def trigger(self, action: str) -> None:
        assert self.ui.actions[action].isEnabled(), action
        self.ui.actions[action].trigger()

    async def now_open(self, conversation: ConversationId) -> None:
        """As the window does it."""
        self.pane.set_current(conversation)
        self.pane.refresh()
        await until(lambda: self.pane.controller.open_conversation is not None)


@asynccontextmanager
async def library(ui: Ui) -> AsyncIterator[Watched]:
    """A pane in a window, reading its library; closed when its work has ended."""
    seen = Watched(ui)
    # A window without a layout: the off-screen platform warns of one whose smallest size changes.
    window = QWidget()
    window.resize(260, 700)
    seen.pane.setParent(window)
    seen.pane.resize(260, 700)
    window.show()
    window.activateWindow()
    seen.pane.refresh()
    try:
        yield seen
        await until(lambda: not ui.tasks.names)
        assert not seen.resets
    finally:
        await ui.tasks.aclose()  # no task may wait while the deletions are flushed
        gone(window)


def has_rows(seen: Watched) -> bool:
    """Whether the list was read."""
    return bool(seen.pane.list.list_model.rows)
