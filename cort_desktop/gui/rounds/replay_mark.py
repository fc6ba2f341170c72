"""What tells, at the head of the rounds, that a run is being played again, and the way back from it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from cort_desktop.gui.rounds.replay_desk import ReplayDesk
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import ElidedLabel, IconButton, PlainLabel, plain_tooltip, set_role
from cort_desktop.telling import figures


class ReplayMark(QFrame):
    """``Replay, 2×`` and where it is, with a button that ends it; hidden while the run itself is shown."""

    def __init__(self, theme: Theme, desk: ReplayDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.setObjectName("replayMark")
        set_role(self, "find-bar")
        self.words = PlainLabel("", "badge")
        self.place = ElidedLabel("", "small")
        self.end = IconButton(theme, "x", self.tr("End the replay"))
        plain_tooltip(self.end, self.tr("End the replay and show the finished run"))
        self.end.clicked.connect(desk.leave)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 2, 12, 2)
        row.setSpacing(8)
        row.addWidget(self.words, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.place, 1)
        row.addWidget(self.end, 0, Qt.AlignmentFlag.AlignVCenter)
        desk.changed.connect(self.refresh)
        self.hide()

    def refresh(self) -> None:
        """Say what is played, how fast, and where it is."""
        player, is_recording = self._desk.player, self._desk.is_recording
        if player is None:
            self.hide()
            return
        what = self.tr("Recording") if is_recording else self.tr("Replay")
        how = f"{player.speed:g}×"
        if not player.is_playing:
            how = self.tr("at its end") if player.is_at_end else self.tr("paused")
        words = self.tr("{what}, {how}").format(what=what, how=how)
        if words != self.words.text():  # a label that is told its text again has the pane laid out anew
            self.words.setText(words)
            self.setAccessibleName(words)
        place = self.tr("{second} of {whole}")
        self.place.setText(
            place.format(
                second=figures.seconds(player.second), whole=figures.seconds(player.schedule.seconds)
            )
        )
        self.end.setVisible(not is_recording)  # a recording has nothing behind it to come back to
        self.show()
