"""The answer of a turn: the text with its reasoning, how far it is, the strip below it, and its troubles."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cort_desktop.gui.chat.look import Look
from cort_desktop.gui.chat.preview_line import PreviewLine
from cort_desktop.gui.chat.reasoning import Reasoning
from cort_desktop.gui.chat.strip import Strip
from cort_desktop.gui.chat.text_window import open_text
from cort_desktop.gui.chat.trouble_card import TroubleCard
from cort_desktop.gui.markdown.view import MarkdownView
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import PartsColumn, PlainLabel, hline

_ICON_PX = 16


class AnswerPart(PartsColumn):
    """Shows a ``Look``. ``offered`` has a trouble's offer, or “price” when that of another answer is wanted;
    ``run_chosen`` a place among the runs.
    """

    offered = Signal(str)
    why = Signal()
    run_chosen = Signal(int)

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._look = Look()
        self._is_drawn = False
        self._runs = (0, 0, False)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self._reasoning = Reasoning(ui.theme)
        self.view = MarkdownView(ui.theme, ui.pulse, QDesktopServices.openUrl)
        self._waiting = self._build_waiting()
        self._trouble: TroubleCard | None = None
        self._line = hline()
        self._strip = Strip(ui.theme)
        self.preview = PreviewLine(ui.theme)
        for each in (self._reasoning, self.view, self._waiting, self._line, self._strip, self.preview):
            column.addWidget(each)
        self._strip.why.connect(self.why)
        self._strip.worth.connect(lambda: self.offered.emit("worth"))
        self._strip.copy.connect(self.copy)
        self._strip.again.connect(lambda: self.offered.emit("again"))
        self._strip.price_wanted.connect(lambda: self.offered.emit("price"))
        self._strip.run_chosen.connect(self.run_chosen)
        ui.theme.changed.connect(self._draw_icon)
        self._draw_icon()
        self.show_look(Look())

    def name(self, number: int) -> None:
        """Say to a screen reader the how manieth answer this is, from 1."""
        self.view.setAccessibleName(self.tr("Answer {number}").format(number=number))

    def show_look(self, look: Look) -> None:
        """Show it; what stays the same is left alone."""
        before, self._look = self._look, look
        if look == before and self._is_drawn:
            return
        self._is_drawn = True
        self._reasoning.show_text(look.reasoning)
        if look.is_open:
            self.view.stream(look.text)
        elif before.is_open and before.text == look.text and before.node == look.node:
            self.view.finish()
        elif look.text != before.text or before.is_open:
            self.view.set_text(look.text)
        self.view.setVisible(bool(look.text))
        self._waiting_words.setText(look.waiting)
        self._waiting.setVisible(bool(look.waiting))
        self.preview.show_preview(look.preview, is_bare=bool(look.waiting))
        self._show_trouble(look)
        self._strip.show_look(look)
        self._show_strip()

    def show_runs(self, place: int, count: int, *, is_working: bool) -> None:
        """Say which of a question's answers this is, and whether another one is being written."""
        if self._runs == (place, count, is_working):
            return
        self._runs = (place, count, is_working)
        self._strip.pager.show_place(place, count)
        self._strip.allow(again=not is_working)
        self._show_strip()

    def show_price(self, words: str) -> None:
        """Say what answering again would take."""
        self._strip.show_price(words)

    def set_raw(self, is_raw: bool) -> None:
        """Show the text as it was written, or as it is read."""
        self.view.set_raw(is_raw)

    def copy(self) -> None:
        """Put the answer's own text on the clipboard."""
        if self._look.text:
            QGuiApplication.clipboard().setText(self._look.text)

    @property
    def look(self) -> Look:
        """What is shown."""
        return self._look

    def _show_strip(self) -> None:
        """There is something to say below the answer, or another answer to turn to."""
        look, (_place, count, _is_working) = self._look, self._runs
        is_shown = bool(look.text or look.badge or look.winner or look.strip or count > 1)
        self._line.setVisible(is_shown)
        self._strip.setVisible(is_shown)

    def _show_trouble(self, look: Look) -> None:
        if self._trouble is None and look.trouble is not None:
            self._trouble = TroubleCard(self._ui.theme)
            self._trouble.offered.connect(self._take_offer)
            self._column.insertWidget(self._column.indexOf(self._line), self._trouble)
        if self._trouble is not None:
            self._trouble.show_trouble(look.trouble, len(look.partials))

    def _build_waiting(self) -> QWidget:
        waiting = QWidget()
        row = QHBoxLayout(waiting)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(8)
        self._waiting_icon = PlainLabel()
        self._waiting_words = PlainLabel("", "muted")
        self._waiting_words.setWordWrap(True)
        row.addWidget(self._waiting_icon)
        row.addWidget(self._waiting_words, 1)
        waiting.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        return waiting

    def _draw_icon(self) -> None:
        self._waiting_icon.setPixmap(self._ui.theme.icon("pencil", "running").pixmap(_ICON_PX, _ICON_PX))

    def _take_offer(self, offer: str) -> None:
        if offer == "partials":
            parts = [f"{name}\n\n{text}" for name, text in self._look.partials.items()]
            open_text(self._ui.theme, self.tr("What was written"), "\n\n———\n\n".join(parts), self.window())
        else:
            self.offered.emit(offer)
