"""A state that wants a word, in the turn it belongs to: icon, sentence, details, and what may be done."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cort_desktop.gui.chat.look import Trouble
from cort_desktop.gui.theme import Colour, Theme
from cort_desktop.gui.widgets import FlowLayout, PlainLabel, button, plain_tooltip, set_role

_ICONS: Mapping[str, tuple[str, Colour]] = {
    "info": ("info", "running"),
    "warn": ("triangle-alert", "warn"),
    "bad": ("circle-alert", "bad"),
}
_ICON_PX = 16
_MOST_CHARACTERS = 2_000


class TroubleCard(QFrame):
    """``offered`` has the name of what was chosen (``look.Offer``)."""

    offered = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._trouble: Trouble | None = None
        self._count = 0
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 12, 12, 12)
        row.setSpacing(12)
        self._icon = PlainLabel()
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(4)
        row.addLayout(column, 1)
        self._title, self._lines = PlainLabel("", "strong"), PlainLabel("", "small")
        for label in (self._title, self._lines):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(label)
        self._verbs = QWidget()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self._verbs.setSizePolicy(policy)
        self._flow = FlowLayout(self._verbs, gap=8)
        self._verbs.setContentsMargins(0, 4, 0, 0)
        column.addWidget(self._verbs)
        theme.changed.connect(self._draw_icon)
        self.hide()

    def show_trouble(self, trouble: Trouble | None, partials: int = 0) -> None:
        """Show it, or nothing. ``partials``: how many texts there are of calls that broke off."""
        if (trouble, partials) == (self._trouble, self._count):
            return
        self._trouble, self._count = trouble, partials
        self.setVisible(trouble is not None)
        if trouble is None:
            return
        set_role(self, f"trouble-{trouble.kind}")
        self._title.setText(_folded(trouble.title))
        self._lines.setText("\n".join(map(_folded, trouble.lines)))
        self._lines.setVisible(bool(trouble.lines))
        self._offer(trouble)
        self._draw_icon()

    def _offer(self, trouble: Trouble) -> None:
        while (item := self._flow.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        offers = [*trouble.offers, *(("partials",) if self._count else ())]
        for place, offer in enumerate(offers):
            role = "primary" if place == 0 and offer in ("resume", "rank") else ""
            made = button(self._words(offer, trouble), role, self._verbs)
            if offer == "resume" and trouble.allowance is not None:
                plain_tooltip(made, trouble.allowance.tip)
                made.setAccessibleDescription(trouble.allowance.tip)
            made.clicked.connect(partial(self.offered.emit, offer))
            self._flow.addWidget(made)
            made.show()
        self._verbs.setVisible(bool(offers))

    def _words(self, offer: str, trouble: Trouble) -> str:
        if offer == "resume" and trouble.allowance is not None:
            return trouble.allowance.words
        return {
            "resume": self.tr("Go on"),
            "raise": self.tr("Raise the cap…"),
            "again": self.tr("Try again"),
            "settings": self.tr("Open provider settings"),
            "reload": self.tr("Look again"),
            "partials": self.tr("Show what was written"),
            "rank": self.tr("Rank them blind…"),
            "look": self.tr("Show the answer"),
        }[offer]

    def _draw_icon(self) -> None:
        if self._trouble is not None:
            name, colour = _ICONS[self._trouble.kind]
            self._icon.setPixmap(self._theme.icon(name, colour).pixmap(_ICON_PX, _ICON_PX))


def _folded(text: str) -> str:
    """A service's message may be long, and one word of it too."""
    return text if len(text) <= _MOST_CHARACTERS else text[:_MOST_CHARACTERS] + " …"
