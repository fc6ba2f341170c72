"""The right side of the window: a run's rounds in three views, and below what can be seen of one node.

Outline, map and columns stand over one model and one selection; Candidate, Why it won and Compare follow it,
and the timeline shows all calls. Here is only what stands where; what commands do is ``rounds_commands.py``.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from cort_desktop.domain.worth import worth_of
from cort_desktop.gui.rounds.candidate_pane import CandidatePane
from cort_desktop.gui.rounds.columns_view import ColumnsView
from cort_desktop.gui.rounds.compare_pane import ComparePane
from cort_desktop.gui.rounds.declared import declared_by
from cort_desktop.gui.rounds.following import Following
from cort_desktop.gui.rounds.map_view import MapView
from cort_desktop.gui.rounds.model import RunTreeModel
from cort_desktop.gui.rounds.outline_view import OutlineView
from cort_desktop.gui.rounds.replay_mark import ReplayMark
from cort_desktop.gui.rounds.rounds_commands import RoundsCommands
from cort_desktop.gui.rounds.rounds_controller import RoundsController
from cort_desktop.gui.rounds.timeline import Timeline
from cort_desktop.gui.rounds.veiled_page import VeiledPage
from cort_desktop.gui.rounds.why_pane import WhyPane
from cort_desktop.gui.rounds.wish_controller import WishController
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.gui.selection import Selection
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import HEAD_PX, ElidedLabel, IconButton, PlainLabel, Segments, hline, set_role
from cort_desktop.gui.window_state import WindowState

OUTLINE, MAP, COLUMNS, EMPTY, VEILED = range(5)
CANDIDATE, WHY, COMPARE = range(3)
_LEAST_PX = 120
_SHARES = (18, 14, 11)
_LEAST_FOR_TABS_PX, _LEAST_FOR_TIMELINE_PX = 240, 400
"""In a lower pane the rounds themselves keep the room."""
_READING_PX, _ROWS_PX, _STRIP_PX = 272, 96, 144
"""What reading takes below the rounds, as far as a few of their rows and the timeline leave it."""


class RoundsPane(QWidget):
    """``answer_changed`` has a run whose answer is another now, ``branched`` a new conversation, ``again`` a
    feed and the node that is to be tried again, ``wanted`` a feed and a wish, ``continued`` a new
    conversation to go on in; ``inspector_wanted``: whether what is below is wanted.
    """

    answer_changed = Signal(object)
    again = Signal(object, object)
    wanted = Signal(object, object)
    inspector_wanted = Signal(bool)
    branched = Signal(object)
    continued = Signal(object)

    def __init__(
        self, ui: Ui, selection: Selection, parent: QWidget | None = None, *, at_once: bool = True
    ) -> None:
        """``at_once``: make all of it now; else whoever goes through ``rest`` does, before it is shown."""
        super().__init__(parent)
        self.selection = selection
        self._followed: RunFeed | None = None
        self._wants_inspector = True
        self._shares: QByteArray | None = None
        """How the room was shared when all was seen: a splitter gives none to what is hidden."""
        self.setObjectName("roundsPane")
        self.setAccessibleName(self.tr("Rounds of the run, and what is known of a node"))
        set_role(self, "window")
        self.model = RunTreeModel(self, declared=lambda: declared_by(ui.app.chat))
        self.controller = RoundsController(ui, selection, self)
        self.wishes = WishController(ui, selection, self)
        self.rest: Iterator[None] = self._made(ui, selection)
        """The making of all that is seen, in steps that each take a moment."""
        if at_once:
            for _ in self.rest:
                pass

    def _made(self, ui: Ui, selection: Selection) -> Iterator[None]:
        self.outline = OutlineView(ui.theme, self.model, selection)
        self.map = MapView(ui.theme, self.model, selection)
        self.columns = ColumnsView(ui.theme, ui.pulse, self.model, selection)
        yield
        self.views = QStackedWidget()
        self._veil, self._veiled = ui.veil, VeiledPage(ui)
        for view in (self.outline, self.map, self.columns, self._nothing_yet(), self._veiled):
            self.views.addWidget(view)
        self.tabs = self._inspector(ui)
        yield
        self.timeline = Timeline(ui, selection)
        self.splitter = self._stacked()
        self._lay_out(ui)
        self.commands = RoundsCommands(ui, self, self.controller)
        self.controller.answer_changed.connect(self.answer_changed)
        self.controller.again.connect(self.again)
        self.wishes.wanted.connect(self.wanted)
        self.wishes.answer_changed.connect(self.answer_changed)
        self.controller.branched.connect(self.branched)
        self.controller.continued.connect(self.continued)
        self.segments.chosen.connect(self._show_what_is_wanted)
        ui.veil.changed.connect(self._show_what_is_wanted)
        self.selection.changed.connect(self._selection_changed)
        self.segments.choose(OUTLINE)
        self._selection_changed()
        self.following = Following(selection, self)  # after the model, which must know what is chosen

    def show_view(self, view: int) -> None:
        """Show the rounds as OUTLINE, MAP or COLUMNS, with the keyboard in it."""
        self.segments.choose(view)
        shown = self.views.currentWidget()
        if shown is not None:
            shown.setFocus(Qt.FocusReason.OtherFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_what_is_wanted()

    def show_tab(self, tab: int) -> None:
        """Show CANDIDATE, WHY or COMPARE below."""
        if not self._wants_inspector:
            self.toggle_inspector()
        sizes = self.splitter.sizes()
        if self.tabs.isVisible() and sizes[1] == 0:  # it was dragged shut
            half = sizes[0] // 2
            self.splitter.setSizes([sizes[0] - half, half, sizes[2]])
        self.tabs.setCurrentIndex(tab)

    def show_worth(self) -> None:
        """Show what the run was worth, below."""
        self.show_tab(WHY)
        for pane in self.tabs.findChildren(WhyPane):
            pane.go_to_worth()

    def look_at_worth(self) -> None:
        """Show what the run was worth; before judges were asked, their price."""
        self.show_worth()
        feed = self.selection.feed
        worth = None if feed is None else worth_of(feed.state)
        if worth is not None and worth.outcome is None:
            self._ask_worth.trigger()

    def toggle_inspector(self) -> None:
        """Show or hide what is below the rounds."""
        self._wants_inspector = not self._wants_inspector
        self._show_what_is_wanted()
        self.inspector_wanted.emit(self._wants_inspector)

    @property
    def has_inspector(self) -> bool:
        """Whether what is below the rounds is wanted."""
        return self._wants_inspector

    def restore(self, state: WindowState) -> None:
        """Stand as the last time: which view, how the room is shared, and whether anything is below."""
        view = state.number("roundsView", OUTLINE)
        self.segments.choose(view if OUTLINE <= view <= COLUMNS else OUTLINE)
        self._shares = state.data("roundsSplitter")
        if self._shares is not None:
            self.splitter.restoreState(self._shares)
        self._veil.set_on(bool(state.number("rankFirst", 0)))
        if bool(state.number("inspector", 1)) != self._wants_inspector:
            self.toggle_inspector()

    def save(self, state: WindowState) -> None:
        """Remember how it stands."""
        state.set_number("roundsView", max(OUTLINE, self.segments.index))
        self._keep_shares()
        if self._shares is not None:
            state.set_data("roundsSplitter", self._shares)
        state.set_number("inspector", int(self._wants_inspector))
        state.set_number("rankFirst", int(self._veil.is_on))

    # What stands where

    def _inspector(self, ui: Ui) -> QTabWidget:
        tabs = QTabWidget()
        tabs.setObjectName("inspectorTabs")
        tabs.setAccessibleName(self.tr("About the chosen node"))
        tabs.tabBar().setAccessibleName(self.tr("About the chosen node"))
        tabs.setDocumentMode(True)
        tabs.addTab(CandidatePane(ui, self.selection), self.tr("Candidate"))
        tabs.addTab(WhyPane(ui, self.selection), self.tr("Why it won"))
        self._ask_worth = ui.actions["tree.worth"]
        compare = ComparePane(ui, self.selection)
        compare.worth_wanted.connect(self.look_at_worth)
        tabs.addTab(compare, self.tr("Compare"))
        tabs.setFocusProxy(tabs.tabBar())
        return tabs

    def _stacked(self) -> QSplitter:
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setHandleWidth(1)
        splitter.setMinimumHeight(_LEAST_PX)
        for place, widget in enumerate((self.views, self.tabs, self.timeline)):
            splitter.addWidget(widget)
            splitter.setStretchFactor(place, _SHARES[place])
            splitter.setCollapsible(place, place > 0)
        splitter.setSizes([share * 100 for share in _SHARES])
        return splitter

    def _lay_out(self, ui: Ui) -> None:
        names = (self.tr("Outline"), self.tr("Map"), self.tr("Columns"))
        self.segments = Segments(names, self.tr("How the rounds are shown"))
        self.fit_button = IconButton(ui.theme, "maximize", self.tr("Fit the map"))
        self.fit_button.clicked.connect(self.map.fit)
        bar = QWidget()
        bar.setFixedHeight(HEAD_PX)
        head = QHBoxLayout(bar)
        head.setContentsMargins(16, 0, 12, 0)
        head.setSpacing(4)
        self._title = ElidedLabel(self.tr("Rounds"), "title")
        self._title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self.fit_button)
        head.addWidget(self.segments, 0, Qt.AlignmentFlag.AlignVCenter)
        self._head = head
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(hline())
        self.replay_mark = ReplayMark(ui.theme, self.timeline.desk)
        column.addWidget(self.replay_mark)
        column.addWidget(self.splitter, 1)

    def _nothing_yet(self) -> QWidget:
        label = PlainLabel(self.tr("Ask something: the rounds appear here."), "muted")
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        label.setWordWrap(True)
        label.setContentsMargins(24, 24, 24, 24)
        return label

    # What is shown

    def _selection_changed(self) -> None:
        feed = self.selection.feed
        if feed is not self._followed:
            if self._followed is not None and isValid(self._followed):
                self._followed.changed.disconnect(self._began)
            self._followed = feed
            if feed is not None:
                feed.changed.connect(self._began)
            self.model.show(feed)
        self._show_what_is_wanted()

    def _began(self, _changes: object) -> None:
        if self.views.currentIndex() in (EMPTY, VEILED):
            self._show_what_is_wanted()

    def _show_what_is_wanted(self) -> None:
        feed = self.selection.feed
        has_run = feed is not None and feed.state.started is not None
        is_hidden = self._veil.hides(feed)
        view = max(OUTLINE, self.segments.index) if has_run else EMPTY
        if feed is not None and is_hidden:
            view = VEILED
            self._veiled.show_run(feed.state)
        if self.views.currentIndex() != view:
            self.views.setCurrentIndex(view)
        self.fit_button.setVisible(view == MAP)
        self._fit_head()
        self.segments.setEnabled(has_run and not is_hidden)
        self._keep_shares()
        was_all_there = self._is_all_there
        for widget, least in ((self.tabs, _LEAST_FOR_TABS_PX), (self.timeline, _LEAST_FOR_TIMELINE_PX)):
            widget.setVisible(has_run and not is_hidden and self._wants_inspector and self.height() >= least)
        left = self.height() - HEAD_PX - _ROWS_PX - (0 if self.timeline.isHidden() else _STRIP_PX)
        self.tabs.setMinimumHeight(max(0, min(_READING_PX, left)))
        if self._is_all_there and not was_all_there and self._shares is not None:
            self.splitter.restoreState(self._shares)

    def _fit_head(self) -> None:
        """The title goes before any of it is cut: what can be pressed matters more."""
        parts: list[QWidget] = [self._title, self.segments]
        parts += [] if self.fit_button.isHidden() else [self.fit_button]
        margins = self._head.contentsMargins()
        needed = sum(part.sizeHint().width() + self._head.spacing() for part in parts)
        self._title.setVisible(needed + margins.left() + margins.right() <= self.width())

    @property
    def _is_all_there(self) -> bool:
        return not (self.tabs.isHidden() or self.timeline.isHidden())

    def _keep_shares(self) -> None:
        if self._is_all_there and self.splitter.isVisible():
            self._shares = self.splitter.saveState()
