"""The question of a turn: a bubble at the right, its files, and what can be done with it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QEnterEvent, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from cort_desktop.domain.library import TurnView
from cort_desktop.domain.search import Attachment
from cort_desktop.gui.chat.chips import FileChip
from cort_desktop.gui.chat.pager import Pager
from cort_desktop.gui.chat.quiet import QuietButton
from cort_desktop.gui.chat.text_window import open_text
from cort_desktop.gui.chat.wrapped_text import WrappedText
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import FlowLayout, PlainLabel, button, plain_tooltip, set_role
from cort_desktop.telling import figures

MOST_CHARACTERS = 3_000
"""A longer question shows its beginning; the whole is one click away."""
_MOST_LINES = 24
_WIDEST_SHARE = 0.88
_PADDING_PX, _BESIDE_PX = 14, 4


class QuestionPart(QWidget):
    """``sibling_chosen`` has a place among the siblings, ``file_opened`` an Attachment."""

    edit_wanted = Signal()
    pin_wanted = Signal()
    sibling_chosen = Signal(int)
    file_opened = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text = ""
        self._attachments: tuple[Attachment, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(self._bubble_row())
        self._files = QWidget()
        self._chips = FlowLayout(self._files, gap=4)
        self._files.hide()
        column.addWidget(self._files, 0, Qt.AlignmentFlag.AlignRight)
        self._pinned = PlainLabel(self.tr("Pinned: later questions are always told of this turn"), "small")
        self._pinned.hide()
        column.addWidget(self._pinned, 0, Qt.AlignmentFlag.AlignRight)
        self.pager = Pager(theme, self.tr("version of the question"))
        self.pager.turned.connect(self.sibling_chosen)
        column.addWidget(self.pager, 0, Qt.AlignmentFlag.AlignRight)

    @property
    def text_widget(self) -> WrappedText:
        """What has the focus when the question is read."""
        return self._words

    def show_turn(self, turn: TurnView, number: int) -> None:
        """Show the ``number``th question, from 1."""
        self._text = turn.turn.question
        self._words.setAccessibleName(self.tr("Question {number}").format(number=number))
        shown = preview(self._text)
        self._words.say(shown)
        self._whole.setVisible(shown != self._text)
        whole = self.tr("Show the whole question ({count} characters)")
        self._whole.setText(whole.format(count=figures.tokens(len(self._text))))
        self._show_pin(turn.turn.pinned)
        self.pager.show_place(turn.place if turn.siblings else 0, max(1, len(turn.siblings)))
        self._fit()

    def show_attachments(self, attachments: tuple[Attachment, ...]) -> None:
        """Show the files that went along."""
        if attachments == self._attachments:
            return
        self._attachments = attachments
        while (item := self._chips.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for each in attachments:
            chip = FileChip(self._theme, each.name, each.tokens, self._files)
            chip.opened.connect(partial(self.file_opened.emit, each))
            self._chips.addWidget(chip)
            chip.show()
        self._files.setVisible(bool(attachments))

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._be_quiet(False)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._be_quiet(True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _bubble_row(self) -> QHBoxLayout:
        self._bubble = QFrame()
        set_role(self._bubble, "bubble")
        inner = QVBoxLayout(self._bubble)
        inner.setContentsMargins(_PADDING_PX, 8, _PADDING_PX, 9)
        inner.setSpacing(4)
        self._words = WrappedText(self._theme, "")
        self._whole = button("", "link")
        self._whole.clicked.connect(self._show_whole)
        inner.addWidget(self._words)
        inner.addWidget(self._whole, 0, Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addStretch(1)
        self._edit = QuietButton(self._theme, "pencil", self.tr("Edit this question; the old one stays"))
        self._copy = QuietButton(self._theme, "copy", self.tr("Copy the question"))
        self._pin = QuietButton(self._theme, "pin", "")
        self._pin.clicked.connect(self.pin_wanted)
        self._edit.clicked.connect(self.edit_wanted)
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._text))
        for each in (self._pin, self._edit, self._copy):
            row.addWidget(each, 0, Qt.AlignmentFlag.AlignBottom)
        row.addSpacing(_BESIDE_PX)
        row.addWidget(self._bubble)
        return row

    def _fit(self) -> None:
        """Make the bubble as wide as its text, and no wider than most of the column."""
        verbs = sum(each.sizeHint().width() for each in (self._pin, self._edit, self._copy)) + _BESIDE_PX
        widest = max(80, min(int(self.width() * _WIDEST_SHARE), self.width() - verbs))
        wanted = self._words.ideal_width + 2 * _PADDING_PX
        if self._whole.isVisibleTo(self._bubble):
            wanted = max(wanted, self._whole.sizeHint().width() + 2 * _PADDING_PX)
        if self._bubble.width() != min(widest, wanted):
            self._bubble.setFixedWidth(min(widest, wanted))

    def _show_whole(self) -> None:
        open_text(self._theme, self.tr("The whole question"), self._text, self.window())

    def _show_pin(self, is_pinned: bool) -> None:
        name = (
            self.tr("Unpin this turn") if is_pinned else self.tr("Pin this turn: always tell it to the model")
        )
        self._pin.set_icon("pin-off" if is_pinned else "pin")
        self._pin.setAccessibleName(name)
        plain_tooltip(self._pin, name)
        self._pinned.setVisible(is_pinned)

    def _be_quiet(self, is_quiet: bool) -> None:
        self._pin.set_quiet(is_quiet)
        self._edit.set_quiet(is_quiet)
        self._copy.set_quiet(is_quiet)


def preview(text: str) -> str:
    """``text``, or its beginning where it is long."""
    lines = text.split("\n", _MOST_LINES)
    short = "\n".join(lines[:_MOST_LINES])[:MOST_CHARACTERS]
    return text if short == text else short.rstrip() + " …"
