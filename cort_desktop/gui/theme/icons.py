"""Icons by name and colour, drawn from ``resources/icons`` (Lucide) and crisp at every scale."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer


class SvgIcon(QIconEngine):
    """One drawing in one colour; ``faint`` is its colour while it is disabled."""

    def __init__(self, svg: str, colour: str, faint: str) -> None:
        super().__init__()
        self._svg = svg
        self._colour = colour
        self._faint = faint
        self._drawings: dict[str, QSvgRenderer] = {}

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        drawing = self._drawing(self._faint if mode == QIcon.Mode.Disabled else self._colour)
        side = min(rect.width(), rect.height())
        left = rect.x() + (rect.width() - side) / 2
        top = rect.y() + (rect.height() - side) / 2
        drawing.render(painter, QRectF(left, top, side, side))

    def _drawing(self, colour: str) -> QSvgRenderer:
        """Read when it is first painted: most icons are in menus that are never opened."""
        if colour not in self._drawings:
            self._drawings[colour] = _renderer(self._svg, colour)
        return self._drawings[colour]

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        if pixmap.isNull():  # a row squeezed to nothing asks for a picture without pixels
            return pixmap
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return SvgIcon(self._svg, self._colour, self._faint)


@cache
def source(folder: Path, name: str) -> str:
    """The drawing of that name. Raises FileNotFoundError when there is none."""
    return (folder / f"{name}.svg").read_text(encoding="utf-8")


def icon(folder: Path, name: str, colour: str, faint: str, *, filled: bool = False) -> QIcon:
    """The icon of that name; ``filled`` draws closed shapes full."""
    svg = source(folder, name)
    if filled:
        svg = svg.replace('fill="none"', 'fill="currentColor"', 1)
    return QIcon(SvgIcon(svg, colour, faint))


def _renderer(svg: str, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(svg.replace("currentColor", colour).encode()))
