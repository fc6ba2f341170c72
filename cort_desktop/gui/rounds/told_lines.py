"""Lines of a name and what is told of it, below each other: the small tables at the foot of "Why it won".

Not here: what is told (``telling/``), and the heads and verbs around it (``judging_section``,
``worth_section``).
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout

from cort_desktop.gui.widgets import PlainLabel, plain_tooltip


def told_lines(lines: Iterable[tuple[str, str, str]]) -> QGridLayout:
    """A line each of name, words and what those mean: the tooltip, read aloud behind them; empty: none."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(1, 1)
    for row, (name, said, more) in enumerate(lines):
        label, words = PlainLabel(name, "muted"), PlainLabel(said)
        words.setWordWrap(True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words.setAccessibleName(f"{name}: {said}")
        words.setAccessibleDescription(more)
        if more:
            for widget in (label, words):
                plain_tooltip(widget, more)
        grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(words, row, 1)
    return grid
