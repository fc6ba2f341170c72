"""“Was it worth it?” in the window: what came on top of the first answer, what changed, what judges prefer,
and the verb that asks them.

What is known is known without asking; long texts are compared in a thread, and the section is shown again
when that is done. The words are ``telling/worth.py``; asking is ``tree.worth``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from cort_desktop.domain.ids import NodeName, RunId
from cort_desktop.domain.run import RunState
from cort_desktop.domain.worth import Worth, worth_of
from cort_desktop.gui.rounds.told_lines import told_lines
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import PlainLabel, button, plain_tooltip
from cort_desktop.telling.word_diff import Comparison, compare
from cort_desktop.telling.worth import WorthLine, worth_lines

AT_ONCE_CHARACTERS = 12_000
"""Both texts together; longer ones are compared in a thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorthSeen:
    """What the section shows. can_ask: judges may be asked; was_asked: they were, for this very pair."""

    lines: tuple[WorthLine, ...]
    can_ask: bool
    was_asked: bool


class WorthReader:
    """Knows what a run was worth as far as it has come; ``changed`` is called when more is known."""

    def __init__(self, ui: Ui, changed: Callable[[], None]) -> None:
        self._ui = ui
        self._changed = changed
        self._pair: tuple[RunId, NodeName, NodeName] | None = None
        self._comparison: Comparison | None = None
        self._seen: tuple[RunId, int, bool, WorthSeen | None] | None = None

    def of(self, feed: RunFeed) -> WorthSeen | None:
        """What is known; None while a run works, and where nothing came on top of its first answer."""
        state, can_ask = feed.state, feed.origin == "run" and not feed.elsewhere
        if self._seen is None or self._seen[:3] != (state.run, state.seq, can_ask):
            self._seen = (state.run, state.seq, can_ask, self._read(state, can_ask=can_ask))
        return self._seen[3]

    def _read(self, state: RunState, *, can_ask: bool) -> WorthSeen | None:
        worth = worth_of(state)
        if worth is None or not worth.more.calls:
            return None
        return WorthSeen(
            lines=tuple(worth_lines(state, worth, self._compared(state, worth))),
            can_ask=can_ask and not worth.is_same,
            was_asked=worth.outcome is not None,
        )

    def _compared(self, state: RunState, worth: Worth) -> Comparison | None:
        pair = (state.run, worth.first, worth.final)
        if pair == self._pair or worth.is_same:
            return None if worth.is_same else self._comparison
        self._pair, self._comparison = pair, None
        first, final = (state.nodes[name].text for name in pair[1:])
        if len(first) + len(final) <= AT_ONCE_CHARACTERS:
            self._comparison = compare(first, final)
        else:
            self._ui.tasks.start(self._compare_aside(pair, first, final), name="compare first and final")
        return self._comparison

    async def _compare_aside(self, pair: tuple[RunId, NodeName, NodeName], first: str, final: str) -> None:
        found = await self._ui.tasks.offload(compare, first, final)
        if pair == self._pair:
            self._comparison, self._seen = found, None
            self._changed()


class WorthSection(QFrame):
    """A line for each thing known, and the verb; ``asked`` when it is pressed."""

    asked = Signal()

    def __init__(self, seen: WorthSeen, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("worthSection")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(PlainLabel(self.tr("Was it worth it?"), "section"))
        column.addLayout(told_lines((line.label, line.words, "") for line in seen.lines))
        if seen.can_ask:
            column.addLayout(self._verb(was_asked=seen.was_asked))

    def _verb(self, *, was_asked: bool) -> QHBoxLayout:
        ask = button(self.tr("Ask once more…") if was_asked else self.tr("Ask blind judges…"), "link")
        ask.setObjectName("askWorth")
        ask.setAccessibleDescription(self.tr("Tells the price first"))
        plain_tooltip(
            ask,
            self.tr(
                "Judges who don’t know which is which compare the first answer with the final one, in both "
                "orders. The price is told first, and the answer stays as it is."
            ),
        )
        ask.clicked.connect(lambda _=False: self.asked.emit())
        row = QHBoxLayout()
        row.addWidget(ask)
        row.addStretch(1)
        return row
