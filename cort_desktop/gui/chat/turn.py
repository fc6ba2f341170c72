"""One turn of the transcript: a question and the answer of the run that counts, following the run's feed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget
from shiboken6 import isValid

from cort_desktop.domain.ids import RunId, TurnId
from cort_desktop.domain.library import RunRow, TurnView
from cort_desktop.gui.chat.answer import AnswerPart
from cort_desktop.gui.chat.look import Look, Problem, look_at, look_at_hidden, look_at_row
from cort_desktop.gui.chat.question import QuestionPart
from cort_desktop.gui.run_feed import Changes, RunFeed
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import PartsColumn

BETWEEN_PX = 12
ABOVE_PX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person asked for at a turn: ``verb`` is an offer of ``look``, or edit, pin, why, turn, run,
    file.

    ``place`` is the sibling or run that was turned to; ``file`` the attachment to read.
    """

    verb: str
    turn: TurnView
    run: RunId | None = None
    place: int = 0
    file: object = None


class TurnWidget(PartsColumn):
    """``wished`` has a Wish."""

    wished = Signal(object)

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.feed: RunFeed | None = None
        self._turn: TurnView | None = None
        self._problem: Callable[[RunId], Problem | None] = lambda _run: None
        self._veil = ui.veil
        ui.veil.changed.connect(self._draw)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, ABOVE_PX, 0, 0)
        column.setSpacing(BETWEEN_PX)
        self.question = QuestionPart(ui.theme)
        self.answer = AnswerPart(ui)
        column.addWidget(self.question)
        column.addWidget(self.answer)
        self.question.edit_wanted.connect(lambda: self._wish("edit"))
        self.question.pin_wanted.connect(lambda: self._wish("pin"))
        self.question.sibling_chosen.connect(lambda place: self._wish("turn", place=place))
        self.question.file_opened.connect(lambda file: self._wish("file", file=file))
        self.answer.offered.connect(self._wish)
        self.answer.why.connect(lambda: self._wish("why"))
        self.answer.run_chosen.connect(lambda place: self._wish("run", place=place))

    def show_turn(self, turn: TurnView, number: int, problem: Callable[[RunId], Problem | None]) -> None:
        """Show a turn, the ``number``th from 1; ``problem`` tells what went wrong with a run."""
        self._turn, self._problem = turn, problem
        self.question.show_turn(turn, number)
        self.answer.name(number)
        if self.feed is not None and self.feed.run != turn.turn.active:
            self.follow(None)
        elif self.feed is None:
            self._draw_row(turn.active)
        self._show_runs()

    @property
    def turn_id(self) -> TurnId | None:
        """Which turn this is."""
        return self._turn.turn.id if self._turn is not None else None

    @property
    def run(self) -> RunId | None:
        """The run whose answer is shown."""
        return self._turn.turn.active if self._turn is not None else None

    def follow(self, feed: RunFeed | None) -> None:
        """Show this run from now on; None: what the row tells of it."""
        if feed is not self.feed:
            self.release()
            self.feed = feed
            if feed is not None:
                feed.changed.connect(self._changed)
        self._draw()

    def release(self) -> None:
        """Let the feed go. It may be gone already: it was forgotten, to be read anew."""
        if self.feed is not None and isValid(self.feed):
            self.feed.changed.disconnect(self._changed)
        self.feed = None

    def _changed(self, _changes: Changes) -> None:
        self._draw()

    def _draw(self) -> None:
        if self._turn is None:
            return
        if self.feed is None:
            self._draw_row(self._turn.active)
        else:
            hidden = self._veil.hides(self.feed)
            look = look_at(self.feed, self._problem(self.feed.run))
            self.answer.show_look(look_at_hidden(self.feed.state) if hidden else look)
            started = self.feed.state.started
            if started is not None:
                self.question.show_attachments(started.attachments)
        self._show_runs()

    def _draw_row(self, row: RunRow | None) -> None:
        """Before the log was read; whether the run was ranked is not known then."""
        self.answer.show_look(Look() if self._veil.is_on else look_at_row(row))

    def _show_runs(self) -> None:
        if self._turn is None:
            return
        ids = [row.id for row in self._turn.runs]
        place = ids.index(self._turn.turn.active) if self._turn.turn.active in ids else 0
        is_busy = self.feed is not None and (self.feed.is_working or self.feed.origin != "run")
        self.answer.show_runs(place, max(1, len(ids)), is_working=is_busy)

    def _wish(self, verb: str, *, place: int = 0, file: object = None) -> None:
        if self._turn is not None:
            self.wished.emit(Wish(verb=verb, turn=self._turn, run=self.run, place=place, file=file))
