"""The rounds as columns: a round's candidates side by side, each a card to be read, the incumbent first."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QSpacerItem,
    QVBoxLayout,
    QWidget,
)

from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.gui.pulse import Pulse
from cort_desktop.gui.rounds.column_card import ColumnCard
from cort_desktop.gui.rounds.marks import Marks
from cort_desktop.gui.rounds.model import RunTreeModel
from cort_desktop.gui.selection import Selection
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import ElidedLabel, IconButton, PlainLabel
from cort_desktop.telling.states import fault_words, round_name, round_words

_MARGIN_PX = 12


def row_of(state: RunState, number: int) -> list[NodeName]:
    """Who stands side by side in a round: the incumbent it began with, if they share one, then its
    candidates.
    """
    round_ = state.rounds.get(number)
    if round_ is None:
        return []
    parents = [name for each in round_.candidates for name in state.nodes[each].parents[:1]]
    incumbent = [name for name in dict.fromkeys(parents) if name in state.nodes]
    is_shared = len(parents) <= 1 or parents.count(parents[0]) > 1
    return [*(incumbent[:1] if is_shared else []), *round_.candidates]


def rounds_of(state: RunState) -> list[int]:
    """The rounds that have candidates; the draft's own only where there is no other."""
    numbers = [number for number, round_ in sorted(state.rounds.items()) if round_.candidates]
    return [number for number in numbers if number > 0] or numbers


class ColumnsView(QWidget):
    """Follows the selection: shows the round of the node that is looked at."""

    def __init__(
        self,
        theme: Theme,
        pulse: Pulse,
        model: RunTreeModel,
        selection: Selection,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._pulse = pulse
        self._model = model
        self._selection = selection
        self._marks = Marks(theme, self)
        self._number: int | None = None
        self._wants_sight = True
        self.cards: dict[NodeName, ColumnCard] = {}
        self.setObjectName("roundColumns")
        self.setAccessibleName(self.tr("Candidates side by side"))
        self._back = IconButton(theme, "chevron-left", self.tr("Previous round"))
        self._on = IconButton(theme, "chevron-right", self.tr("Next round"))
        self._title = PlainLabel("", "strong")
        self._words = ElidedLabel("", "muted")
        self._row = QHBoxLayout()
        self._area = QScrollArea()
        self._build()
        across = self._area.horizontalScrollBar()
        across.rangeChanged.connect(lambda _least, _most: self._bring_into_sight())
        across.actionTriggered.connect(lambda _action: self._scrolled())
        self._back.clicked.connect(lambda: self._go(-1))
        self._on.clicked.connect(lambda: self._go(1))
        model.replaced.connect(self._replaced)
        model.told_anew.connect(self._refresh)
        selection.changed.connect(self._follow)
        theme.changed.connect(self._rebuild)
        QApplication.instance().focusChanged.connect(self._focus_moved)  # type: ignore[union-attr]

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(12, 4, 12, 4)
        head.setSpacing(8)
        for widget in (self._back, self._on, self._title):
            head.addWidget(widget)
        head.addWidget(self._words, 1)
        inside = QWidget()
        self._row.setContentsMargins(_MARGIN_PX, 4, _MARGIN_PX, 12)
        self._row.setSpacing(12)
        self._row.addItem(QSpacerItem(0, 0, QSizePolicy.Policy.Expanding))
        inside.setLayout(self._row)
        self._area.setWidget(inside)
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._area, 1)

    @property
    def number(self) -> int | None:
        """The round that is shown."""
        return self._number

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._follow()
        self._refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for card in self.cards.values():
            card.fit(self._room_px)

    @property
    def _room_px(self) -> int:
        return self._area.viewport().width() - 2 * _MARGIN_PX

    def _replaced(self) -> None:
        self._number = None
        self._clear()
        self._follow()
        self._refresh()

    def _rebuild(self) -> None:
        self._clear()
        self._refresh()

    def _follow(self) -> None:
        """Show the round of what is looked at, unless that already stands here."""
        if not self.isVisible() or self._model.feed is None:
            return
        node = self._selection.node
        if node is not None and node not in self.cards and node in self._model.feed.state.nodes:
            self._number = self._model.feed.state.nodes[node].round
            self._refresh()
        for name, card in self.cards.items():
            card.set_chosen(chosen=name == node)
        self._wants_sight = True
        self._bring_into_sight()

    def _bring_into_sight(self) -> None:
        """Called again when the cards get their places, until a person scrolls."""
        node = self._selection.node
        if self._wants_sight and node is not None and node in self.cards:
            self._area.ensureWidgetVisible(self.cards[node], _MARGIN_PX, 0)

    def _scrolled(self) -> None:
        self._wants_sight = False

    def _go(self, step: int) -> None:
        if self._model.feed is None:
            return
        numbers = rounds_of(self._model.feed.state)
        at = numbers.index(self._number) + step if self._number in numbers else 0
        if 0 <= at < len(numbers):
            self._number = numbers[at]
            self._refresh()

    def _refresh(self) -> None:
        """Cards for who is there, and what they say by now. Nothing is done while it can't be seen."""
        feed = self._model.feed
        if not self.isVisible() or feed is None or feed.state.started is None:
            return
        numbers = rounds_of(feed.state)
        if self._number not in numbers:
            self._number = numbers[-1] if numbers else None
        wanted = [] if self._number is None else row_of(feed.state, self._number)
        wanted = [name for name in wanted if self._model.index_of(name).isValid()]
        if list(self.cards) != wanted[: len(self.cards)]:
            self._clear()
        for name in wanted[len(self.cards) :]:
            self._add(name)
        for name, card in self.cards.items():
            node = feed.state.nodes[name]
            told = self._model.told_of(name)
            if told is not None:
                card.show_told(told)
            fault = fault_words(node) if node.status == "failed" else ""
            card.show_text(feed.text(name), fault, streams=node.status == "running" and feed.is_working)
        self._say_round(feed.state, numbers)

    def _say_round(self, state: RunState, numbers: list[int]) -> None:
        if self._number is None:
            return
        title = self.tr("{round} {n}").format(round=round_name(state), n=self._number)
        self._title.setText(title if self._number else self.tr("Draft"))
        self._words.setText(round_words(state, state.rounds[self._number]) if self._number else "")
        self._on.setEnabled(True)
        for button, other, end in ((self._back, self._on, numbers[0]), (self._on, self._back, numbers[-1])):
            if self._number == end and button.hasFocus():
                other.setFocus()  # else Qt would give it to a card, and choose that
            button.setEnabled(self._number != end)

    def _add(self, name: NodeName) -> None:
        card = ColumnCard(self._theme, self._pulse, self._marks, name)
        card.fit(self._room_px)
        card.chosen.connect(self._selection.select)
        card.set_chosen(chosen=name == self._selection.node)
        self._row.insertWidget(len(self.cards), card, 1)
        self.cards[name] = card

    def _focus_moved(self, _old: QWidget | None, now: QWidget | None) -> None:
        """A card that gets the keyboard is looked at."""
        if now is None or not self.isVisible():
            return
        for name, card in self.cards.items():
            if card.isAncestorOf(now):
                self._selection.select(name)
                return

    def focusInEvent(self, _event: QFocusEvent) -> None:
        """The keyboard goes to the card that is looked at."""
        card = self.cards.get(self._selection.node) if self._selection.node else None
        card = card or next(iter(self.cards.values()), None)
        if card is not None:
            card.area.setFocus(Qt.FocusReason.TabFocusReason)

    def _clear(self) -> None:
        for card in self.cards.values():
            self._row.removeWidget(card)
            card.deleteLater()
        self.cards = {}
