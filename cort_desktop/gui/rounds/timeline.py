"""The pane "Timeline": all calls of a run as bars over its seconds, live; and the slider of a replay.

What stands where is ``timeline_layout.py``, the rows are ``timeline_view.py``, how a bar is drawn
``timeline_paint.py``, playing ``replay_desk.py``. While a run is replayed, the bars of the stored one
stay and what is still to come is pale.
"""

from __future__ import annotations

from math import ceil, log

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from cort_desktop.gui.rounds.pane import Pane
from cort_desktop.gui.rounds.replay_desk import ReplayDesk
from cort_desktop.gui.rounds.scrub import HANDLE_PX, Axis, ScrubSlider
from cort_desktop.gui.rounds.timeline_layout import Scale
from cort_desktop.gui.rounds.timeline_paint import RIGHT_PX, Drawn
from cort_desktop.gui.rounds.timeline_view import TimelineView
from cort_desktop.gui.rounds.timeline_words import total_words
from cort_desktop.gui.selection import Selection
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import ElidedLabel, FocusRing, IconButton, PlainLabel, button, plain_tooltip
from cort_desktop.telling import figures

GROW_MS = 100
"""How often the bars of running calls grow."""
_GROWTH = 1.25
"""A live scale is as long as the next power of this, so that it seldom jumps."""
_SHORTEST_S = 2.0
_MARGIN = 16


class Timeline(Pane):
    """Follows the selection. Connects ``tree.replay``, ``tree.step`` and ``tree.step_back``."""

    def __init__(self, ui: Ui, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(ui, selection, parent)
        self.setObjectName("timeline")
        self.setAccessibleName(self.tr("Timeline"))
        self.desk = ReplayDesk(ui, selection, self)
        self.view = TimelineView(ui.theme)
        FocusRing(self.view)
        self.setFocusProxy(self.view)
        self._head_row = self._head()
        self.axis = Axis(ui.theme)
        self.slider = ScrubSlider()
        self.slider.setAccessibleName(self.tr("Position in the run"))
        plain_tooltip(self.slider, self.tr("Walks through the run, event by event"))
        self._wanted: float | None = None
        self._playhead = Playhead(self)
        self._build()
        self._grow = QTimer(self)
        self._grow.setInterval(GROW_MS)
        self._grow.timeout.connect(self.ask)
        self._connect()
        self.follow()

    def refresh(self) -> None:
        """Show the calls as they stand now."""
        feed = self.desk.feed
        self.view.calls.show(feed)
        has_calls = bool(self.view.calls.rows)
        self._empty.setVisible(not has_calls)
        for each in (self.view, self.axis, self.slider, self._total, self._replay, self._speed):
            each.setVisible(has_calls)
        is_live = feed is not None and feed.is_working and self.desk.player is None
        self._keep_growing(is_live)
        self._show_controls()
        if not has_calls or feed is None:
            self._playhead.hide()
            return
        now = self.view.calls.now()
        self._total.setText(total_words(feed.state, self.view.calls.trace, now))
        scale = self._scale(_live_length(now) if is_live else self.view.calls.trace.seconds)
        player = self.desk.player
        until = None if player is None else player.second
        played = None if player is None else player.feed.state
        drawn = Drawn(scale=scale, now=now, until=until, played=played, selected=self.selection.node)
        self.view.bars.prepare(drawn)
        self.view.show_node(self.selection.node)
        self.axis.show_scale(scale, tuple(self.view.calls.trace.cuts))
        self._show_position(scale, now if until is None else until)
        self.view.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.ask()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.ask()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._grow.stop()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(_MARGIN, 4, _MARGIN, 8)
        column.setSpacing(2)
        column.addWidget(self._head_row)
        self._empty = PlainLabel(self.tr("No call has been made yet."), "faint")
        column.addWidget(self._empty)
        column.addWidget(self.view, 1)
        column.addWidget(self.axis)
        slide = QHBoxLayout()
        self._indent = QWidget()
        self._outdent = QWidget()
        self._outdent.setFixedWidth(max(0, RIGHT_PX - HANDLE_PX // 2))
        slide.setSpacing(0)
        slide.addWidget(self._indent)
        slide.addWidget(self.slider, 1)
        slide.addWidget(self._outdent)
        column.addLayout(slide)
        column.addStretch(0)

    def _head(self) -> QWidget:
        head = QFrame()
        row = QHBoxLayout(head)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(PlainLabel(self.tr("Timeline"), "small"))
        self._replay = IconButton(self.ui.theme, "play", self.tr("Replay"))
        self._speed = button("1×", "flat")
        self._speed.setAccessibleName(self.tr("Speed of the replay"))
        plain_tooltip(self._speed, self.tr("How fast the replay goes"))
        for each in (self._replay, self._speed):
            row.addWidget(each)
        self._total = ElidedLabel("", "small")
        self._total.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(_Room(self._total), 1)
        return head

    def _connect(self) -> None:
        actions, desk = self.ui.actions, self.desk
        actions.on("tree.replay", desk.toggle)
        actions.on("tree.step", lambda: desk.step(1))
        actions.on("tree.step_back", lambda: desk.step(-1))
        desk.changed.connect(self.ask)
        self._replay.clicked.connect(desk.toggle)
        self._speed.clicked.connect(desk.next_speed)
        self.slider.stepped.connect(desk.step)
        self.slider.scrubbed.connect(self._want)
        self.view.node_chosen.connect(self.selection.select)

    def _want(self, second: float) -> None:
        """Go to a second at the next pulse: a hand on the slider is faster than a long run is folded."""
        self._wanted = second
        self.ui.pulse.ask(self._scrub)

    def _scrub(self) -> None:
        if self._wanted is not None:
            self.desk.seek_second(self._wanted)
            self._wanted = None

    def _scale(self, seconds: float) -> Scale:
        left = self.view.bars.gutter()
        return Scale(left=left, right=max(left + 1, self.view.viewport().width() - RIGHT_PX), seconds=seconds)

    def _keep_growing(self, is_live: bool) -> None:
        if is_live != self._grow.isActive():
            self._grow.start() if is_live else self._grow.stop()

    def _show_controls(self) -> None:
        can, playing = self.desk.can_replay or self.desk.player is not None, self.desk.is_playing
        self._replay.set_icon("pause" if playing else "play", "accent" if can else "faint")
        name = self.tr("Pause the replay") if playing else self.tr("Replay at real speed")
        self._replay.setAccessibleName(name)
        keys = self.ui.actions.keys_text("tree.replay")
        plain_tooltip(self._replay, f"{name} ({keys})" if keys else name)
        self._speed.setText(f"{self.desk.speed:g}×")
        for each in (self._replay, self._speed, self.slider):
            each.setEnabled(can)
        for action in ("tree.replay", "tree.step_back"):
            self.ui.actions[action].setEnabled(can)
        self.ui.actions["tree.step"].setEnabled(self.desk.player is not None)

    def _show_position(self, scale: Scale, second: float) -> None:
        self._indent.setFixedWidth(max(0, round(scale.left) - HANDLE_PX // 2))
        whole = self.view.calls.trace.seconds
        words = self.tr("{second} of {whole}")
        told = words.format(second=figures.seconds(second), whole=figures.seconds(whole))
        player = self.desk.player
        if player is not None:
            event = self.tr("event {index} of {count}")
            told += ", " + event.format(index=player.index, count=len(player.schedule.events))
            self._total.setText(told)
        self.slider.show_second(second, scale.seconds if player is None else whole, told)
        self._playhead.setVisible(player is not None)
        if player is not None:
            place = self.view.geometry()
            x = place.left() + round(scale.x(second))
            self._playhead.setGeometry(x - 1, place.top(), 2, place.height() + self.axis.height())
            self._playhead.raise_()


class _Room(QWidget):
    """What a label may have, without being asked: one in a layout has the window laid out at every text."""

    def __init__(self, label: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        label.setParent(self)
        self._label = label

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._label.setGeometry(self.rect())


class Playhead(QWidget):
    """The line at the second that is shown."""

    def __init__(self, timeline: Timeline) -> None:
        super().__init__(timeline)
        self._theme = timeline.ui.theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QPen(self._theme.colour("accent"), 2))
        painter.drawLine(1, 0, 1, self.height())
        painter.end()


def _live_length(now: float) -> float:
    """How long the scale of a working run is: somewhat longer than it has taken."""
    if now <= _SHORTEST_S:
        return _SHORTEST_S * _GROWTH
    return _SHORTEST_S * _GROWTH ** (ceil(log(now / _SHORTEST_S, _GROWTH)) + 1)
