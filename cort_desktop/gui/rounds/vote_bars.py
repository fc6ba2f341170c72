"""A count of answers as bars with words, and what verifiers found. Numbers are in words, too."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QProgressBar, QVBoxLayout, QWidget

from cort_desktop.domain.ids import NodeName
from cort_desktop.gui.rounds.node_text import NodeText
from cort_desktop.gui.rounds.why_values import Checked, Piece, Votes
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import ElidedLabel, PlainLabel

MOST_BARS = 12
_LONGEST_VALUE_PX = 180


class VoteBars(QFrame):
    """The tally, the most votes first. ``node_chosen`` follows a name of a sample."""

    node_chosen = Signal(object)

    def __init__(self, theme: Theme, votes: Votes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(PlainLabel(self.tr("Votes for an answer"), "section"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, bar in enumerate(votes.bars[:MOST_BARS]):
            value = ElidedLabel(bar.value, "strong" if row == 0 else "")
            grid.addWidget(value, row, 0)
            grid.addWidget(_bar(bar.value, bar.votes, votes.total), row, 1, Qt.AlignmentFlag.AlignVCenter)
            count = self.tr("{votes} of {total}").format(votes=bar.votes, total=votes.total)
            grid.addWidget(PlainLabel(count, "muted"), row, 2)
            names = NodeText(theme, self.tr("Samples that answered {value}").format(value=bar.value))
            names.say((_names(bar.nodes), "faint"))
            names.node_chosen.connect(self.node_chosen)
            grid.addWidget(names, row, 3)
        grid.setColumnStretch(3, 1)
        widths = [self.fontMetrics().horizontalAdvance(bar.value) for bar in votes.bars[:MOST_BARS]]
        grid.setColumnMinimumWidth(0, min(_LONGEST_VALUE_PX, max(widths, default=0) + 12))
        column.addLayout(grid)
        for words in self._words(votes):
            label = PlainLabel(words, "muted")
            label.setWordWrap(True)
            column.addWidget(label)

    def _words(self, votes: Votes) -> list[str]:
        said = []
        if len(votes.bars) > MOST_BARS:
            said.append(self.tr("and {count} more answers").format(count=len(votes.bars) - MOST_BARS))
        if votes.silent:
            words = self.tr("No answer to count in {nodes}.")
            said.append(words.format(nodes=", ".join(votes.silent)))
        if votes.confidence is not None:
            words = self.tr("Probability that more samples keep the lead: {share}.")
            said.append(words.format(share=f"{votes.confidence:.1%}"))
        return said


class Checks(QFrame):
    """What verifiers found, a line for each candidate."""

    node_chosen = Signal(object)

    def __init__(self, theme: Theme, checks: tuple[Checked, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(PlainLabel(self.tr("Checks"), "section"))
        outcomes = {True: self.tr("passed"), False: self.tr("failed"), None: self.tr("could not be told")}
        for check in checks:
            line = NodeText(theme, self.tr("Check of {node}").format(node=check.node))
            found = (
                f" {'✓' if check.passed else '✗' if check.passed is False else '?'} {outcomes[check.passed]}"
            )
            more = f" ({check.verifier})" + (f": {check.detail}" if check.detail else "")
            line.say(
                ((Piece(check.node, check.node),), "text"),
                ((Piece(found),), "good" if check.passed else "bad" if check.passed is False else "warn"),
                ((Piece(more),), "muted"),
            )
            line.node_chosen.connect(self.node_chosen)
            column.addWidget(line)


def _bar(value: str, votes: int, total: int) -> QProgressBar:
    bar = QProgressBar()
    bar.setRange(0, max(1, total))
    bar.setValue(votes)
    bar.setTextVisible(False)
    bar.setAccessibleName(value)
    bar.setMinimumWidth(40)
    return bar


def _names(nodes: tuple[NodeName, ...]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    for index, node in enumerate(nodes):
        if index:
            pieces.append(Piece(" "))
        pieces.append(Piece(node, node))
    return tuple(pieces)
