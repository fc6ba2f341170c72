"""The formulas of a window: set beside the loop (``beside``), kept, and drawn in the colours of now.

The window asks for a drawing and gets it at once when it is there; else it is told later (``ready``). Colours
are put in last, so light and dark share the work.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from PySide6.QtCore import QByteArray, QObject, Signal
from PySide6.QtGui import QColor
from PySide6.QtSvg import QSvgRenderer

from cort_desktop.gui.markdown.beside import Beside
from cort_desktop.gui.markdown.drawing import Drawing, draw, is_feasible
from cort_desktop.gui.pulse import Pulse

_KEPT = 1000


class _Name(NamedTuple):
    """What names a drawing."""

    tex: str
    is_display: bool


class Typesetter(QObject):
    """One for a window (``Typesetter.of``)."""

    ready = Signal()

    def __init__(self, pulse: Pulse) -> None:
        super().__init__(pulse)
        self._pulse = pulse
        self._drawings: OrderedDict[_Name, Drawing | None] = OrderedDict()
        self._renderers: OrderedDict[tuple[_Name, str], QSvgRenderer] = OrderedDict()
        self._work: Beside[_Name, Drawing | None] = Beside(
            lambda name: draw(name.tex, is_display=name.is_display), "formulas"
        )

    @staticmethod
    def of(pulse: Pulse) -> Typesetter:
        """The typesetter of the window that ``pulse`` beats for."""
        for child in pulse.children():
            if isinstance(child, Typesetter):
                return child
        return Typesetter(pulse)

    def drawing(self, tex: str, *, is_display: bool) -> Drawing | None:
        """The drawing, or None when it can't be set or isn't set yet; then ``ready`` tells."""
        name = _Name(tex, is_display)
        if name in self._drawings:
            self._drawings.move_to_end(name)
            return self._drawings[name]
        if is_feasible(tex):
            self._work.ask(name)
            self._pulse.ask(self._collect)
        return None

    def is_coming(self, tex: str, *, is_display: bool) -> bool:
        """Whether its drawing is being made."""
        return _Name(tex, is_display) not in self._drawings and is_feasible(tex)

    def renderer(self, tex: str, colour: QColor, *, is_display: bool) -> QSvgRenderer | None:
        """What draws the formula in that colour; None when there is no drawing."""
        name = _Name(tex, is_display)
        found = self._drawings.get(name)
        if found is None:
            return None
        key = (name, colour.name())
        if key not in self._renderers:
            svg = found.svg.replace('"black"', f'"{colour.name()}"')
            self._renderers[key] = QSvgRenderer(QByteArray(svg.encode()))
            if len(self._renderers) > _KEPT:
                self._renderers.popitem(last=False)
        return self._renderers[key]

    def _collect(self) -> None:
        results = self._work.results()
        for name, drawing in results.items():
            self._drawings[name] = drawing
            if len(self._drawings) > _KEPT:
                self._drawings.popitem(last=False)
        if results:
            self.ready.emit()
        if self._work.is_busy:
            self._pulse.ask(self._collect)
