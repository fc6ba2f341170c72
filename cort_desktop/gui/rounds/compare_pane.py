"""The pane "Compare": a word diff of any two texts of the run, and how its answer changed over the rounds.

Which two is said by the selection and its mark, until a person chooses here. Comparing takes no time that
could be felt in the window: long texts are compared in a thread.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from cort_desktop.domain.ids import DRAFT, NodeName, RunId
from cort_desktop.gui.rounds import compare_facts
from cort_desktop.gui.rounds.diff_view import DiffView, marked_text
from cort_desktop.gui.rounds.elided_combo import ElidedCombo
from cort_desktop.gui.rounds.pane import Pane
from cort_desktop.gui.selection import Selection
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import (
    FlowLayout,
    IconButton,
    PlainLabel,
    Segments,
    button,
    plain_tooltip,
)
from cort_desktop.telling.word_diff import Comparison, compare

AT_ONCE_CHARACTERS = 12_000
"""Both texts together; longer ones are compared in a thread."""
_LEAST_TEXT_PX = 96
Pair = tuple[NodeName, NodeName]


class ComparePane(Pane):
    """Follows the selection. Connects ``tree.next_change`` and ``tree.previous_change``. ``worth_wanted``: a
    person wants to know what the run was worth.
    """

    worth_wanted = Signal()

    def __init__(self, ui: Ui, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(ui, selection, parent)
        self.setObjectName("diffPane")
        self.setAccessibleName(self.tr("Compare"))
        self._pair: Pair | None = None
        self._for: tuple[RunId, NodeName | None, NodeName | None] | None = None
        self._offered: list[NodeName] = []
        self._labels: list[str] = []
        self._chain: tuple[bool, list[NodeName]] | None = None
        self._texts: tuple[str, str] | None = None
        self._told_for: tuple[str, str] | None = None
        self.comparison: Comparison | None = None
        column = self._scrolled()
        self._empty = PlainLabel(self.tr("There are no two texts to compare yet."), "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        column.addWidget(self._empty, 1)
        self._tools = QFrame()
        tools = QVBoxLayout(self._tools)
        tools.setContentsMargins(0, 0, 0, 0)
        tools.setSpacing(4)
        tools.addLayout(self._choosers())
        self._steps = QFrame()
        self._steps_flow = FlowLayout(self._steps, gap=2)
        tools.addWidget(self._steps)
        tools.addLayout(self._looks())
        self.figures = PlainLabel("", "small")
        self.figures.setWordWrap(True)
        tools.addWidget(self.figures)
        self.worth = self._worth_link()
        tools.addWidget(self.worth, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._tools)
        self.view = DiffView(ui.theme)
        self.view.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.view.setMinimumHeight(_LEAST_TEXT_PX)
        column.addWidget(self.view, 1)
        ui.actions.on("tree.next_change", lambda: self._step(1))
        ui.actions.on("tree.previous_change", lambda: self._step(-1))
        self.follow()

    @property
    def pair(self) -> Pair | None:
        """The two that are compared: old and new."""
        return self._pair

    def compare(self, old: NodeName, new: NodeName) -> None:
        """Compare these two, until another node is selected or marked."""
        self._for = self._key()
        self._pair = (old, new)
        self.draw()

    def refresh(self) -> None:
        """Compare what is selected now, or what was chosen here."""
        feed = self.feed
        state = feed.state if feed is not None else None
        there = compare_facts.choices(state) if state is not None and state.started is not None else []
        if state is None or len(there) < 2:  # noqa: PLR2004 - a pair
            self._pair, self._texts = None, None
            self._show_any(False)
            return
        if self._key() != self._for or self._pair is None or not set(self._pair) <= set(there):
            self._for = self._key()
            self._pair = compare_facts.first_pair(state, self.selection.node, self.selection.marked)
        self._show_any(True)
        self._offer(there)
        self._show_chain(compare_facts.chain(state))
        if self._pair is not None:
            old, new = self._pair
            self.view.set_names(old, new)
            self.worth.setText(compare_facts.worth_words(state, self._pair))
            self.worth.setVisible(bool(self.worth.text()))
            self._compare_texts(state.nodes[old].text, state.nodes[new].text)

    def _scrolled(self) -> QVBoxLayout:
        """Where all of it stands: in a low window it is scrolled, else nothing of it would be whole."""
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(8)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        return column

    def _key(self) -> tuple[RunId, NodeName | None, NodeName | None] | None:
        if self.feed is None:
            return None
        return self.feed.run, self.selection.node, self.selection.marked

    def _choosers(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        self.old, self.new = ElidedCombo(), ElidedCombo()
        swap = IconButton(self.ui.theme, "arrow-left-right", self.tr("Swap the two"))
        swap.clicked.connect(self._swap)
        for combo, words in ((self.old, self.tr("From")), (self.new, self.tr("to"))):
            caption = PlainLabel(words, "small")
            caption.setBuddy(combo)
            combo.setAccessibleName(self.tr("Compare from") if combo is self.old else self.tr("Compare to"))
            combo.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            combo.setMinimumWidth(80)
            combo.activated.connect(self._chosen)
            row.addWidget(caption)
            row.addWidget(combo, 1)
            if combo is self.old:
                row.addWidget(swap)
        return row

    def _looks(self) -> FlowLayout:
        flow = FlowLayout(gap=8)
        self.looks = Segments(
            [self.tr("One text"), self.tr("Side by side")], self.tr("How they are compared")
        )
        self.looks.choose(0)
        self.looks.chosen.connect(lambda index: self.view.set_beside(index == 1))
        flow.addWidget(self.looks)
        moves = QFrame()
        row = QHBoxLayout(moves)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for icon, action, by in (
            ("arrow-up", "tree.previous_change", -1),
            ("arrow-down", "tree.next_change", 1),
        ):
            name = self.ui.actions[action].text()
            keys = self.ui.actions.keys_text(action)
            each = IconButton(self.ui.theme, icon, name)
            plain_tooltip(each, f"{name} ({keys})" if keys else name)
            each.clicked.connect(lambda _=False, by=by: self._step(by))
            row.addWidget(each)
        copy = IconButton(self.ui.theme, "copy", self.tr("Copy the comparison"))
        plain_tooltip(copy, self.tr("Copy the comparison, as [-only in the first-]{+only in the second+}"))
        copy.clicked.connect(self._copy)
        row.addWidget(copy)
        flow.addWidget(moves)
        return flow

    def _worth_link(self) -> QPushButton:
        link = button("", "link-small")
        plain_tooltip(
            link,
            self.tr(
                "What came on top of the first answer, and what blind judges say; their price is told first"
            ),
        )
        link.clicked.connect(lambda _=False: self.worth_wanted.emit())
        return link

    def _show_any(self, any_: bool) -> None:
        self._empty.setVisible(not any_)
        self._tools.setVisible(any_)
        self.view.setVisible(any_)

    def _offer(self, there: list[NodeName]) -> None:
        if self.feed is None or self._pair is None:
            return
        state = self.feed.state
        labels = [compare_facts.label(state, name) for name in there]
        for combo, name in zip((self.old, self.new), self._pair, strict=True):
            if labels != self._labels:
                combo.clear()
                combo.addItems(labels)
            combo.setCurrentIndex(there.index(name))
            plain_tooltip(combo, combo.currentText())
        self._offered, self._labels = there, labels

    def _show_chain(self, chain: list[NodeName]) -> None:
        """``Draft ↔ Final``, and ``D → R1.A2 → R2.A3``: each winner to be compared with the one before."""
        has_draft = DRAFT in self._offered
        if (has_draft, chain) == self._chain:
            return
        self._chain = (has_draft, chain)
        self._steps.setVisible(has_draft or len(chain) > 1)
        while (item := self._steps_flow.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        if has_draft:
            both = button(self.tr("Draft ↔ Final"), "link")
            both.clicked.connect(self._draft_and_final)
            self._steps_flow.addWidget(both)
        for at, name in enumerate(chain if len(chain) > 1 else []):
            each = button(f"→ {name}" if at else name, "link")
            before = chain[at - 1] if at else name
            after = name if at else chain[1]
            each.setAccessibleName(self.tr("What changed from {old} to {new}").format(old=before, new=after))
            plain_tooltip(each, each.accessibleName())
            each.clicked.connect(lambda _=False, pair=(before, after): self.compare(*pair))
            self._steps_flow.addWidget(each)

    def _chosen(self, _index: int) -> None:
        self.compare(self._offered[self.old.currentIndex()], self._offered[self.new.currentIndex()])

    def _swap(self) -> None:
        if self._pair is not None:
            self.compare(self._pair[1], self._pair[0])

    def _draft_and_final(self) -> None:
        pair = compare_facts.draft_and_final(self.feed.state) if self.feed is not None else None
        if pair is not None:
            self.compare(*pair)

    def _step(self, by: int) -> None:
        if self.isVisible() and self.comparison is not None:
            at = self.view.step(by)
            self._tell(self.comparison, at)

    def _copy(self) -> None:
        if self.comparison is not None:
            QGuiApplication.clipboard().setText(marked_text(self.comparison))
            self.ui.notices.say(self.tr("The comparison is copied."))

    def _compare_texts(self, old: str, new: str) -> None:
        if (old, new) == self._texts:
            if self.comparison is not None and self._told_for == self._texts:
                self._tell(self.comparison, self.view.change)  # the same words may be another pair's
            return
        self._texts = (old, new)
        if len(old) + len(new) <= AT_ONCE_CHARACTERS:
            self._show(compare(old, new))
            return
        self.comparison = None  # the names above are those of the new two already
        self.view.show_comparison(None)
        self.figures.setText(self.tr("Comparing…"))
        self.ui.tasks.start(self._compare_aside(old, new), name="compare")

    async def _compare_aside(self, old: str, new: str) -> None:
        found = await self.ui.tasks.offload(compare, old, new)
        if self._texts == (old, new):
            self._show(found)

    def _show(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self._told_for = self._texts
        self.view.show_comparison(comparison)
        self._tell(comparison, -1)

    def _tell(self, comparison: Comparison, at: int) -> None:
        if self._pair is not None:
            self.figures.setText(
                compare_facts.figures(comparison, *self._pair, at=at, is_cut=self.view.is_cut)
            )
