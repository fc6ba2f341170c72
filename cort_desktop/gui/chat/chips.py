"""Files that go along with a question, as chips: name, what they cost, a click to read, a button to drop."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import IconButton, button, plain_tooltip, set_role
from cort_desktop.telling import figures
from cort_desktop.telling.safe import one_line

_MOST_CHARACTERS = 32


class FileChip(QFrame):
    """One file; ``is_reading``: its text is not there yet, so it can't be opened.

    ``opened`` and ``removed`` have no value: whoever made the chip knows its file.
    """

    opened = Signal()
    removed = Signal()

    def __init__(
        self,
        theme: Theme,
        name: str,
        tokens: int | None,
        parent: QWidget | None = None,
        *,
        can_remove: bool = False,
        is_reading: bool = False,
    ) -> None:
        super().__init__(parent)
        set_role(self, "file-chip")
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 4, 0)
        row.setSpacing(0)
        self._name = one_line(name)
        self._open = self._opener(theme, tokens)
        if is_reading:
            self._wait()
        row.addWidget(self._open)
        if can_remove:
            drop = IconButton(theme, "x", self.tr("Remove {name}").format(name=self._name))
            drop.clicked.connect(self.removed)
            row.addWidget(drop)

    def _wait(self) -> None:
        self._open.setText(self._open.text() + " · " + self.tr("reading…"))
        self._open.setAccessibleName(self.tr("{file} is being read").format(file=self._name))
        self._open.setEnabled(False)

    def _opener(self, theme: Theme, tokens: int | None) -> QPushButton:
        shown = self._name
        if len(shown) > _MOST_CHARACTERS:
            shown = shown[: _MOST_CHARACTERS - 8] + "…" + shown[-7:]
        cost = self.tr("~{count} tokens").format(count=figures.tokens(tokens)) if tokens is not None else ""
        words = " · ".join(part for part in (shown, cost) if part)
        opener = button(words.replace("&", "&&"), "link-muted")
        opener.setIcon(theme.icon("file-text"))
        opener.setAccessibleName(self.tr("Read {file}").format(file=f"{self._name} {cost}".strip()))
        opener.setCursor(Qt.CursorShape.PointingHandCursor)
        plain_tooltip(opener, self._name)
        opener.clicked.connect(self.opened)
        return opener
