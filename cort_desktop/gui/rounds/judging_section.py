"""How far a run's judges can be believed: a small table at the foot of "Why it won", in the shared words."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from cort_desktop.gui.rounds.why_values import Judging
from cort_desktop.gui.widgets import PlainLabel, plain_tooltip


class JudgingSection(QFrame):
    """A line for each thing known; what it means is told by its tooltip and read aloud behind it."""

    def __init__(self, judging: Judging, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("judgingSection")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(PlainLabel(self.tr("Judging"), "section"))
        title = PlainLabel(judging.title, "muted")
        title.setWordWrap(True)
        column.addWidget(title)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, line in enumerate(judging.lines):
            label, words = PlainLabel(line.label, "muted"), PlainLabel(line.words)
            words.setWordWrap(True)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            words.setAccessibleName(f"{line.label}: {line.words}")
            words.setAccessibleDescription(line.more)
            for widget in (label, words):
                plain_tooltip(widget, line.more)
            grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(words, row, 1)
        column.addLayout(grid)
