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
    QPainter,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
from shiboken6 import isValid

from cort_desktop.domain.ids import NodeName
from cort_desktop.gui.rounds import walk
from cort_desktop.gui.rounds.map_cards import HEIGHT, WIDTH, Card, Cards, Key, cards_of, refresh
from cort_desktop.gui.rounds.map_paint import MapPaint
from cort_desktop.gui.rounds.map_sight import card_at
from cort_desktop.gui.rounds.marks import Marks
from cort_desktop.gui.rounds.model import RunTreeModel
from cort_desktop.gui.rounds.zoom_view import ZoomView
from cort_desktop.gui.run_feed import Changes, RunFeed
from cort_desktop.gui.selection import Selection
from cort_desktop.gui.theme import Theme

_OVERVIEW = 0.12
_LONG_RUN = 0.24
"""A run that would be smaller than an overview opens at this scale, at what is chosen."""
_MOVED_MS = 180
_MOST_MOVED = 300
"""More cards than this jump to their new places."""


class MapView(ZoomView):
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
        self._is_stale = True
        self._pressed: QPoint | None = None
        self._moving = QVariantAnimation(self)
        self._moves: dict[Key, tuple[float, float]] = {}
        self.setObjectName("roundMap")
        self.setAccessibleName(self.tr("Map of the rounds"))
        self._moving.setDuration(_MOVED_MS)
        self._moving.setStartValue(0.0)
        self._moving.setEndValue(1.0)
        self._moving.valueChanged.connect(self._move)
        model.replaced.connect(self._replaced)
        selection.changed.connect(self._follow)
        theme.changed.connect(self._restyle)
        self._replaced()

    @property
    def cards(self) -> Cards:
        """What is on the map now."""
        return self._cards

    def bounds(self) -> QRectF:
        return QRectF(*self._cards.bounds)

    def head_px(self) -> int:
        return self._paint.head_px

    # Growing

    def _replaced(self) -> None:
        before, self._feed = self._feed, self._model.feed
        if before is not self._feed:
            if before is not None and isValid(before):
                before.changed.disconnect(self._changed)
            if self._feed is not None:
                self._feed.changed.connect(self._changed)
        is_same_run = before is not None and self._feed is not None and before.run == self._feed.run
        self.is_by_hand = self.is_by_hand and is_same_run
        self._is_stale = True
        if self.isVisible():
            self._build()
            if not self.is_by_hand:
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
        self.reach()
        if not self.is_by_hand and before.columns and not self.seen().contains(self.bounds()):
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
            if not self.is_by_hand:
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
            self.zoom_to(_LONG_RUN)
            self.centerOn(QPointF(chosen.x + WIDTH / 2, chosen.y))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self.is_by_hand:
            self.open()
        else:
            self.reach()

    def viewportEvent(self, event: QEvent) -> bool:
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
            self.is_by_hand = True
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
            head = self.head_px() / self.scale_now
            if (
                not self.mapToScene(self.viewport().rect())
                .boundingRect()
                .adjusted(0, head, 0, 0)
                .contains(box)
            ):
                self.is_by_hand = True
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
        if at.y() < self.head_px():
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
