"""The card at the bottom: the field, files, what was refused, and the row with pickers, estimate and Send.

It shows what it is told and tells what a person does; what that means is the controller's.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from cort_desktop.gui.chat.composer_row import ComposerRow
from cort_desktop.gui.chat.message_edit import MessageEdit
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import (
    FlowLayout,
    IconButton,
    PlainLabel,
    button,
    plain_tooltip,
    set_role,
)

if TYPE_CHECKING:
    from cort_desktop.gui.chat.drafts import Draft
    from cort_desktop.gui.chat.readings import Reading


class Composer(QFrame):
    """``submitted`` has whether thinking was asked for; ``opened_file`` and ``removed_file`` have an
    AttachmentInfo, ``removed_reading`` a Reading; ``dropped`` has files to attach, ``imported`` others of
    ours.
    """

    submitted = Signal(bool)
    stopped = Signal()
    escaped = Signal()
    edit_last = Signal()
    edit_dropped = Signal()
    attach_wanted = Signal()
    dropped = Signal(object)
    imported = Signal(object)
    opened_file = Signal(object)
    removed_file = Signal(object)
    removed_reading = Signal(object)
    settings_wanted = Signal()
    written = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._is_working = self._is_starting = False
        self._is_reading = self._is_told_to_wait = False
        set_role(self, "card")
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.edit = MessageEdit()
        self.row = ComposerRow(theme)
        self.attach, self.preset, self.model = self.row.attach, self.row.preset, self.row.model
        self.send, self.stop = self.row.send, self.row.stop
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 10, 12, 10)
        self._column.setSpacing(8)
        self._build_notes()
        self._column.addWidget(self.edit)
        self._column.addWidget(self.row)
        self._wire()

    # -- what it is told ---------------------------------------------------------------------------

    def show_draft(self, draft: Draft, readings: Sequence[Reading] = ()) -> None:
        """Put an unsent question into the field; sending it waits for the files of ``readings``."""
        self._show_files(draft, readings)
        if self.edit.toPlainText() != draft.text:
            self.edit.setPlainText(draft.text)
            cursor = self.edit.textCursor()
            cursor.movePosition(cursor.MoveOperation.End)
            self.edit.setTextCursor(cursor)
        self._editing.setVisible(draft.edits is not None)

    def _show_files(self, draft: Draft, readings: Sequence[Reading]) -> None:
        """Show the files that go along: each can be taken away."""
        from cort_desktop.gui.chat.chips import FileChip

        while (item := self._chips.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for file in draft.files:
            chip = FileChip(self._theme, file.name, file.tokens, self._chip_area, can_remove=True)
            chip.setCursor(Qt.CursorShape.ArrowCursor)
            chip.opened.connect(partial(self.opened_file.emit, file))
            chip.removed.connect(partial(self.removed_file.emit, file))
            self._chips.addWidget(chip)
            chip.show()
        for reading in readings:
            wait = FileChip(
                self._theme, reading.name, None, self._chip_area, can_remove=True, is_reading=True
            )
            wait.setCursor(Qt.CursorShape.ArrowCursor)
            wait.removed.connect(partial(self.removed_reading.emit, reading))
            self._chips.addWidget(wait)
            wait.show()
        self._chip_area.setVisible(bool(draft.files or readings))
        self._show_reading(bool(readings))

    def _show_reading(self, is_reading: bool) -> None:
        if self._is_told_to_wait and not is_reading:
            self.show_refusal("")
        self._is_reading = is_reading
        plain_tooltip(self.send, self._wait_words() if is_reading else "")
        self._update_send()

    def _wait_words(self) -> str:
        return self.tr("The files are being read. The question can be sent when they are there.")

    def show_refusal(self, text: str, *, about_settings: bool = False) -> None:
        """Say why the question was not taken; empty takes the words away."""
        self._is_told_to_wait = False
        set_role(self._refusal, "bad")
        self._refusal.setText(text)
        self._refusal_row.setVisible(bool(text))
        self._warning.setVisible(bool(self._warning.text()) and not text)
        self._to_settings.setVisible(about_settings and bool(text))

    def show_estimate(self, words: str, tooltip: str = "", warning: str = "") -> None:
        """Say what sending would take, and what would go wrong."""
        self.row.show_estimate(words, tooltip)
        self._warning.setText(warning)
        self._warning.setVisible(bool(warning) and self._refusal_row.isHidden())

    def set_state(self, *, working: bool, starting: bool) -> None:
        """Whether a run of this conversation works, or is about to: then Send is Stop."""
        self._is_working, self._is_starting = working, starting
        self.row.show_working(working=working)
        self._update_send()

    @property
    def can_send(self) -> bool:
        """Whether there is something to send and nothing that speaks against it now."""
        has_text = bool(self.edit.toPlainText().strip())
        return has_text and not self._is_working and not self._is_starting and not self._is_reading

    # -- what it is made of ------------------------------------------------------------------------

    def _build_notes(self) -> None:
        self._editing = QWidget()
        row = _row(self._editing)
        row.addWidget(PlainLabel(self.tr("Editing a question: the old one stays beside it"), "small"), 1)
        self._drop_edit = IconButton(self._theme, "x", self.tr("Don’t edit"))
        row.addWidget(self._drop_edit)
        self._refusal_row = QWidget()
        row = _row(self._refusal_row)
        self._refusal = PlainLabel("", "bad")
        self._refusal.setWordWrap(True)
        self._refusal.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._to_settings = button(self.tr("Open settings"), "link")
        row.addWidget(self._refusal, 1)
        row.addWidget(self._to_settings)
        self._chip_area = QWidget()
        self._chips = FlowLayout(self._chip_area, gap=4)
        self._warning = PlainLabel("", "warn")
        self._warning.setWordWrap(True)
        for each in (self._editing, self._refusal_row, self._warning, self._chip_area):
            each.setCursor(Qt.CursorShape.ArrowCursor)
            each.hide()
            self._column.addWidget(each)

    def _wire(self) -> None:
        self.edit.sent.connect(self._submit)
        self.edit.escaped.connect(self.escaped)
        self.edit.edit_last.connect(self.edit_last)
        self.edit.dropped.connect(self.take_files)
        self.edit.focused.connect(self._show_focus)
        self.edit.textChanged.connect(self._changed)
        self.send.clicked.connect(lambda: self._submit(False))
        self.stop.clicked.connect(self.stopped)
        self.attach.clicked.connect(self.attach_wanted)
        self._to_settings.clicked.connect(self.settings_wanted)
        self._drop_edit.clicked.connect(self.edit_dropped)
        self.set_state(working=False, starting=False)

    def take_files(self, files: list[Path]) -> None:
        """Files that were dropped or pasted: conversations are opened, all others attached."""
        from cort_desktop.telling.exporting import is_cort

        conversations = [each for each in files if is_cort(each.name)]
        others = [each for each in files if each not in conversations]
        if conversations:
            self.imported.emit(conversations)
        if others:
            self.dropped.emit(others)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click anywhere in the card means the field."""
        self.edit.setFocus(Qt.FocusReason.MouseFocusReason)
        super().mousePressEvent(event)

    def tab_order(self) -> Sequence[QWidget]:
        """What Tab goes through, in order."""
        return (self.edit, self.attach, self.preset, self.model, self.send, self.stop)

    def _submit(self, with_thinking: bool) -> None:
        if self.can_send:
            self.submitted.emit(with_thinking)
        elif self._is_reading:
            self.show_refusal(self._wait_words())
            self._is_told_to_wait = True
            set_role(self._refusal, "muted")  # nothing went wrong

    def _changed(self) -> None:
        self.show_refusal("")
        self._update_send()
        self.written.emit()

    def _update_send(self) -> None:
        self.send.setEnabled(self.can_send)

    def _show_focus(self, has_focus: bool) -> None:
        set_role(self, "true" if has_focus else "false", "focused")


def _row(widget: QWidget) -> QHBoxLayout:
    row = QHBoxLayout(widget)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    return row
