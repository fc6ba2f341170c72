"""The line under an answer: who won, what it took, why, and what can be done with it."""

from __future__ import annotations

from itertools import zip_longest

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from cort_desktop.gui.chat.look import Look
from cort_desktop.gui.chat.pager import Pager
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import (
    FlowLayout,
    IconButton,
    PlainLabel,
    button,
    plain_tooltip,
)

_STAR_PX = 14
_FIGURES = 6


class PricedButton(IconButton):
    """Costs something. ``pointed_at``: a person is about to press it, so its price had better be known."""

    pointed_at = Signal()

    def show_price(self, words: str) -> None:
        """Say it, in the tooltip and to a screen reader."""
        self.setAccessibleDescription(words)
        plain_tooltip(self, f"{self.accessibleName()}\n{words}")

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.pointed_at.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.pointed_at.emit()


class Strip(QWidget):
    """Figures on the left, verbs on the right; the figures wrap where it is narrow."""

    why = Signal()
    worth = Signal()
    copy = Signal()
    again = Signal()
    price_wanted = Signal()
    run_chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self._facts, self._so_far = self._build_facts(), self._build_so_far()
        row.addWidget(self._facts, 1)
        row.addWidget(self._so_far, 1)
        self._copy = IconButton(theme, "copy", self.tr("Copy the answer"))
        self._again = PricedButton(theme, "refresh-cw", self.tr("Answer again, beside this answer"))
        self.pager = Pager(theme, self.tr("answer"))
        self._copy.clicked.connect(self.copy)
        self._again.clicked.connect(self.again)
        self._again.pointed_at.connect(self.price_wanted)
        self.pager.turned.connect(self.run_chosen)
        verbs = QHBoxLayout()
        verbs.setSpacing(0)
        for each in (self._copy, self._again, self.pager):
            verbs.addWidget(each, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(verbs)
        theme.changed.connect(self._draw_star)
        self._draw_star()

    def show_look(self, look: Look) -> None:
        """Show the figures of a run that has ended, or how far a working one is."""
        is_done = not look.badge
        self._so_far.setVisible(not is_done)
        self._facts.setVisible(is_done)
        self._badge.setText(look.badge)
        self._words.setText(look.words)
        self._words.setVisible(bool(look.words))
        for each in (self._star, self._winner, self._why):
            each.setVisible(bool(look.winner))
        self._worth.setVisible(bool(look.worth))
        self._worth.setText(look.worth)
        self._winner.setText(look.winner)
        plain_tooltip(self._winner, look.winner_means)
        self._show_figures(look.strip)
        plain_tooltip(self._facts, look.reason)
        self._copy.setVisible(bool(look.text))

    def show_price(self, words: str) -> None:
        """Say what answering again would take."""
        self._again.show_price(words)

    def allow(self, *, again: bool) -> None:
        """Whether the question may be asked once more: not while it is being answered."""
        self._again.setVisible(again)

    def _show_figures(self, figures: tuple[str, ...]) -> None:
        for label, words in zip_longest(self._figures, figures, fillvalue=""):
            if isinstance(label, PlainLabel):
                label.setText(words)
                label.setVisible(bool(words))

    def _build_so_far(self) -> QWidget:
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(8)
        self._badge = PlainLabel("", "badge")
        self._words = PlainLabel("", "small")
        self._words.setWordWrap(True)
        row.addWidget(self._badge, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words, 1, Qt.AlignmentFlag.AlignTop)
        row.addStretch()
        return made

    def _build_facts(self) -> QWidget:
        facts = QWidget()
        flow = FlowLayout(facts, gap=8)
        flow.setContentsMargins(0, 4, 0, 0)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        facts.setSizePolicy(policy)
        self._star = PlainLabel()
        self._winner = PlainLabel("", "good")
        self._figures = [PlainLabel("", "small") for _ in range(_FIGURES)]
        self._why = button(self.tr("Why?"), "link-small")
        self._why.setAccessibleName(self.tr("Why? The votes behind this answer"))
        self._why.clicked.connect(self.why)
        self._worth = button("", "link-small")
        plain_tooltip(
            self._worth,
            self.tr(
                "The first answer against this one: what came on top, what changed, what blind judges say"
            ),
        )
        self._worth.clicked.connect(self.worth)
        for each in (self._star, self._winner, self._why, self._worth, *self._figures):
            flow.addWidget(each)
        return facts

    def _draw_star(self) -> None:
        icon = self._theme.icon("star", "good", filled=True)
        self._star.setPixmap(icon.pixmap(_STAR_PX, _STAR_PX))
