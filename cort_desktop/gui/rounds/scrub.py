"""Under the bars of the timeline: the axis of seconds, and the slider that walks a finished run."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QSlider, QStyle, QStyleOptionSlider, QWidget

from cort_desktop.gui.rounds.timeline_layout import LEAST_CUT_S, Scale, cut_words
from cort_desktop.gui.rounds.trace import Cut
from cort_desktop.gui.theme import Theme

_TICK_PX = 64
_STEPS = 100_000
"""Positions from the beginning to the end, however long the run is: Qt counts in 32 bits."""
HANDLE_PX = 12


class Axis(QWidget):
    """Round seconds with thin ticks, and where time was cut out: ``— 3 h later —``."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._scale = Scale(left=0, right=1, seconds=0)
        self._cuts: tuple[Cut, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_scale(self, scale: Scale, cuts: tuple[Cut, ...]) -> None:
        """Show another scale."""
        if (scale, cuts) != (self._scale, self._cuts):
            self._scale, self._cuts = scale, cuts
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, QFontMetrics(self._theme.font("tiny")).height() + 5)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self._theme.font("tiny"))
        metrics = painter.fontMetrics()
        taken = self._paint_cuts(painter)
        for second, words in self._scale.ticks(_TICK_PX):
            x = self._scale.x(second)
            painter.setPen(QPen(self._theme.colour("line_strong"), 1))
            painter.drawLine(round(x), 0, round(x), 3)
            width = metrics.horizontalAdvance(words)
            left = min(max(0.0, x - width / 2), self.width() - width)
            if any(left < end and left + width > start for start, end in taken):
                continue
            painter.setPen(self._theme.colour("faint"))
            painter.drawText(QRectF(left, 4, width + 1, metrics.height()), words)
        painter.end()

    def _paint_cuts(self, painter: QPainter) -> list[tuple[float, float]]:
        """Draws the words of the cuts; returns the room they take."""
        taken: list[tuple[float, float]] = []
        for cut in self._cuts:
            if cut.away_s < LEAST_CUT_S:
                continue
            words = f"— {cut_words(cut.away_s)} —"
            width = painter.fontMetrics().horizontalAdvance(words)
            left = min(max(0.0, self._scale.x(cut.at) - width / 2), self.width() - width)
            if any(left < end and left + width > start for start, end in taken):
                continue
            painter.setPen(self._theme.colour("muted"))
            painter.drawText(QRectF(left, 4, width + 1, painter.fontMetrics().height()), words)
            taken.append((left - 6, left + width + 6))
        return taken


class ScrubSlider(QSlider):
    """A position in the run. ``stepped`` asks for one event on (1) or back (-1), ``scrubbed`` has the second
    it was dragged to.
    """

    stepped = Signal(int)
    scrubbed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._seconds = 0.0
        self.setRange(0, _STEPS)
        self.setPageStep(_STEPS // 10)
        self.sliderMoved.connect(self._moved)

    def show_second(self, second: float, seconds: float, words: str) -> None:
        """Put the handle at a second of a run that long; ``words`` are read aloud."""
        if self.isSliderDown():
            return
        self._seconds = seconds
        self.setValue(round(min(1.0, second / seconds) * _STEPS) if seconds > 0 else 0)
        self.setAccessibleDescription(words)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Down: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: 1,
        }
        key = Qt.Key(event.key())
        if key in steps:
            self.stepped.emit(steps[key])
        elif key == Qt.Key.Key_Home:
            self._moved(0)
        elif key == Qt.Key.Key_End:
            self._moved(_STEPS)
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            page = self.pageStep() if key == Qt.Key.Key_PageDown else -self.pageStep()
            self._moved(min(_STEPS, max(0, self.value() + page)))
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on the groove goes there; Qt would only move a page towards it."""
        if event.button() == Qt.MouseButton.LeftButton:
            option = QStyleOptionSlider()
            self.initStyleOption(option)
            room = self.width() - HANDLE_PX
            at = round(event.position().x() - HANDLE_PX / 2)
            value = QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), at, max(1, room))
            self.setValue(value)
            self._moved(value)
        super().mousePressEvent(event)

    def _moved(self, value: int) -> None:
        self.scrubbed.emit(value / _STEPS * self._seconds)
