"""How a row of the timeline is drawn: its name, and a bar for each call.

Light while a call waits, full from its first content on; red where it failed, with a cross; gold for judges;
green for who won a round, with a star. A thin line joins the tries of a call. Colour never stands alone: the
words of each bar are in its tooltip and in the row's accessible text.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.gui.rounds.timeline_layout import LEAST_CUT_S, Row, Scale, parts
from cort_desktop.gui.rounds.timeline_model import TimelineModel
from cort_desktop.gui.rounds.trace import Call
from cort_desktop.gui.theme import Colour, Theme

_Index = QModelIndex | QPersistentModelIndex
ROW_PX = 14
LANE_PX = 5
MOST_ROW_PX = 64
BAR_PX = 8
_ICON_PX = 10
_NARROW_PX = 3
_LEAST_PX = 3.0
"""So much is seen of what took no time."""
_LEAST_PACKED_PX = 1.5
_CAP_PX = 4
_MANY = 6
"""A row of more calls is painted colour by colour, without signs."""
_VEIL = 180
RIGHT_PX = 14
"""Room for the icon after the last bar."""
_GUTTER_PX = 10

_COLOURS: dict[str, tuple[Colour, Colour]] = {
    "call": ("bar_wait", "bar"),
    "judge": ("bar_judge_wait", "bar_judge"),
    "won": ("bar_won_wait", "bar_won"),
    "failed": ("bar_failed_wait", "bar_failed"),
}
"""The colours of waiting and of content, by what a call is."""


@dataclass(slots=True, kw_only=True)
class Drawn:
    """What is drawn beside the rows: the scale, how far the run is shown, and what is selected. ``played``:
    the run as it stands in a replay, which doesn't know yet who will win.
    """

    scale: Scale
    now: float
    until: float | None = None
    played: RunState | None = None
    selected: NodeName | None = None


class TimelineDelegate(QStyledItemDelegate):
    """Draws rows of a ``TimelineModel``; ``drawn`` is set before each paint."""

    def __init__(self, theme: Theme, model: TimelineModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._model = model
        self.drawn = Drawn(scale=Scale(left=0, right=1, seconds=1), now=0)
        self._brushes: dict[Colour, QColor] = {}
        self._winners: set[NodeName] = set()
        self._kept: dict[str, tuple[object, dict[Colour, list[QRectF]]]] = {}
        model.modelReset.connect(self._forget_bars)
        theme.changed.connect(self._restyle)

    def _restyle(self) -> None:
        self._brushes.clear()
        self._kept.clear()

    def _forget_bars(self) -> None:
        self._kept.clear()

    def gutter(self) -> int:
        """How wide the names are, in pixels."""
        metrics = _metrics(self._theme)
        widest = max((metrics.horizontalAdvance(row.label) for row in self._model.rows), default=0)
        return min(110, max(40, widest)) + _GUTTER_PX

    def prepare(self, drawn: Drawn) -> None:
        """Set what the next paint needs."""
        self.drawn = drawn
        state = drawn.played
        if state is None and self._model.feed is not None:
            state = self._model.feed.state
        self._winners = winners(state) if state is not None else set()

    def sizeHint(self, _option: QStyleOptionViewItem, index: _Index) -> QSize:
        row = self._model.rows[index.row()]
        least = max(ROW_PX, _metrics(self._theme).height())
        return QSize(0, least if row.depth == 1 else min(MOST_ROW_PX, max(least, row.depth * LANE_PX + 4)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row = self._model.rows[index.row()]
        rect = QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option, row, rect)
        self._paint_cuts(painter, rect)
        painter.setFont(self._theme.font("mono_small"))
        painter.setPen(self._colour("faint"))
        room = rect.adjusted(0, 0, int(self.drawn.scale.left) - rect.width() - 4, 0)
        label = painter.fontMetrics().elidedText(row.label, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, label)
        if len(row.nodes) > _MANY:
            self._paint_many(painter, row, rect)
        else:
            for node, lane in zip(row.nodes, row.lanes, strict=True):
                self._paint_call(painter, self._model.trace.calls[node], self.lane_rect(row, rect, lane))
        self._paint_ahead(painter, rect)
        painter.restore()

    def lane_rect(self, row: Row, rect: QRect, lane: int) -> QRectF:
        """Where a lane of a row is."""
        if row.depth == 1:
            bar = min(BAR_PX, rect.height() - 4)
            return QRectF(rect.left(), rect.center().y() - bar / 2 + 0.5, rect.width(), bar)
        each = (rect.height() - 4) / row.depth
        height = max(1.5, each - 1)
        return QRectF(rect.left(), rect.top() + 2 + lane * each, rect.width(), height)

    def call_at(self, row: Row, rect: QRect, x: float, y: float) -> NodeName:
        """The call at a place in its row, else the nearest."""
        now, scale = self.drawn.now, self.drawn.scale

        def distance(node: NodeName, lane: int) -> float:
            call = self._model.trace.calls[node]
            place = self.lane_rect(row, rect, lane)
            left, right = scale.x(call.start), scale.x(now if call.end is None else call.end)
            across = max(left - x, 0, x - right)
            return across + 4 * max(place.top() - y, 0, y - place.bottom())

        return min(zip(row.nodes, row.lanes, strict=True), key=lambda pair: distance(*pair))[0]

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, row: Row, rect: QRect) -> None:
        is_selected = self.drawn.selected in row.nodes
        if not is_selected and not option.state & QStyle.StateFlag.State_MouseOver:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colour("accent_soft" if is_selected else "hover"))
        painter.drawRoundedRect(QRectF(rect), 4, 4)

    def _paint_cuts(self, painter: QPainter, rect: QRect) -> None:
        for cut in self._model.trace.cuts:
            if cut.away_s >= LEAST_CUT_S:
                x = self.drawn.scale.x(cut.at)
                painter.setPen(QPen(self._colour("line_strong"), 1, Qt.PenStyle.DashLine))
                painter.drawLine(round(x), rect.top(), round(x), rect.bottom())

    def _paint_many(self, painter: QPainter, row: Row, rect: QRect) -> None:
        """The bars of a packed row, all of a colour at once: thousands take less than a frame."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.translate(0, rect.top())
        room = QRect(0, 0, rect.width(), rect.height())
        for colour, bars in self._bars_of(row, room).items():
            painter.setBrush(self._colour(colour))
            painter.drawRects(bars)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.drawn.selected in row.nodes:
            at = row.nodes.index(self.drawn.selected)
            lane = self.lane_rect(row, room, row.lanes[at])
            self._paint_call(painter, self._model.trace.calls[row.nodes[at]], lane)
        painter.translate(0, -rect.top())

    def _bars_of(self, row: Row, room: QRect) -> dict[Colour, list[QRectF]]:
        """The bars by colour; kept while none of the calls is under way."""
        calls = [self._model.trace.calls[node] for node in row.nodes]
        is_open = any(call.end is None for call in calls)
        tries = sum(len(call.attempts) for call in calls)
        state = (row, room.height(), self.drawn.scale, tries, len(self._winners))
        kept = self._kept.get(row.label)
        if kept is not None and kept[0] == state and not is_open:
            return kept[1]
        lanes = [self.lane_rect(row, room, lane) for lane in range(row.depth)]
        bars: dict[Colour, list[QRectF]] = {}
        for call, lane in zip(calls, row.lanes, strict=True):
            self._collect(call, lanes[lane], bars)
        self._kept[row.label] = (state, bars)
        return bars

    def _collect(self, call: Call, lane: QRectF, bars: dict[Colour, list[QRectF]]) -> None:
        left, per_second = self.drawn.scale.left, self.drawn.scale.per_second
        waits, brings = _COLOURS[self._what(call)]
        top, height = lane.top(), lane.height()
        if not call.attempts and call.status == "finished":
            place = QRectF(left + call.start * per_second, top, _LEAST_PACKED_PX, height)
            bars.setdefault(brings, []).append(place)
        for attempt in call.attempts:
            end = self.drawn.now if attempt.end is None else attempt.end
            first = end if attempt.first is None else attempt.first
            start = left + attempt.start * per_second
            middle = left + first * per_second
            right = max(left + end * per_second, start + _LEAST_PACKED_PX)
            bars.setdefault(waits, []).append(QRectF(start, top, middle - start, height))
            bars.setdefault(brings, []).append(QRectF(middle, top, right - middle, height))

    def _paint_ahead(self, painter: QPainter, rect: QRect) -> None:
        """Make pale what is still to come in a replay."""
        if self.drawn.until is not None:
            veil = QColor(self._colour("window"))
            veil.setAlpha(_VEIL)
            left = self.drawn.scale.x(self.drawn.until)
            painter.fillRect(QRectF(left, rect.top(), rect.right() - left + 1, rect.height()), veil)

    def _paint_call(self, painter: QPainter, call: Call, lane: QRectF) -> None:
        scale, what = self.drawn.scale, self._what(call)
        last = scale.x(call.start)
        for part in parts(call, self.drawn.now):
            left, right = scale.x(part.start), scale.x(part.end)
            last = max(last, right)
            if part.kind == "pause":
                self._paint_pause(painter, left, right, lane)
                continue
            if part.kind == "queue":
                self._paint_queue(painter, left, right, lane)
                continue
            waits, brings = _COLOURS["failed" if part.failed else what]
            colour = self._colour(waits if part.kind == "wait" else brings)
            width = max(_LEAST_PX, right - left)
            last = max(last, left + width)
            self._paint_bar(painter, QRectF(left, lane.top(), width, lane.height()), colour)
            if part.failed and part.kind == "wait":
                cap = min(_CAP_PX, width)
                end = left + width - cap
                self._paint_bar(painter, QRectF(end, lane.top(), cap, lane.height()), self._colour(brings))
        if self.drawn.selected == call.node:
            first = scale.x(call.start)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._colour("accent"), 1))
            painter.drawRoundedRect(
                QRectF(first - 1.5, lane.top() - 1.5, last - first + 3, lane.height() + 3), 3, 3
            )
        self._paint_sign(painter, call, last, lane)

    @staticmethod
    def _paint_bar(painter: QPainter, bar: QRectF, colour: QColor) -> None:
        if bar.height() < BAR_PX or bar.width() < _NARROW_PX:
            painter.fillRect(bar, colour)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawRoundedRect(bar, 2, 2)

    def _paint_pause(self, painter: QPainter, left: float, right: float, lane: QRectF) -> None:
        """A line through the wait between two tries, with the sign of trying again where there is room."""
        middle = lane.center().y()
        painter.setPen(QPen(self._colour("bar_failed"), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(left, middle), QPointF(right, middle))
        if lane.height() >= BAR_PX and right - left > _ICON_PX + 2:
            self._paint_icon(painter, "rotate-ccw", "bad", (left + right) / 2 - _ICON_PX / 2, middle)

    def _paint_queue(self, painter: QPainter, left: float, right: float, lane: QRectF) -> None:
        """A thin line while it waits for a free place: nothing has been sent."""
        middle = lane.center().y()
        painter.setPen(QPen(self._colour("line_strong"), 1))
        painter.drawLine(QPointF(left, middle), QPointF(right, middle))

    def _paint_sign(self, painter: QPainter, call: Call, right: float, lane: QRectF) -> None:
        if lane.height() < BAR_PX:
            return
        if call.status == "failed":
            self._paint_icon(painter, "x", "bad", right + 3, lane.center().y())
        elif call.status == "cancelled":
            self._paint_icon(painter, "ban", "faint", right + 3, lane.center().y())
        elif call.node in self._winners:
            self._paint_icon(painter, "star", "good", right + 3, lane.center().y())

    def _paint_icon(self, painter: QPainter, icon: str, colour: Colour, left: float, middle: float) -> None:
        place = QRect(round(left), round(middle - _ICON_PX / 2), _ICON_PX, _ICON_PX)
        self._theme.icon(icon, colour, filled=icon == "star").paint(painter, place)

    def _what(self, call: Call) -> str:
        if call.status == "failed":
            return "failed"
        if call.node in self._winners:
            return "won"
        return "judge" if call.role in ("judge", "critic") else "call"

    def _colour(self, name: Colour) -> QColor:
        if name not in self._brushes:
            self._brushes[name] = self._theme.colour(name)
        return self._brushes[name]


def winners(state: RunState) -> set[NodeName]:
    """Who won a round, and the answer."""
    results = (round_.result for round_ in state.rounds.values())
    won = {each.winner for each in results if each is not None and each.method != "consensus"}
    if state.finished is not None:
        won.add(state.answer_node)
    return {name for name in won if name is not None}


def _metrics(theme: Theme) -> QFontMetrics:
    return QFontMetrics(theme.font("mono_small"))
