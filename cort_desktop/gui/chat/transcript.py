"""The conversation as it is read: a scroll area that makes only the turns near what is seen.

Nothing moves under a reader: the first turn that is seen stays where it is while others grow or are made. At
the end it stays at the end, as long as the reader does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from cort_desktop.domain.ids import RunId, TurnId
from cort_desktop.domain.library import TurnView
from cort_desktop.gui.chat.column import Column
from cort_desktop.gui.chat.look import Problem
from cort_desktop.gui.chat.made_turns import MadeTurns
from cort_desktop.gui.chat.turn import TurnWidget
from cort_desktop.gui.markdown.look import Look
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import FocusRing, button

SIDE_PX, BOTTOM_PX = 24, 28
_AHEAD = 1.0
"""How many screens beyond what is seen are made."""
_KEPT = 5.0
"""How many screens beyond it are kept."""
_AT_END_PX = 24
_TRIES = 6


class Transcript(QScrollArea):
    """``made`` are the turns that are widgets now; ``seen`` has the TurnView in the middle."""

    seen = Signal(object)
    escaped = Signal()

    def __init__(
        self,
        ui: Ui,
        problem: Callable[[RunId], Problem | None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = ui.theme
        self._column = Column()
        self._is_at_end = True
        self._is_placing = False
        self._shift = 0
        self._fresh: TurnId | None = None
        self._widest = Look.of(ui.theme).wide
        self.setObjectName("transcript")
        self.setAccessibleName(self.tr("Conversation"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        FocusRing(self)
        self._sheet = QWidget()
        self._sheet.installEventFilter(self)
        self.setWidget(self._sheet)
        self.made = MadeTurns(ui, problem, self._sheet)
        self.made.shifted.connect(self._shifted)
        self.made.reveal.connect(self.show_point)
        self.verticalScrollBar().setSingleStep(24)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self._latest = button(self.tr("Jump to the latest ↓"), parent=self)
        self._latest.clicked.connect(self.to_end)
        self._latest.hide()
        ui.theme.changed.connect(self._restyled)

    # -- what is shown -----------------------------------------------------------------------------

    def show_turns(self, turns: Sequence[TurnView], *, from_the_end: bool) -> None:
        """Show these turns; ``from_the_end``: another conversation, read from its end."""
        if from_the_end:
            self._is_at_end = True
        for gone in self._column.show(turns):
            self.made.let_go(gone)
        for number, place in enumerate(self._column.places, start=1):
            self.made.refresh(place.turn, number)
        self._lay_out()
        self._tell_seen()

    # -- where it is ---------------------------------------------------------------------------------

    def expect(self, turn: TurnId) -> None:
        """A question was just asked here: it is followed; an answer that comes at once begins at the top."""
        self._fresh = turn
        self._is_at_end = True

    def to_end(self) -> None:
        """Go to the end, and stay there."""
        self._is_at_end = True
        self._lay_out()

    def to_turn(self, turn: TurnId) -> TurnWidget | None:
        """Bring a turn into view and make it."""
        index = self._column.index(turn)
        if index is None:
            return None
        self._is_at_end = False
        for _ in range(_TRIES):
            top = self._column.places[index].top
            if self.verticalScrollBar().value() == min(top, self.verticalScrollBar().maximum()):
                break
            self.verticalScrollBar().setValue(top)
        self._lay_out()
        self._is_at_end = self._at_end
        return self.made.get(turn)

    def show_point(self, widget: QWidget, y: int) -> None:
        """Scroll so that a point of a turn is seen, a third from the top, unless it is seen already."""
        top = widget.mapTo(self._sheet, widget.rect().topLeft()).y() + y
        at, page = self.verticalScrollBar().value(), self.viewport().height()
        if not at + 16 <= top <= at + page - 48:
            self._is_at_end = False
            self.verticalScrollBar().setValue(top - page // 3)

    @property
    def turns(self) -> list[TurnView]:
        """What is shown, made or not."""
        return [place.turn for place in self._column.places]

    @property
    def last_made(self) -> TurnWidget | None:
        """The widget of the last turn."""
        return self.made.get(self._column.places[-1].turn.turn.id) if self._column.places else None

    @property
    def middle(self) -> TurnView | None:
        """The turn a reader looks at: the last one at the end, else the one across the middle."""
        if not self._column.places:
            return None
        if self._is_at_end:
            return self._column.places[-1].turn
        line = self.verticalScrollBar().value() + self.viewport().height() // 2
        found = self._column.within(line, line + 1)
        return self._column.places[found[0] if found else -1].turn

    # -- making and placing --------------------------------------------------------------------------

    def _lay_out(self) -> None:
        """Make what is near, measure it, and put everything in its place without moving the reader."""
        if self._is_placing or not self.isVisible():
            return
        self._is_placing = True
        anchor = self._anchor()
        width = self._text_width()
        self._column.set_width(width)
        for _ in range(_TRIES):
            self._put(anchor)
            if not self._make_near(width):
                break
        self._put(anchor)
        self._shift = 0
        self._drop_far()
        self._is_placing = False
        self._place_latest()

    def _anchor(self) -> tuple[TurnId, int] | None:
        """The first turn that is seen and how far its top is from that of the view; None: the end."""
        if self._is_at_end and not self._outgrows():
            return None
        if self._is_at_end and self._fresh is not None:
            turn, self._fresh, self._is_at_end = self._fresh, None, False
            return turn, 0
        top = self.verticalScrollBar().value()
        seen = self._column.within(top, top + self.viewport().height())
        measured = [index for index in seen if self._column.places[index].is_measured]
        for index in measured or seen:
            place = self._column.places[index]
            return place.turn.turn.id, place.top - top
        return None

    def _outgrows(self) -> bool:
        """Whether the answer that was waited for is there at once and has no room; a stream is followed."""
        widget = self.made.get(self._fresh)
        if widget is None or not widget.answer.look.text:
            return False
        if widget.answer.look.is_open:
            self._fresh = None
            return False
        return _height(widget, self._text_width()) > self.viewport().height()

    def _put(self, anchor: tuple[TurnId, int] | None) -> None:
        page = self.viewport().height()
        height = self._column.height + BOTTOM_PX
        self._sheet.resize(self.viewport().width(), max(page, height))
        left = (self.viewport().width() - self._text_width()) // 2
        for place in self._column.places:
            widget = self.made.get(place.turn.turn.id)
            if widget is not None:
                widget.setGeometry(left, place.top, self._text_width(), place.height)
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, height - page))
        bar.setPageStep(page)
        index = None if anchor is None else self._column.index(anchor[0])
        if anchor is None or index is None:
            bar.setValue(bar.maximum() if self._is_at_end else bar.value())
        else:
            bar.setValue(self._column.places[index].top - anchor[1] + self._shift)

    def _make_near(self, width: int) -> bool:
        """Make the turns near what is seen; whether any of them is not as high as was thought."""
        page = self.viewport().height()
        top = self.verticalScrollBar().value()
        near = self._column.within(int(top - _AHEAD * page), int(top + (1 + _AHEAD) * page))
        changed = False
        for index in near:
            widget = self.made.have(self._column.places[index].turn, index + 1)
            changed |= self._column.measured(index, _height(widget, width))
        return changed

    def _drop_far(self) -> None:
        """Let go of turns far from what is seen."""
        page, top = self.viewport().height(), self.verticalScrollBar().value()
        kept = self._column.within(int(top - _KEPT * page), int(top + (1 + _KEPT) * page))
        self.made.keep({self._column.places[index].turn.turn.id for index in kept})

    def _text_width(self) -> int:
        return max(120, min(self._widest, self.viewport().width() - 2 * SIDE_PX))

    # -- what Qt tells -------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A turn has another height now."""
        if watched is self._sheet and event.type() == QEvent.Type.LayoutRequest:
            self._lay_out()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self._lay_out()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bar = self.verticalScrollBar()
        if event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        elif event.key() == Qt.Key.Key_Home:
            bar.setValue(0)
        elif event.key() == Qt.Key.Key_End:
            self.to_end()
        elif event.key() == Qt.Key.Key_Space:
            step = bar.pageStep() - 48
            bar.setValue(
                bar.value() + (-step if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else step)
            )
        else:
            super().keyPressEvent(event)

    def _scrolled(self, _value: int) -> None:
        if self._is_placing:
            return
        self._is_at_end = self._at_end
        self._lay_out()
        self._tell_seen()

    def _shifted(self, pixels: int) -> None:
        """What an answer has above the visible part has grown; its own layout follows."""
        self._shift += pixels

    @property
    def _at_end(self) -> bool:
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum() - _AT_END_PX

    def _tell_seen(self) -> None:
        self.seen.emit(self.middle)

    def _restyled(self) -> None:
        self._widest = Look.of(self._theme).wide
        self._column.set_width(0)
        self._lay_out()

    def _place_latest(self) -> None:
        bar = self.verticalScrollBar()
        self._latest.setVisible(bar.value() < bar.maximum() - _AT_END_PX)
        self._latest.adjustSize()
        room = self.viewport().rect()
        self._latest.move(
            room.center().x() - self._latest.width() // 2, room.bottom() - self._latest.height() - 8
        )
        self._latest.raise_()


def _height(widget: TurnWidget, width: int) -> int:
    """How high a turn is at that width, with all that is in it laid out."""
    layout = widget.layout()
    if layout is None:
        return widget.sizeHint().height()
    if widget.width() != width:
        widget.resize(width, widget.height())
    layout.activate()
    return layout.heightForWidth(width) if layout.hasHeightForWidth() else layout.sizeHint().height()
