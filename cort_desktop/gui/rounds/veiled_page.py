"""What stands in the place of the rounds while their verdicts are hidden: how many answers there are, and the
two ways on, ranking them and looking all the same.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cort_desktop.domain.run import RunState
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import PlainLabel, button
from cort_desktop.telling import figures


class VeiledPage(QWidget):
    """``show_run`` says how far a run is."""

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("veiledRounds")
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        title = PlainLabel(self.tr("Rank before you look"), "heading")
        title.setWordWrap(True)
        self._words = PlainLabel("", "muted")
        self.rank = button(self.tr("Rank them blind…"), "primary")
        self.rank.setObjectName("veiledRank")
        self.rank.clicked.connect(lambda _=False: ui.actions["tree.rank"].trigger())
        look = button(self.tr("Show the verdicts"), "")
        look.setObjectName("veiledLook")
        look.clicked.connect(lambda _=False: ui.actions["tree.look"].trigger())
        for label in (title, self._words):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
        column.addStretch(1)
        column.addWidget(title)
        column.addWidget(self._words)
        for choice in (self.rank, look):  # below each other: the pane may be narrow
            column.addWidget(choice, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    def show_run(self, state: RunState) -> None:
        """Say what there is; ranking waits for the end."""
        answers = figures.count(len(state.candidates()), "answer")
        if state.finished is None:
            words = self.tr(
                "{answers} so far. Who wins is hidden until the run has ended and you have ranked them."
            )
        else:
            words = self.tr("{answers}. Who won, and why, is hidden until you have ranked them yourself.")
        self._words.setText(words.format(answers=answers))
        self.rank.setEnabled(state.finished is not None)
