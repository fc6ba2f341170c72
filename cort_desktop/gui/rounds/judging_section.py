"""How far a run's judges can be believed: a small table at the foot of "Why it won", in the shared words."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from cort_desktop.gui.rounds.told_lines import told_lines
from cort_desktop.gui.rounds.why_values import Judging
from cort_desktop.gui.widgets import PlainLabel


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
        column.addLayout(told_lines((line.label, line.words, line.more) for line in judging.lines))
