"""The view of one answer: give it the text, whole or as it arrives; it reads, builds and places what is seen.

Reading is ``stream``, placing is ``flow``. Every turn of the loop does a bounded piece and asks the pulse
for the next. Its height follows its width (``heightForWidth``), so it lives in any layout inside a scroll
area.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QRect, QSize, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QHideEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cort_desktop.domain.texts import clean
from cort_desktop.gui.markdown import limits, links, words
from cort_desktop.gui.markdown.builder import Builder
from cort_desktop.gui.markdown.context_menu import context_menu
from cort_desktop.gui.markdown.flow import Flow
from cort_desktop.gui.markdown.found_places import FoundPlaces
from cort_desktop.gui.markdown.grouping import Kind
from cort_desktop.gui.markdown.link_dialog import LinkDialog, Opener
from cort_desktop.gui.markdown.look import Look
from cort_desktop.gui.markdown.part import Part
from cort_desktop.gui.markdown.selecting import Selecting
from cort_desktop.gui.markdown.shortened import Shortened
from cort_desktop.gui.markdown.stream import Stream
from cort_desktop.gui.markdown.text_window import TextWindow
from cort_desktop.gui.markdown.values import Block
from cort_desktop.gui.pulse import Pulse
from cort_desktop.gui.theme import Theme

_REACH = 700
_RESTS_FROM = (800, 800, 6_000)
"""Above these lengths a growing text is shown every second beat (15 times a second), then every third."""
_BAR = 3


class MarkdownView(QWidget):
    """Shows one text. ``opener`` is called with an address a person agreed to open."""

    height_changed = Signal()
    """It needs another height at the same width."""
    shifted = Signal(int)
    """What is above the visible part grew by so many pixels: scroll by as much and nothing moves."""
    reveal = Signal(QRect)
    """Scroll so that this place of the view is seen: a match, or the caret."""

    def __init__(self, theme: Theme, pulse: Pulse, opener: Opener, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._pulse, self._opener = theme, pulse, opener
        self._text = ""
        self._is_raw = self._is_finished = self._has_more = self._has_news = False
        self._wait = 0
        self._stream = Stream()
        self._builder = Builder(self, pulse)
        self._flow = Flow(self, Look.of(theme), self._builder.make)
        self._builder.resized.connect(lambda: pulse.ask(self._settle))
        self._builder.asked.connect(self.follow)
        self._builder.made.connect(self._made)
        self._found = FoundPlaces(self, self._flow)
        self._selecting = Selecting(self, self._flow, self._build_all)
        self._shortened = Shortened(self)
        self._shortened.copy.clicked.connect(self.copy_all)
        self._shortened.open.clicked.connect(self.open_as_text)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self._restyle)

    # the text

    @property
    def text(self) -> str:
        """The text as it was given, to the last character."""
        return self._text

    def plain_text(self) -> str:
        """The words without their Markdown, true characters throughout."""
        return "\n\n".join(words.copied(block) for block in self._stream.blocks)

    def set_text(self, text: str) -> None:
        """Show a whole text."""
        if self._text and not self._is_finished and text.startswith(self._text):
            self._text = text
            self.finish()
        elif text != self._text or not self._is_finished:
            self._text, self._is_finished = text, True
            self._begin()

    def stream(self, text_so_far: str) -> None:
        """Show a text that is still growing. Call it from the pulse."""
        if self._is_finished or not text_so_far.startswith(self._text):
            self._is_finished, self._text = False, text_so_far
            self._begin()
            return
        self._text = text_so_far
        if self._wait:
            self._has_news = True
        else:
            self._take_in()

    def _take_in(self) -> None:
        """Show the text as it is now; a long one then rests for a beat or two."""
        self._has_news = False
        self._grow()
        self._wait = sum(len(self._text) > length for length in _RESTS_FROM)
        if self._wait:
            self._pulse.ask(self._rest)

    def _rest(self) -> None:
        self._wait = max(0, self._wait - 1)
        if self._wait:
            self._pulse.ask(self._rest)
        elif self._has_news:
            self._take_in()
        elif self._stream.is_behind:
            self._read(at_once=True)

    def append(self, text: str) -> None:
        """Add to the text."""
        self.stream(self._text + text)

    def finish(self) -> None:
        """No more will come."""
        if not self._is_finished:
            self._is_finished, self._has_news, self._wait = True, False, 0
            self._grow()

    @property
    def is_raw(self) -> bool:
        """Whether the text is shown as it is written."""
        return self._is_raw

    def set_raw(self, is_raw: bool) -> None:
        """Show the text as it is written, or as it is meant."""
        if is_raw != self._is_raw:
            self._is_raw = is_raw
            self._flow.clear()
            self._flow.look = self._look()
            self._begin()

    @property
    def _is_shortened(self) -> bool:
        return len(self._text) > limits.PREVIEW_FROM

    def _begin(self) -> None:
        self._has_news, self._wait = False, 0
        self._selecting.forget()
        self._stream = Stream(is_raw=self._is_raw or self._is_shortened)
        self._flow.show(lambda _at: (), 0)
        self._grow()

    def _grow(self) -> None:
        if self._is_shortened and not self._stream.is_raw:
            self._begin()
            return
        self._stream.grow(self._text[: limits.PREVIEW_CHARACTERS] if self._is_shortened else self._text)
        if self._is_shortened:
            self._shortened.say(len(self._text))
        else:
            self._shortened.hide()
        if self._is_finished:
            self._stream.finish()
        self._read()

    # one turn of work

    def _read(self, *, at_once: bool = False) -> None:
        self._has_more = self._stream.advance(at_once=at_once)
        before = self._flow.height
        start = self._flow.show(self._blocks_from, self._stream.changed())
        near = self._flow.in_reach(self._seen(0 if self._is_finished and self._has_more else _REACH))
        self._built(self._builder.build(self._flow, [at for at in near if at >= start]))
        if self._found.count:
            self._found.again()
        self._tell(before)
        if self._has_more:
            self._pulse.ask(self._work)

    def _blocks_from(self, first: int) -> Sequence[Block]:
        still_open = (
            () if self._is_finished and self._has_more else self._stream.open
        )  # a whole text has no open end
        return [*self._stream.done[first:], *still_open]

    def _seen(self, reach: int) -> QRect:
        """What is seen and ``reach`` pixels beyond; the beginning of a text that isn't shown yet."""
        seen = self.visibleRegion().boundingRect()
        return QRect(0, 0, 1, _REACH) if seen.isEmpty() else seen.adjusted(0, -reach, 0, reach)

    def _work(self) -> None:
        """The next piece: read on, then build and refresh what can be seen."""
        if self._has_more:
            self._read()
            return
        seen = self.visibleRegion().boundingRect()
        if seen.isEmpty():
            return
        self._set_width(self.width())  # a layout may have asked for another, and then changed nothing
        before = self._flow.height
        anchor = self._flow.slots[self._flow.slot_at(seen.top())] if self._flow.slots else None
        top = anchor.top if anchor else 0
        reach = self._flow.in_reach(seen.adjusted(0, -_REACH, 0, _REACH))
        first_seen = self._flow.slot_at(seen.top())
        reach = [
            *(at for at in reach if at >= first_seen),
            *(at for at in reversed(reach) if at < first_seen),
        ]
        is_done = self._built(self._builder.build(self._flow, reach)) and self._builder.refresh(
            self._flow, reach
        )
        if anchor is not None and anchor.top != top:
            self.shifted.emit(anchor.top - top)
        self._tell(before)
        if not is_done:
            self._pulse.ask(self._work)

    def _built(self, is_done: bool | None) -> bool:  # None: there was nothing to build
        if is_done is not None:
            self._selecting.made()
            if self._found.count:
                self._found.colour()
        return is_done is not False

    def _build_all(self) -> None:
        before = self._flow.height
        self._builder.build_all(self._flow)
        self._tell(before)

    def _made(self, part: Part) -> None:
        self._selecting.watch(part)

    def _tell(self, before: int) -> None:
        self._place_note()
        if self._flow.height != before or self._is_cut:
            self.updateGeometry()
            self.height_changed.emit()

    @property
    def _is_cut(self) -> bool:
        """Whether it has less than the height it needs at its width: its last line is cut."""
        is_ours = self._flow.width == min(self.width(), self._flow.look.wide)
        return self.isVisible() and is_ours and self._flow.height > self.height()

    def _settle(self) -> None:
        """Some parts need another height."""
        before = self._flow.height
        self._flow.place()
        self._tell(before)

    # selection, copying, links

    def selected_text(self) -> str:
        """What is selected, over all parts."""
        return self._selecting.text()

    def select_all(self) -> None:
        """Select the whole text."""
        self._selecting.select_all()

    def clear_selection(self) -> None:
        """Select nothing."""
        self._selecting.clear()

    def copy(self) -> bool:
        """The selection to the clipboard. Returns whether there was one."""
        return self._selecting.copy()

    def copy_all(self) -> None:
        """The whole text as it was given to the clipboard."""
        QGuiApplication.clipboard().setText(clean(self._text))

    def open_as_text(self) -> None:
        """The whole text in a window of its own."""
        TextWindow(self._text, Look.of(self._theme), self._pulse, self).open()

    def follow(self, address: str) -> None:
        """Ask whether to open an address; nothing happens with one that may not be opened."""
        link = links.link(address)
        if link is not None:
            LinkDialog(link, self._opener, self).open()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        context_menu(self, event.globalPos()).popup(event.globalPos())

    # finding

    def find(self, query: str) -> int:  # type: ignore[override]  # Qt's finds widgets by window handle
        """Look for words and colour them; an empty query ends it. Returns how many places there are."""
        return self._found.search(query)

    def go_to(self, number: int | None) -> QRect | None:
        """Look at match ``number`` from 0; None: at none. Returns its place and sends ``reveal``."""
        before = self._flow.height
        place = self._found.go_to(number)
        self._tell(before)
        if place is not None:
            self.reveal.emit(place)
        return place

    # geometry and looks

    def heightForWidth(self, width: int) -> int:
        self._set_width(width)
        note = 0 if self._shortened.isHidden() else self._shortened.sizeHint().height()
        return self._flow.height + note

    def hasHeightForWidth(self) -> bool:
        return True

    def sizeHint(self) -> QSize:
        width = self._flow.width or self._flow.look.wide
        return QSize(self._flow.look.wide, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(1, self.heightForWidth(self._flow.width) if self._flow.width else 1)

    def _set_width(self, width: int) -> None:
        width = min(width, self._flow.look.wide)
        if width != self._flow.width:
            self._flow.width = width
            self._flow.let_go_beyond(self._seen(2 * _REACH))
            self._flow.place()
            self._place_note()

    def _place_note(self) -> None:
        self._shortened.setGeometry(
            0, self._flow.height, self._flow.width, self._shortened.sizeHint().height()
        )

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._set_width(self.width())  # also where it is the same: a layout may have asked for another since
        self._pulse.ask(self._work)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Seen places that aren't built yet are asked for; quotes around parts get their bars."""
        self._pulse.ask(self._work)
        painter = QPainter(self)
        colour = self._flow.look.colour("line_strong")
        for index in self._flow.in_reach(event.rect()):
            slot = self._flow.slots[index]
            bars = self._flow.look.bars(slot.group.blocks[0].frame)
            if bars and slot.group.kind is not Kind.PROSE:
                for bar in bars:
                    painter.fillRect(bar, slot.top, _BAR, slot.height, colour)
            for bar in set(bars) & self._bars_before(index):
                above = self._flow.slots[index - 1]
                painter.fillRect(
                    bar, above.top + above.height - 1, _BAR, slot.top - above.top - above.height + 2, colour
                )

    def _bars_before(self, index: int) -> set[int]:
        """The quote bars that come down from the slot above."""
        return (
            set(self._flow.look.bars(self._flow.slots[index - 1].group.blocks[-1].frame)) if index else set()
        )

    def hideEvent(self, _event: QHideEvent) -> None:
        self._pulse.forget(self._work)
        if self._has_more:
            self._pulse.ask(self._work)

    def _look(self) -> Look:
        look = Look.of(self._theme)
        return replace(look, body=look.mono) if self._is_raw else look

    def _restyle(self) -> None:
        self._flow.look = self._look()
        for slot in self._flow.slots:
            slot.is_stale = slot.part is not None
        self._flow.place()
        self._pulse.ask(self._work)
        self.update()
