"""What one judge said, as a block: whom it preferred, why, what is lacking, in which order it read."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from cort_desktop.gui.rounds.judge_facts import plain
from cort_desktop.gui.rounds.node_text import NodeText
from cort_desktop.gui.rounds.text_dialog import TextDialog
from cort_desktop.gui.rounds.why_values import Chip, JudgeSaid, Piece, Saying
from cort_desktop.gui.theme import Colour, Theme
from cort_desktop.gui.widgets import ElidedLabel, FlowLayout, PlainLabel, button, plain_tooltip, set_role


class JudgeCard(QFrame):
    """One judge. ``node_chosen`` follows a name in its words."""

    node_chosen = Signal(object)

    def __init__(self, theme: Theme, said: JudgeSaid, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.said = said
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        bar = QFrame()
        set_role(bar, "dissent" if said.dissent else "line")
        bar.setFixedWidth(3)
        row.addWidget(bar)
        self._column = QVBoxLayout()
        self._column.setSpacing(4)
        row.addLayout(self._column, 1)
        self._build()

    def _build(self) -> None:
        said = self.said
        if said.dissent:
            dissent = self.tr("Dissent: {judge} preferred ").format(judge=said.node)
            self._say(self.tr("Dissent"), ((Piece(dissent), *said.dissent), "text"))
        quote: Saying = (Piece("“"), *said.quote, Piece("”")) if said.quote else ()
        if quote:
            self._say(self.tr("Reason of {judge}").format(judge=said.node), (quote, "text"))
        for node, flaw in said.flaws:
            fatal = (Piece(self.tr("Fatal flaw of ")), Piece(node, node), Piece(": "), *flaw)
            self._say(self.tr("Flaw of {node}").format(node=node), (fatal, "bad"))
        if said.lacks:
            lacks = (Piece(self.tr("Still lacks: ")), *said.lacks)
            self._say(self.tr("What the best one still lacks"), (lacks, "text"))
        for doubt in said.doubts:
            self._say(self.tr("What is odd about it"), ((Piece(doubt),), "warn"))
        foot = QHBoxLayout()
        foot.setSpacing(8)
        how = NodeText(self._theme, self.tr("How {judge} judged").format(judge=said.node))
        how.say((self._how(), "faint"))
        foot.addWidget(how, 1)
        if said.raw:
            foot.addWidget(self._raw_button(), 0, Qt.AlignmentFlag.AlignTop)
        self._column.addLayout(foot)
        if said.chips:
            flow = FlowLayout(gap=8)
            for chip in said.chips:
                flow.addWidget(chip_label(chip))
            self._column.addLayout(flow)

    def _how(self) -> Saying:
        """Who judged, how it ranked, and in which order it had read: quiet words, nothing to go to."""
        said = self.said
        who = f"{said.node}, {said.model}" if said.model else said.node
        words = self.tr("judge: {who}").format(who=who)
        if said.ranking:
            words += self.tr(", ranked {names}").format(names=plain(said.ranking))
        if said.order:
            words += self.tr(", saw order {names}").format(names="\u00a0· ".join(said.order))
        return (Piece(words),)

    def _say(self, name: str, *parts: tuple[Saying, Colour]) -> None:
        text = NodeText(self._theme, name)
        text.say(*parts)
        text.node_chosen.connect(self.node_chosen)
        self._column.addWidget(text)

    def _raw_button(self) -> QPushButton:
        raw = button(self.tr("Raw reply"), "link")
        raw.setAccessibleName(self.tr("Raw reply of {judge}").format(judge=self.said.node))
        raw.clicked.connect(self._show_raw)
        return raw

    def _show_raw(self) -> None:
        about = self.tr("What {judge} answered, as it came; labels stand for candidates.")
        TextDialog(
            self._theme,
            self.tr("Raw reply of {judge}").format(judge=self.said.node),
            about.format(judge=self.said.node),
            self.said.raw or "",
            self.window(),
        ).open()


def chip_label(chip: Chip) -> PlainLabel:
    """A chip as a label."""
    label = ElidedLabel(chip.text, chip.tone)  # where there is no room for all of it, it makes nothing wider
    label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
    label.setAccessibleName(f"{chip.text}. {chip.more}" if chip.more else chip.text)
    plain_tooltip(label, f"{chip.text}. {chip.more}" if chip.more else chip.text)
    return label
