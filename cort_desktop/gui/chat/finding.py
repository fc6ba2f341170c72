"""Find in this conversation: a bar with the words, “3 of 17” and the way to the next; all hits are marked."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLineEdit, QWidget

from cort_desktop.domain.ids import TurnId
from cort_desktop.gui.chat.hits import FoundAt, Hits, Part, words_shown
from cort_desktop.gui.chat.transcript import Transcript
from cort_desktop.gui.chat.turn import TurnWidget
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import IconButton, PlainLabel, set_role

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Finding(QFrame):
    """The bar; hidden until it is opened. ``closed`` follows when it is."""

    closed = Signal()

    def __init__(self, ui: Ui, transcript: Transcript, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._transcript = transcript
        self._ui = ui
        self._hits: Hits | None = None
        self._place = 0
        self._shown: dict[str, str] = {}
        self._marked: dict[TurnId, tuple[int, int]] = {}
        set_role(self, "find-bar")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 12, 6)
        row.setSpacing(6)
        self._field = QLineEdit()
        self._field.setAccessibleName(self.tr("Find in this conversation"))
        self._field.setPlaceholderText(self.tr("Find in this conversation"))
        self._field.setClearButtonEnabled(True)
        self._count = PlainLabel("", "small")
        back = IconButton(ui.theme, "arrow-up", self.tr("Previous hit"))
        on = IconButton(ui.theme, "arrow-down", self.tr("Next hit"))
        close = IconButton(ui.theme, "x", self.tr("Close the search"))
        row.addWidget(self._field, 1)
        for each in (self._count, back, on, close):
            row.addWidget(each)
        self._field.textChanged.connect(self._search)
        back.clicked.connect(self.previous)
        on.clicked.connect(self.next)
        close.clicked.connect(self.close_bar)
        transcript.made.made.connect(self._mark_made)
        self.hide()

    def open(self) -> None:
        """Show the bar, with the last words chosen."""
        self.show()
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._field.selectAll()
        self._search(self._field.text())
        self._ui.tasks.start(self._read(), name="find")

    def look_for(self, words: str, turn: TurnId, part: Part) -> None:
        """Show the bar with words that were found elsewhere, at their first place in a part of a turn; the
        focus stays where it is.
        """
        self.show()
        was = self._field.blockSignals(True)
        self._field.setText(words)
        self._field.blockSignals(was)
        self._search(words)
        if self._hits is not None:
            self._place = self._hits.first_of(turn, part)
            self._go()
            self._ui.tasks.start(self._read(), name="find")

    def look_again(self) -> None:
        """Other turns or answers are shown now; the hit that was looked at stays it, and nothing scrolls."""
        before = self._hits
        if self.isHidden() or before is None:
            return
        looked_at = before.at(self._place)
        hits = self._count_all(before.words)
        self._place = 0 if looked_at is None else hits.number(looked_at)
        self._say(hits)
        self._ui.tasks.start(self._read(), name="find")

    def close_bar(self) -> None:
        """Hide it and take the marks away."""
        if not self.isHidden():
            self._end()
            self.closed.emit()

    def leave(self) -> None:
        """The same because another conversation is shown: who is elsewhere meanwhile stays there."""
        focused = QApplication.focusWidget()
        if focused is not None and self.isAncestorOf(focused):
            self.close_bar()
        elif not self.isHidden():
            self._end()

    def next(self) -> None:
        """Go to the next hit; after the last comes the first."""
        self._step(1)

    def previous(self) -> None:
        """Go to the hit before; before the first comes the last."""
        self._step(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        elif event.key() in _ENTER:
            is_back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._step(-1 if is_back else 1)
        else:
            super().keyPressEvent(event)

    async def _read(self) -> None:
        """Find out what the answers show that are not made yet."""
        rows = [turn.active for turn in self._transcript.turns]
        answers = {row.answer for row in rows if row is not None and row.answer}
        known = {each: words for each, words in self._shown.items() if each in answers}
        self._shown = known | await self._ui.tasks.offload(words_shown, answers - known.keys())
        if not self.isHidden() and self._hits is not None:
            looked_at = self._hits.at(self._place)
            self._hits = Hits(self._transcript.turns, self._hits.words, self._shown)
            for turn, (in_question, in_answer) in self._marked.items():
                self._hits.recount(turn, "question", in_question)
                self._hits.recount(turn, "answer", in_answer)
            self._place = 0 if looked_at is None else self._hits.number(looked_at)
            self._say(self._hits)

    def _search(self, words: str) -> None:
        if not words.strip():
            self._hits = None
            for widget in self._transcript.made:
                _mark(widget, "")
            self._count.setText("")
            return
        hits = self._count_all(words)
        seen = self._transcript.middle
        self._place = hits.first_in([seen.turn.id] if seen is not None else [])
        self._go()

    def _count_all(self, words: str) -> Hits:
        """Count anew, and mark what is made."""
        self._marked.clear()
        self._hits = hits = Hits(self._transcript.turns, words, self._shown)
        for widget in self._transcript.made:
            self._mark_made(widget)
        return hits

    def _end(self) -> None:
        self.hide()
        self._hits = None
        for widget in self._transcript.made:
            _mark(widget, "")

    def _step(self, step: int) -> None:
        if self.isHidden():
            self.open()
        elif self._hits is not None and self._hits.total:
            self._place = (self._place + step) % self._hits.total
            self._go()

    def _go(self) -> None:
        """Bring the hit into view. A turn that is made on the way may turn out to have more or fewer."""
        hits = self._hits
        if hits is None:
            return
        found = hits.at(self._place) if self._place < hits.total else hits.at(0)
        widget = self._transcript.to_turn(found.turn) if found is not None else None
        if found is not None and widget is not None:
            self._mark_made(widget, found)
        self._say(hits)

    def _mark_made(self, widget: TurnWidget, now: FoundAt | None = None) -> None:
        if self._hits is None or widget.turn_id is None:
            return
        self._marked[widget.turn_id] = questions, answers = _mark(widget, self._hits.words)
        self._hits.recount(widget.turn_id, "question", questions)
        self._hits.recount(widget.turn_id, "answer", answers)
        if now is not None and now.part == "question":
            words = widget.question.text_widget
            self._transcript.show_point(words, words.show_hit(now.nth))
        elif now is not None:
            widget.answer.view.go_to(now.nth)  # it says where, and the transcript goes there
        self._say(self._hits)

    def _say(self, hits: Hits) -> None:
        total = hits.total
        self._place = min(self._place, max(0, total - 1))
        words = self.tr("{place} of {total}").format(place=self._place + 1, total=total)
        self._count.setText(words if total else self.tr("nothing found"))


def _mark(widget: TurnWidget, words: str) -> tuple[int, int]:
    """Mark all hits of a turn; how many its question and its answer have."""
    return widget.question.text_widget.find_all(words), widget.answer.view.find(words)
