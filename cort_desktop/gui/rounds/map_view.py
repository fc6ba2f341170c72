"""The rounds as a map: a tidy tree from the draft to the answer, to be zoomed, dragged and walked through.

The view moves and zooms an empty scene; all it shows is painted by ``map_paint.py`` from the cards in sight,
so that a run of two thousand nodes moves as lightly as one of twenty. A map can't be read by a screen reader:
the view speaks for what is chosen, and the outline holds everything.
"""

from __future__ import annotations

from html import escape
from typing import cast

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QVariantAnimation, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QResizeEvent,
    QShowEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QGraphicsScene, QGraphicsView, QToolTip, QWidget
from shiboken6 import isValid

from cort_desktop.domain.ids import NodeName
from cort_desktop.gui.rounds import walk
from cort_desktop.gui.rounds.map_cards import HEIGHT, WIDTH, Card, Cards, Key, cards_of, refresh
from cort_desktop.gui.rounds.map_paint import MapPaint, card_at
from cort_desktop.gui.rounds.marks import Marks
from cort_desktop.gui.rounds.model import RunTreeModel
from cort_desktop.gui.run_feed import Changes, RunFeed
from cort_desktop.gui.selection import Selection
from cort_desktop.gui.theme import Theme

SMALLEST, LARGEST = 0.004, 2.5
_OVERVIEW = 0.12
_LONG_RUN = 0.24
"""A run that would be smaller than an overview opens at this scale, at what is chosen."""
_MARGIN = 24.0
_STEP = 1.0015
"""Zoom for one unit of the wheel; a notch is 120."""
_MOVED_MS = 180
_MOST_MOVED = 300
"""More cards than this jump to their new places."""


class MapView(QGraphicsView):
    """The map. ``menu_wanted`` has the global position for the menu of verbs; ``show_wanted``: read it."""

    menu_wanted = Signal(object)
    show_wanted = Signal()

    def __init__(
        self, theme: Theme, model: RunTreeModel, selection: Selection, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._model = model
        self._selection = selection
        self._feed: RunFeed | None = None
        self._cards = Cards()
        self._paint = MapPaint(theme, Marks(theme, self))
        self._is_by_hand = False
        self._is_stale = True
        self._pressed: QPoint | None = None
        self._moving = QVariantAnimation(self)
        self._moves: dict[Key, tuple[float, float]] = {}
        self._set_up()
        self._moving.setDuration(_MOVED_MS)
        self._moving.setStartValue(0.0)
        self._moving.setEndValue(1.0)
        self._moving.valueChanged.connect(self._move)
        model.replaced.connect(self._replaced)
        selection.changed.connect(self._follow)
        theme.changed.connect(self._restyle)
        self._replaced()

    def _set_up(self) -> None:
        self.setObjectName("roundMap")
        self.setAccessibleName(self.tr("Map of the rounds"))
        self.setScene(QGraphicsScene(self))
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)

    @property
    def cards(self) -> Cards:
        """What is on the map now."""
        return self._cards

    @property
    def scale_now(self) -> float:
        """Device-independent pixels per unit of the scene."""
        return self.transform().m11()

    # Growing

    def _replaced(self) -> None:
        before, self._feed = self._feed, self._model.feed
        if before is not self._feed:
            if before is not None and isValid(before):
                before.changed.disconnect(self._changed)
            if self._feed is not None:
                self._feed.changed.connect(self._changed)
        is_same_run = before is not None and self._feed is not None and before.run == self._feed.run
        self._is_by_hand = self._is_by_hand and is_same_run
        self._is_stale = True
        if self.isVisible():
            self._build()
            if not self._is_by_hand:
                self.open()

    def _changed(self, changes: Changes) -> None:
        if self._feed is None or not self.isVisible():
            self._is_stale = True
            return
        if changes.events:
            self._build()
        else:
            for name in changes.streamed:
                refresh(self._cards, self._feed.state, name, self._model.told_of, self._feed.text)
        self.viewport().update()

    def _build(self) -> None:
        """Make the cards what they should be; those that stand elsewhere now move there."""
        self._is_stale = False
        before = self._cards
        feed = self._feed
        has_run = feed is not None and feed.state.started is not None
        self._cards = cards_of(feed.state, self._model.told_of, feed.text) if feed and has_run else Cards()
        self._paint.forget()
        moves = {
            key: (before.by_key[key].y, card.y)
            for key, card in self._cards.by_key.items()
            if key in before.by_key and before.by_key[key].y != card.y
        }
        self._reach()
        if not self._is_by_hand and before.columns and self._is_out_of_sight():
            self.open()
        self._describe()
        self._moving.stop()
        if moves and self._theme.has_motion and len(self._cards.by_key) <= _MOST_MOVED:
            self._moves = moves
            self._moving.start()
        self.viewport().update()

    def _move(self, share: float) -> None:
        eased = 1 - (1 - share) ** 3
        for key, (start, end) in self._moves.items():
            if key in self._cards.by_key:
                self._cards.by_key[key].y = start + (end - start) * eased
        self._paint.forget()
        self.viewport().update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self._build()
            if not self._is_by_hand:
                self.open()

    def _restyle(self) -> None:
        self._paint.restyle()
        self.viewport().update()

    # Moving and zooming

    def open(self) -> None:
        """Show all of it if that can be read, else the surroundings of what is chosen."""
        self.fit()
        chosen = self._cards.by_key.get(self._selection.node)
        if self.scale_now < _OVERVIEW and chosen is not None:
            self._zoom_to(_LONG_RUN)
            self.centerOn(QPointF(chosen.x + WIDTH / 2, chosen.y))

    def fit(self) -> None:
        """Show all of it, at most at its own size."""
        self._is_by_hand = False
        left, top, width, height = self._cards.bounds
        room = self.viewport().size()
        head = self._paint.head_px
        across = (room.width() - 2 * _MARGIN) / width
        down = (room.height() - head - 2 * _MARGIN) / height
        self._zoom_to(min(1.0, max(SMALLEST, min(across, down))))
        middle = QPointF(left + width / 2, top + height / 2 - head / 2 / self.scale_now)
        self.centerOn(middle)

    def zoom(self, factor: float, at: QPointF) -> None:
        """Zoom about a point of the view, which stays where it is."""
        self._is_by_hand = True
        before = self.mapToScene(at.toPoint())
        self._zoom_to(min(LARGEST, max(SMALLEST, self.scale_now * factor)))
        moved = self.mapFromScene(before) - at.toPoint()
        self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() + moved.x())
        self.verticalScrollBar().setValue(self.verticalScrollBar().value() + moved.y())

    def _zoom_to(self, scale: float) -> None:
        self.setTransform(QTransform.fromScale(scale, scale))
        self._reach()

    def _reach(self) -> None:
        """How far one can drag: until the last card is about to leave."""
        left, top, width, height = self._cards.bounds
        room = self.viewport().size()
        across = room.width() / self.scale_now
        down = room.height() / self.scale_now
        self.setSceneRect(QRectF(left - across, top - down, width + 2 * across, height + 2 * down))

    def _is_out_of_sight(self) -> bool:
        seen = self.mapToScene(self.viewport().rect()).boundingRect()
        return not seen.contains(QRectF(*self._cards.bounds))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._is_by_hand:
            self.open()
        else:
            self._reach()

    def wheelEvent(self, event: QWheelEvent) -> None:
        pixels = event.pixelDelta()
        wants_zoom = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if not pixels.isNull() and not wants_zoom:  # a touchpad drags with two fingers
            self._is_by_hand = True
            self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() - pixels.x())
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() - pixels.y())
        else:
            self.zoom(_STEP ** event.angleDelta().y(), event.position())
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.NativeGesture:
            gesture = cast("QNativeGestureEvent", event)
            if gesture.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom(1 + gesture.value(), gesture.position())
                return True
        if event.type() == QEvent.Type.ToolTip:
            asked = cast("QHelpEvent", event)
            card = self._card_at(asked.pos())
            text = "" if card is None else f"<span>{escape(card.told.spoken)}</span>"
            QToolTip.showText(asked.globalPos(), text, self)
            return True
        return super().viewportEvent(event)

    # Choosing

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        event.accept()
        at = event.position().toPoint()
        pressed, self._pressed = self._pressed, None
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)
        if pressed is None:
            return
        if (at - pressed).manhattanLength() >= QApplication.startDragDistance():
            self._is_by_hand = True
            return
        card = self._card_at(at)
        if card is not None:
            self._choose(card.key if card.key is not None else card.parent)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        if self._card_at(event.position().toPoint()) is not None:
            self.show_wanted.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        card = self._card_at(event.pos())
        at = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            chosen = self._cards.by_key.get(self._selection.node)
            spot = QPointF() if chosen is None else QPointF(chosen.x, chosen.y)
            at = self.viewport().mapToGlobal(self.mapFromScene(spot))
        elif card is None:
            return
        else:
            self._choose(card.key if card.key is not None else card.parent)
        self.menu_wanted.emit(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.modifiers() not in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier):
            event.ignore()
            return
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is not None:
            self._choose(self._in_column(step))
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._choose(self._across(is_back=event.key() == Qt.Key.Key_Left))
        else:
            event.ignore()

    def _across(self, *, is_back: bool) -> NodeName | None:
        """Where an arrow to the left or to the right leads: to the parent, or to a child on the map."""
        name = self._selection.node
        if self._feed is None or name is None:
            return self._first()
        state = self._feed.state
        if is_back:
            return walk.parent(state, name)
        visited = self._selection.last_visited_child(name)
        child = walk.likely_child(state, name, visited)
        return child if child in self._cards.by_key else None

    def _in_column(self, step: int) -> NodeName | None:
        card = self._cards.by_key.get(self._selection.node)
        if card is None or card.key is None:
            return self._first()
        column = self._cards.columns[card.column]
        at = column.index(card) + step
        return column[at].key if 0 <= at < len(column) else None

    def _first(self) -> NodeName | None:
        return next((card.key for column in self._cards.columns for card in column), None)

    def _choose(self, name: NodeName | None) -> None:
        if name is not None:
            self._selection.select(name)

    def _follow(self) -> None:
        """Have what is chosen in sight, and say what it is."""
        card = self._cards.by_key.get(self._selection.node) if self._selection.node is not None else None
        if card is not None and self.isVisible():
            box = QRectF(card.x, card.y - HEIGHT / 2, WIDTH, HEIGHT)
            head = self._paint.head_px / self.scale_now
            if (
                not self.mapToScene(self.viewport().rect())
                .boundingRect()
                .adjusted(0, head, 0, 0)
                .contains(box)
            ):
                self._is_by_hand = True
                self.ensureVisible(box.adjusted(0, -head, 0, 0), 24, 24)
        self._describe()
        self.viewport().update()

    def _describe(self) -> None:
        """The words of the chosen card, for screen readers; said aloud while the map has the keyboard."""
        card = self._cards.by_key.get(self._selection.node) if self._selection.node is not None else None
        words = self.tr("Nothing is chosen") if card is None else card.told.spoken
        if words == self.accessibleDescription():
            return
        self.setAccessibleDescription(words)
        if self.hasFocus():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def _card_at(self, at: QPoint) -> Card | None:
        if at.y() < self._paint.head_px:
            return None
        return card_at(self._cards, self.mapToScene(at))

    # Painting

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:  # type: ignore[override]
        painter.fillRect(rect, self._theme.colour("window"))
        chosen, marked = self._selection.node, self._selection.marked
        self._paint.scene(painter, self._cards, rect, self.scale_now, chosen, marked)

    def drawForeground(self, painter: QPainter, _rect: QRectF) -> None:  # type: ignore[override]
        if not self._cards.by_key:
            return
        painter.save()
        painter.resetTransform()
        left = self.mapFromScene(QPointF(0, 0)).x()
        self._paint.heads(painter, self._cards, left, self.scale_now, self.viewport().width())
        if self.hasFocus() and self._selection.node is None:
            painter.setPen(self._theme.colour("accent"))
            painter.drawRect(self.viewport().rect().adjusted(0, 0, -1, -1))
        painter.restore()
