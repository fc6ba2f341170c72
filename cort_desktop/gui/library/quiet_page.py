"""What stands where a list would be when there is none: nothing yet, nothing found, can't be read."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cort_desktop.gui.theme import Colour, Theme
from cort_desktop.gui.widgets import PlainLabel, button

_ICON_PX = 24


class QuietPage(QWidget):
    """An icon, a few words, a sentence, and perhaps one thing to do about it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._sign: tuple[str, Colour] = ("inbox", "faint")
        self._icon = PlainLabel(parent=self)
        self._title = PlainLabel(role="strong", parent=self)
        self._words = PlainLabel(role="muted", parent=self)
        self._offer = button("", parent=self)
        self._call: Callable[[], object] = lambda: None
        self._offer.clicked.connect(lambda _on=False: self._call())
        for words in (self._title, self._words):
            words.setWordWrap(True)
            words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 48, 16, 16)
        column.setSpacing(8)
        column.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._title)
        column.addWidget(self._words)
        column.addWidget(self._offer, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        theme.changed.connect(self._draw)

    def say(
        self,
        title: str,
        words: str,
        icon: str = "inbox",
        *,
        colour: Colour = "faint",
        offer: tuple[str, Callable[[], object]] | None = None,
    ) -> None:
        """Show these words; ``offer`` is a button's text and what it does."""
        self._title.setText(title)
        self._words.setText(words)
        self._sign = (icon, colour)
        self._offer.setVisible(offer is not None)
        if offer is not None:
            text, self._call = offer
            self._offer.setText(text)
        self.setAccessibleName(f"{title}. {words}")
        self._draw()

    def _draw(self) -> None:
        name, colour = self._sign
        self._icon.setPixmap(
            self._theme.icon(name, colour).pixmap(QSize(_ICON_PX, _ICON_PX), self.devicePixelRatioF())
        )
