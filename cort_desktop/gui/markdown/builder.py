"""Builds the parts of a text and gives them a new look, as much in one turn as leaves the window fluid."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from cort_desktop.gui.markdown.code import CodeBlock
from cort_desktop.gui.markdown.flow import Flow, effort
from cort_desktop.gui.markdown.formula import FormulaBlock
from cort_desktop.gui.markdown.grid import GridBlock
from cort_desktop.gui.markdown.grouping import Kind
from cort_desktop.gui.markdown.look import Look
from cort_desktop.gui.markdown.part import Part
from cort_desktop.gui.markdown.prose import Prose
from cort_desktop.gui.markdown.table import TableBlock
from cort_desktop.gui.markdown.typesetter import Typesetter
from cort_desktop.gui.pulse import Pulse

_EFFORT_A_TURN = 7000
_REFRESHED_A_TURN = 4


class Builder(QObject):
    """Makes the parts of one view."""

    made = Signal(object)
    """A part was made."""
    resized = Signal()
    """A part needs another height."""
    asked = Signal(str)
    """A link was followed: its address."""

    def __init__(self, host: QWidget, pulse: Pulse) -> None:
        super().__init__(host)
        self._host = host
        self._pulse = pulse
        self._typesetter = Typesetter.of(pulse)

    def make(self, kind: Kind, look: Look) -> Part:
        """A part that shows nothing yet."""
        part = self._new(kind, look)
        part.resized.connect(self.resized)
        part.asked.connect(self.asked)
        self.made.emit(part)
        return part

    def _new(self, kind: Kind, look: Look) -> Part:
        if kind is Kind.PROSE:
            return Prose(look, self._typesetter, self._host)
        if kind is Kind.CODE:
            return CodeBlock(look, self._pulse, self._host)
        if kind is Kind.TABLE:
            return TableBlock(look, self._typesetter, self._host)
        if kind is Kind.GRID:
            return GridBlock(look, self._host)
        return FormulaBlock(look, self._typesetter, self._host)

    def build(self, flow: Flow, wanted: Sequence[int]) -> bool | None:
        """Build slots until the turn is full, and place what follows. Returns whether all are built; None
        when there was nothing to build.
        """
        missing = [index for index in wanted if flow.slots[index].part is None]
        left = _EFFORT_A_TURN
        built = []
        for index in missing:
            if left <= 0:
                break
            left -= effort(flow.slots[index])
            flow.build(index)
            built.append(index)
        if not built:
            return None
        flow.place(min(built))
        return len(built) == len(missing)

    def build_all(self, flow: Flow) -> None:
        """Build what isn't yet: a selection over everything needs it."""
        for index in range(len(flow.slots)):
            flow.build(index)
        flow.place()

    def refresh(self, flow: Flow, wanted: Sequence[int]) -> bool:
        """Give parts the look of now, a few in a turn. Returns whether all of them have it."""
        stale = [index for index in wanted if flow.slots[index].is_stale]
        for index in stale[:_REFRESHED_A_TURN]:
            flow.refresh(index)
        if stale:
            flow.place(min(stale))
        return len(stale) <= _REFRESHED_A_TURN
