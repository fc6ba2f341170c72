"""The pane "Why it won": how a round was decided, in words and a table, by whom, and with what doubts.

Shows the values of ``why_facts.py``; built anew only when they have changed. A round is shown because the
selected node belongs to it, or because a person went there with the arrows.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from cort_desktop.domain.ids import NodeName, RunId
from cort_desktop.domain.run import RunState
from cort_desktop.gui.rounds.heat_table import HeatTable
from cort_desktop.gui.rounds.judge_card import JudgeCard, chip_label
from cort_desktop.gui.rounds.judging_section import JudgingSection
from cort_desktop.gui.rounds.moments import streaming
from cort_desktop.gui.rounds.pane import Pane
from cort_desktop.gui.rounds.vote_bars import Checks, VoteBars
from cort_desktop.gui.rounds.why_facts import best_number, why_of
from cort_desktop.gui.rounds.why_values import Judging, Table, Why
from cort_desktop.gui.rounds.worth_section import WorthReader, WorthSection
from cort_desktop.gui.run_feed import Changes
from cort_desktop.gui.selection import Selection
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import ElidedLabel, FlowLayout, IconButton, PlainLabel, Segments
from cort_desktop.telling.judging import audit_lines, audit_title

_MARGIN = 16


class WhyPane(Pane):
    """Follows the selection. A click on a node's name selects it, and the round stays."""

    def __init__(self, ui: Ui, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(ui, selection, parent)
        self.setObjectName("whyPane")
        self.setAccessibleName(self.tr("Why it won"))
        self._number: int | None = None
        self._for: tuple[RunId, NodeName | None] | None = None
        self._shown: Why | None = None
        self._audited: tuple[RunId, int, Judging | None] | None = None
        self._worth = WorthReader(ui, self.ask)
        self._goes_to_worth = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._empty = PlainLabel("", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        column.addWidget(self._empty, 1)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column.addWidget(self._area, 1)
        ui.theme.changed.connect(self._forget)
        self.follow()

    @property
    def shown(self) -> Why | None:
        """What is shown now."""
        return self._shown

    def refresh(self) -> None:
        """Show the round of the selected node, or the one that was chosen here."""
        feed = self.feed
        if feed is None or feed.state.started is None:
            self._shown = None
            self._show_empty(self.tr("Ask something, and here will stand why its answer won."))
            return
        at = (feed.run, self.selection.node)
        if at != self._for:
            self._for = at
            self._number = best_number(feed.state, self.selection.node)
        elif self._number is None:
            self._number = best_number(feed.state, self.selection.node)
        why = why_of(feed.state, self._number, lambda name: streaming(feed, name))
        why = replace(why, judging=self._judging(feed.state), worth=self._worth.of(feed))
        if why != self._shown:
            self._shown = why
            self._build(why)

    def _judging(self, state: RunState) -> Judging | None:
        """Worked out anew only when the run has got on: a judge that streams changes nothing of it."""
        if self._audited is None or self._audited[:2] != (state.run, state.seq):
            audit = self.ui.app.chat.audit(state)
            lines = tuple(audit_lines(audit))
            judging = Judging(title=audit_title(audit), lines=lines) if lines else None
            self._audited = (state.run, state.seq, judging)
        return self._audited[2]

    def concerns(self, changes: Changes) -> bool:
        """What a judge has come to is told here too, by the same words as in the outline."""
        return changes.has_facts or any(self._is_judge(name) for name in changes.streamed)

    def _is_judge(self, name: NodeName) -> bool:
        node = self.feed.state.nodes.get(name) if self.feed is not None else None
        return node is not None and node.role == "judge"

    def go_to(self, number: int) -> None:
        """Show another round."""
        self._number = number
        self.draw()

    def go_to_worth(self) -> None:
        """Bring what the run was worth into sight."""
        self._goes_to_worth = True
        self._shown = None
        self.ask()

    def _choose(self, node: NodeName) -> None:
        """Select a node from here: the round that is read stays."""
        if self.feed is not None:
            self._for = (self.feed.run, node)
        self.selection.select(node)

    def _forget(self) -> None:
        """Colours have changed: what is built is built anew."""
        self._shown = None

    def _show_empty(self, words: str) -> None:
        self._empty.setText(words)
        self._empty.show()
        self._area.hide()

    def _build(self, why: Why) -> None:
        place = self._area.verticalScrollBar().value()
        self._empty.hide()
        body = WhyBody(self.ui.theme, why)
        body.node_chosen.connect(self._choose)
        body.round_chosen.connect(self.go_to)
        body.worth_asked.connect(self.ui.actions["tree.worth"].trigger)
        old = self._area.takeWidget()
        self._area.setWidget(body)
        self._area.show()
        if old is not None:
            old.deleteLater()
        self._area.verticalScrollBar().setValue(place)
        if self._goes_to_worth and body.worth is not None:
            self._goes_to_worth = False
            layout = body.layout()
            if layout is not None:
                layout.activate()
            self._area.ensureWidgetVisible(body.worth, 0, _MARGIN)


class WhyBody(QWidget):
    """All that is said about one round."""

    node_chosen = Signal(object)
    round_chosen = Signal(int)
    worth_asked = Signal()

    def __init__(self, theme: Theme, why: Why, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._why = why
        self._table = self._heat(why.table) if why.table is not None else None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(_MARGIN, 12, _MARGIN // 2, 12)  # the scroll bar stands beside it
        self._column.setSpacing(12)
        self._column.addLayout(self._head())
        choices = self._choices()
        if choices.count():
            self._column.addLayout(choices)
        if self._table is not None:
            self._column.addWidget(self._table)
        for judge in why.judges:
            card = JudgeCard(theme, judge)
            card.node_chosen.connect(self.node_chosen)
            self._column.addWidget(card)
        if why.votes is not None:
            bars = VoteBars(theme, why.votes)
            bars.node_chosen.connect(self.node_chosen)
            self._column.addWidget(bars)
        if why.checks:
            checks = Checks(theme, why.checks)
            checks.node_chosen.connect(self.node_chosen)
            self._column.addWidget(checks)
        for words in (*why.notes, why.ended):
            if words:
                label = PlainLabel(words, "muted")
                label.setWordWrap(True)
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                self._column.addWidget(label)
        self.worth = None if why.worth is None else WorthSection(why.worth)
        if self.worth is not None:
            self.worth.asked.connect(self.worth_asked)
            self._column.addWidget(self.worth)
        if why.judging is not None:
            self._column.addWidget(JudgingSection(why.judging))
        self._column.addStretch(1)

    def _head(self) -> QLayout:
        flow = FlowLayout(gap=8)
        title = ElidedLabel(self._why.headline, "title")
        title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        flow.addWidget(title)
        for chip in self._why.chips:
            flow.addWidget(chip_label(chip))
        return flow

    def _choices(self) -> QLayout:
        """What the table shows, and which round."""
        line = FlowLayout(gap=8)
        table, view = self._why.table, self._table
        if table is not None and view is not None and table.criteria and len(table.judges) > 1:
            choice = Segments([self.tr("Scores"), self.tr("Ranks by judge")], self.tr("What the table shows"))
            choice.choose(0)
            choice.chosen.connect(lambda index: view.show_table(table, by_judge=index == 1))
            line.addWidget(choice)
        if len(self._why.numbers) > 1 and self._why.number is not None:
            line.addWidget(self._switch(self._why.number))
        return line

    def _switch(self, number: int) -> QWidget:
        """``‹ round 2 of 3 ›``."""
        switch = QFrame()
        row = QHBoxLayout(switch)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        at = self._why.numbers.index(number)
        for icon, name, step in (
            ("chevron-left", self.tr("Previous round"), -1),
            ("chevron-right", self.tr("Next round"), 1),
        ):
            each = IconButton(self._theme, icon, name)
            goal = at + step
            each.setEnabled(0 <= goal < len(self._why.numbers))
            if each.isEnabled():
                wanted = self._why.numbers[goal]
                each.clicked.connect(lambda _=False, wanted=wanted: self.round_chosen.emit(wanted))
            row.addWidget(each)
            if step < 0:
                words = self.tr("{round} {number} of {all}").format(
                    round=self._why.called.lower(), number=number, all=self._why.numbers[-1]
                )
                row.addWidget(PlainLabel(words, "small"))
        return switch

    def _heat(self, table: Table) -> HeatTable:
        view = HeatTable(self._theme, self.tr("Scores and ranks of the round"))
        view.node_chosen.connect(self.node_chosen)
        view.show_table(table, by_judge=not table.criteria)
        return view
