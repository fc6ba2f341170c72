"""The line above a recording: that it is one, how far it is, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from cort_desktop.gui.onboarding.recording import Recording
from cort_desktop.gui.onboarding.words import replay_words
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import ElidedLabel, IconButton, PlainLabel, button, plain_tooltip, set_role
from cort_desktop.telling import figures

_NARROW_PX = 520


class RecordingBar(QFrame):
    """Hidden without a recording. ``asked`` has its question, to be asked anew; ``left`` follows its x."""

    asked = Signal(str)
    left = Signal()

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._recording: Recording | None = None
        self.setObjectName("recordingBar")
        set_role(self, "find-bar")
        self._words = ElidedLabel("", "small")
        self._position = PlainLabel("", "small")
        self._play = IconButton(ui.theme, "pause", self.tr("Pause the recording"))
        self._play.clicked.connect(self._toggle)
        self._ask = button(self.tr("Ask it yourself"), "link-small")
        plain_tooltip(self._ask, self.tr("Put this question into a new conversation, to be sent by you"))
        self._ask.clicked.connect(self._ask_it)
        self._close = IconButton(ui.theme, "x", self.tr("Leave the recording"))
        self._close.clicked.connect(self.left)
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 4, 12, 4)
        row.setSpacing(8)
        row.addWidget(PlainLabel(self.tr("Recording"), "badge"), 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._words, 1)
        for each in (self._position, self._play, self._ask, self._close):
            row.addWidget(each)
        self.hide()

    def show_recording(self, recording: Recording) -> None:
        """Show a recording and what it does."""
        self._recording = recording
        for tells in (recording.player.moved, recording.player.playing_changed):
            tells.connect(self._changed)
        self.setAccessibleName(replay_words(recording.demo, 1))
        self.refresh()
        self.show()

    def leave(self) -> None:
        """The recording is no longer looked at: it stays where it is."""
        recording, self._recording = self._recording, None
        self.hide()
        if recording is not None:
            for tells in (recording.player.moved, recording.player.playing_changed):
                tells.disconnect(self._changed)
            recording.player.pause()

    def refresh(self) -> None:
        """Show how far it is."""
        if self._recording is None:
            return
        player = self._recording.player
        self._words.setText(replay_words(self._recording.demo, player.speed))
        whole = self._recording.player.schedule.seconds
        position = self.tr("{second} of {whole}")
        self._position.setText(
            position.format(second=figures.seconds(player.second), whole=figures.seconds(whole))
        )
        icon, name = "play", self.tr("Go on with the recording")
        if player.is_playing:
            icon, name = "pause", self.tr("Pause the recording")
        elif player.is_at_end:
            icon, name = "rotate-ccw", self.tr("Play it again")
        self._play.set_icon(icon, "accent")
        self._play.setAccessibleName(name)
        plain_tooltip(self._play, name)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._position.setVisible(self.width() >= _NARROW_PX)

    def _changed(self) -> None:
        self._ui.pulse.ask(self.refresh)

    def _toggle(self) -> None:
        if self._recording is None:
            return
        player = self._recording.player
        if player.is_playing:
            player.pause()
        else:
            player.play()

    def _ask_it(self) -> None:
        if self._recording is not None:
            self.asked.emit(self._recording.demo.started.question)
