"""The window: library, conversation and rounds side by side, each of which knows nothing of the others.

Here they are wired to each other. What a pane does is its own package's; what the commands of the window
itself do is ``window_commands.py``. What is seen of an empty conversation is made at once, with the library;
``rest`` makes the other parts, and whoever needs one of them before says ``complete``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QSplitter, QVBoxLayout, QWidget

from cort_desktop.domain.ids import ConversationId, NodeName, RunId
from cort_desktop.gui.chat.chat_pane import ChatPane
from cort_desktop.gui.library.library_pane import LibraryPane
from cort_desktop.gui.notice_widgets import NoticeBars
from cort_desktop.gui.panes import Panes
from cort_desktop.gui.selection import Selection
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import HEAD_PX, PlainLabel, hline, set_role
from cort_desktop.gui.window_state import WindowState
from cort_desktop.telling.safe import one_line

if TYPE_CHECKING:
    from pathlib import Path

    from cort_desktop.domain.library import ConversationView, Hit
    from cort_desktop.gui.onboarding.recording import Recording
    from cort_desktop.gui.run_feed import RunFeed

WIDTH, HEIGHT = 1440, 900
_MARGIN_PX = 16
_LAST = "conversation"


class MainWindow(QMainWindow):
    """``close_wanted`` asks for the end; the window itself never closes before its runs have.

    ``is_close_wanted`` remembers that, for whoever comes to hear of it later.
    """

    close_wanted = Signal()

    def __init__(self, ui: Ui, state: WindowState, *, at_once: bool = True) -> None:
        """``at_once``: make all of it now; else ``rest`` or ``complete`` does."""
        super().__init__()
        self.setObjectName("mainWindow")
        self.setWindowTitle("CoRT Desktop")
        self.setDockOptions(QMainWindow.DockOption.AllowTabbedDocks)
        self._ui = ui
        self._state = state
        self.is_close_wanted = self._may_close = False
        self.selection = Selection(self)
        self.splitter = self._make_splitter()
        self.library = LibraryPane(ui, at_once=False)
        self.chat = ChatPane(ui, at_once=False)
        self._centre = self._make_centre()
        self.dock = self._make_dock()
        self.panes = Panes(self, self.library, self.dock, ui.actions)
        self._to_save: list[Callable[[WindowState], None]] = [self.panes.save]
        """Who remembers how it stood, of what is made by then."""
        self.library.opened.connect(self.open)
        state.restore(self, WIDTH, HEIGHT)
        self.panes.restore(state)
        self.rest: Iterator[None] = self._made()
        """The making of the other parts, in steps that each take a moment."""
        if at_once:
            self.complete()

    def complete(self) -> None:
        """Make what is left of it now."""
        for _ in self.rest:
            pass

    def open(
        self, conversation: ConversationId, run: RunId | None = None, node: NodeName | None = None
    ) -> None:
        """Show a conversation, and in it a node of a run when one is named."""
        self.complete()
        self.panes.show_conversation()
        self.chat.open(conversation, run, node)

    def bring_in(self, files: Sequence[Path]) -> None:
        """Import conversations, and show what came in."""
        self.complete()
        self.library.exchange.bring_in(files)

    def open_hit(self, hit: Hit) -> None:
        """Show a place that a search found."""
        self.complete()
        self.panes.show_conversation()
        self.chat.open_hit(hit)

    @property
    def last_conversation(self) -> ConversationId | None:
        """The one that was looked at when the window was closed the last time."""
        return ConversationId(found) if (found := self._state.text(_LAST)) else None

    def let_close(self) -> None:
        """Close now: what worked has ended."""
        self._state.save(self)
        for save in self._to_save:
            save(self._state)
        self.chat.finish()
        self._state.flush()
        self._may_close = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close:
            event.accept()
            return
        event.ignore()
        self.is_close_wanted = True
        self.close_wanted.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.panes.fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self._ui.actions["view.full_screen"].setChecked(self.isFullScreen())

    def _make_centre(self) -> QWidget:
        centre = QWidget()
        set_role(centre, "window")
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(NoticeBars(self._ui.notices, self._ui.theme, centre))
        column.addWidget(self.chat, 1)
        self.splitter.addWidget(self.library)
        self.splitter.addWidget(centre)
        self.splitter.setStretchFactor(0, 0)
        self.splitter.setStretchFactor(1, 1)
        return centre

    def _make_splitter(self) -> QSplitter:
        """In its place while it is empty: each move makes the style sheet look at all that is inside."""
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(1)
        self.setCentralWidget(splitter)
        return splitter

    def _make_dock(self) -> QDockWidget:
        dock = QDockWidget(self.tr("Rounds"), self)
        dock.setObjectName("roundsDock")
        dock.setAllowedAreas(Qt.DockWidgetArea.LeftDockWidgetArea | Qt.DockWidgetArea.RightDockWidgetArea)
        dock.setWidget(self._rounds_to_come())
        dock.setTitleBarWidget(QWidget(dock))  # the pane has a head of its own
        dock.topLevelChanged.connect(self._dock_floated)
        self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        return dock

    def _rounds_to_come(self) -> QWidget:
        """What stands in the dock until the rounds do: their head."""
        head = QWidget()
        set_role(head, "window")
        column = QVBoxLayout(head)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        title = PlainLabel(self.tr("Rounds"), "title")
        title.setFixedHeight(HEAD_PX)
        title.setContentsMargins(_MARGIN_PX, 0, 0, 0)
        column.addWidget(title)
        column.addWidget(hline())
        column.addStretch(1)
        return head

    def _made(self) -> Iterator[None]:
        yield from self.chat.rest
        yield from self.library.rest
        from cort_desktop.gui.rounds.rounds_pane import RoundsPane

        yield
        from cort_desktop.gui import menus
        from cort_desktop.gui.drops import Drops
        from cort_desktop.gui.menu_bar import MenuBarKeys
        from cort_desktop.gui.notice_widgets import Toasts
        from cort_desktop.gui.onboarding.offline_offer import OfflineOffer
        from cort_desktop.gui.onboarding.stage import Stage
        from cort_desktop.gui.window_commands import WindowCommands

        yield
        ui, before = self._ui, self.dock.widget()
        self.rounds = RoundsPane(ui, self.selection, at_once=False)
        yield from self.rounds.rest
        self.rounds.restore(self._state)
        self._to_save.append(self.rounds.save)
        yield
        self.dock.setWidget(self.rounds)
        if before is not None:
            before.deleteLater()
        yield
        self.commands = WindowCommands(self, ui, self.panes)
        self.stage = Stage(ui, self)
        self.offline = OfflineOffer(ui, self)
        self.toasts = Toasts(ui.notices, self._centre, above=self.chat.foot)
        menus.fill(self.menuBar(), ui.actions)
        self.menu_keys = MenuBarKeys(self, ui.actions, self._state)
        self.library.set_menu(menus.main_menu(ui.actions, self))
        self.drops = Drops(self, self.library.exchange.bring_in)
        ui.actions.put(self, "window")
        self._wire()

    def _dock_floated(self, floats: bool) -> None:
        """A floating dock is a window and needs a title bar to be moved by."""
        old = self.dock.titleBarWidget()
        self.dock.setTitleBarWidget(None if floats else QWidget(self.dock))  # type: ignore[arg-type]
        if old is not None:
            old.deleteLater()

    def _wire(self) -> None:
        chat, library, rounds = self.chat, self.library, self.rounds
        self._ui.undo.changed.connect(self._ui.notices.look_again)
        library.opened.connect(lambda *_place: self.panes.show_conversation())
        library.hit_opened.connect(self.open_hit)
        library.deleted.connect(self._deleted)
        chat.composer.imported.connect(library.exchange.bring_in)
        library.verbs.destroyed.connect(chat.forget)
        library.verbs.renamed.connect(self._renamed)
        chat.keep_in(self._state.folder)
        chat.run_shown.connect(self._run_shown)
        self._run_shown(chat.run_in_view)  # a question may have been quicker than the rounds
        chat.working_changed.connect(library.set_working)
        chat.node_wanted.connect(self._node_wanted)
        chat.words_wanted.connect(self._words_wanted)
        chat.why_wanted.connect(self._why_wanted)
        chat.worth_wanted.connect(self._worth_wanted)
        chat.rank_wanted.connect(self._rank_wanted)
        chat.conversation_shown.connect(self._conversation_shown)
        self.stage.began.connect(self._recording_began)
        rounds.branched.connect(self.open)
        rounds.continued.connect(self._continued)
        rounds.answer_changed.connect(lambda _run: chat.reload())
        rounds.again.connect(chat.controller.asking.retry)
        rounds.wanted.connect(chat.controller.asking.carry_out)

    def _continued(self, conversation: ConversationId) -> None:
        """Ask on where it was left off."""
        self.open(conversation)
        self.chat.focus_composer()

    def _run_shown(self, feed: RunFeed | None) -> None:
        self.selection.show(feed)

    def _recording_began(self, recording: Recording) -> None:
        """The controls of the timeline play it, and all panes look at it."""
        self.rounds.timeline.desk.adopt(recording.player, recording.whole)
        self.panes.show_rounds()
        self.chat.show_recording(recording)

    def _node_wanted(self, feed: RunFeed, node: NodeName) -> None:
        """A node was asked for from the conversation: the rounds show it."""
        from cort_desktop.gui.rounds.rounds_pane import CANDIDATE

        self.panes.show_rounds()
        self.selection.show(feed, node)
        self.rounds.show_tab(CANDIDATE)

    def _words_wanted(self, feed: RunFeed, node: NodeName, words: str) -> None:
        """What a search found in a node is marked where that is read."""
        from cort_desktop.gui.rounds.candidate_pane import CandidatePane

        for pane in self.rounds.findChildren(CandidatePane):
            pane.mark(feed.run, node, words)

    def _why_wanted(self, feed: RunFeed) -> None:
        """Why the answer won, asked for under it."""
        from cort_desktop.gui.rounds.rounds_pane import WHY

        self.panes.show_rounds()
        self.selection.show(feed, feed.state.answer_node)
        self.rounds.show_tab(WHY)

    def _rank_wanted(self, feed: RunFeed) -> None:
        self.selection.show(feed)
        self._ui.actions["tree.rank"].trigger()

    def _worth_wanted(self, feed: RunFeed) -> None:
        """What thinking harder brought, asked for under the answer."""
        self._why_wanted(feed)
        self.rounds.look_at_worth()

    def _conversation_shown(self, view: ConversationView | None) -> None:
        self.setWindowTitle("CoRT Desktop" if view is None else _frame_title(view.conversation.title))
        self.library.set_current(self.chat.conversation)
        self.library.refresh()
        self._ui.notices.turn_to(self.chat.conversation)
        is_stored = not self.chat.controller.conversation.is_temporary
        self._state.set_text(_LAST, (self.chat.conversation or "") if is_stored else "")

    def _renamed(self, conversation: ConversationId) -> None:
        if self.chat.conversation == conversation:
            self.chat.reload()

    def _deleted(self, conversation: ConversationId) -> None:
        if self.chat.conversation == conversation:
            self.chat.new()


def _frame_title(title: str) -> str:
    """What stands in the window's frame; Qt would take ``[*]`` for its mark of something unsaved."""
    return f"{one_line(title).replace('[*]', '[*][*]')} – CoRT Desktop"
