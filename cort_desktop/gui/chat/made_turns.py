"""The turns that are widgets now: made when they come near what is seen, let go when they are far from it.

Where they stand is ``column``; when they are made is ``transcript``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import partial

from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtWidgets import QApplication, QWidget

from cort_desktop.domain.ids import RunId, TurnId
from cort_desktop.domain.library import TurnView
from cort_desktop.gui.chat.look import Problem
from cort_desktop.gui.chat.turn import TurnWidget
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.gui.ui import Ui


class MadeTurns(QObject):
    """``made`` has a new TurnWidget, ``shifted`` by how much an answer grew above what is seen of it,
    ``reveal`` a widget and a place in it that is to be seen.
    """

    wished = Signal(object)
    feed_wanted = Signal(object)
    made = Signal(object)
    shifted = Signal(int)
    reveal = Signal(object, int)

    def __init__(self, ui: Ui, problem: Callable[[RunId], Problem | None], sheet: QWidget) -> None:
        super().__init__(sheet)
        self._ui, self._problem, self._sheet = ui, problem, sheet
        self._turns: dict[TurnId, TurnWidget] = {}
        self._is_raw = False

    def __iter__(self) -> Iterator[TurnWidget]:
        return iter(list(self._turns.values()))

    def get(self, turn: TurnId | None) -> TurnWidget | None:
        """The widget of a turn, if there is one."""
        return None if turn is None else self._turns.get(turn)

    def have(self, turn: TurnView, number: int) -> TurnWidget:
        """The widget of the ``number``th turn, from 1; made if need be."""
        known = self._turns.get(turn.turn.id)
        return self._make(turn, number) if known is None else known

    def refresh(self, turn: TurnView, number: int) -> None:
        """Something of a turn is different now; nothing happens to one that is not made."""
        widget = self._turns.get(turn.turn.id)
        if widget is not None:
            widget.show_turn(turn, number, self._problem)
            self.feed_wanted.emit(turn)

    def take_feed(self, feed: RunFeed) -> None:
        """Follow a run in the turn it belongs to, if that is made."""
        for widget in self:
            if widget.run == feed.run:
                widget.follow(feed)

    def redraw(self, run: RunId) -> None:
        """Something was said of a run that its feed doesn't tell."""
        for widget in self:
            if widget.run == run and widget.feed is not None:
                widget.follow(widget.feed)

    def set_raw(self, is_raw: bool) -> None:
        """Show all answers as they were written, or as they are read; later ones too."""
        self._is_raw = is_raw
        for widget in self:
            widget.answer.set_raw(is_raw)

    def keep(self, turns: Collection[TurnId]) -> None:
        """Let go of all others, but not of one that has the focus."""
        focused = QApplication.focusWidget()
        for turn in [each for each in self._turns if each not in turns]:
            if focused is None or not self._turns[turn].isAncestorOf(focused):
                self.let_go(turn)

    def let_go(self, turn: TurnId) -> None:
        """This one is no longer needed."""
        widget = self._turns.pop(turn, None)
        if widget is not None:
            widget.release()
            widget.hide()
            widget.deleteLater()

    def _make(self, turn: TurnView, number: int) -> TurnWidget:
        widget = TurnWidget(self._ui, self._sheet)
        self._turns[turn.turn.id] = widget
        view = widget.answer.view
        widget.answer.set_raw(self._is_raw)
        widget.wished.connect(self.wished)
        view.shifted.connect(self.shifted)
        view.reveal.connect(partial(self._reveal, view))
        widget.show_turn(turn, number, self._problem)
        self.feed_wanted.emit(turn)
        widget.show()
        self.made.emit(widget)
        return widget

    def _reveal(self, view: QWidget, rect: QRect) -> None:
        self.reveal.emit(view, rect.top())
