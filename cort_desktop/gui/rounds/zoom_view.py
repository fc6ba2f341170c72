"""A view one zooms with wheel or fingers, drags, and has fitted; what there is to see is a subclass's.

The scene is empty: it only has a size. Whether a person has placed the view by hand is remembered, so that
what grows under it does not move it.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QNativeGestureEvent, QTransform, QWheelEvent
from PySide6.QtWidgets import QGraphicsScene, QGraphicsView, QWidget

SMALLEST, LARGEST = 0.004, 2.5
_MARGIN = 24.0
_STEP = 1.0015
"""Zoom for one unit of the wheel; a notch is 120."""


class ZoomView(QGraphicsView):
    """A subclass says what there is: its ``bounds`` in the scene, and ``head_px`` covered at the top."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.is_by_hand = False
        self.setScene(QGraphicsScene(self))
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)

    def bounds(self) -> QRectF:
        """What there is to see, in units of the scene."""
        raise NotImplementedError

    def head_px(self) -> int:
        """How much of the view is covered at its top."""
        return 0

    @property
    def scale_now(self) -> float:
        """Device-independent pixels per unit of the scene."""
        return self.transform().m11()

    def fit(self) -> None:
        """Show all of it, at most at its own size."""
        self.is_by_hand = False
        box, room, head = self.bounds(), self.viewport().size(), self.head_px()
        across = (room.width() - 2 * _MARGIN) / box.width()
        down = (room.height() - head - 2 * _MARGIN) / box.height()
        self.zoom_to(min(1.0, max(SMALLEST, min(across, down))))
        self.centerOn(box.center() - QPointF(0, head / 2 / self.scale_now))

    def zoom(self, factor: float, at: QPointF) -> None:
        """Zoom about a point of the view, which stays where it is."""
        self.is_by_hand = True
        before = self.mapToScene(at.toPoint())
        self.zoom_to(min(LARGEST, max(SMALLEST, self.scale_now * factor)))
        moved = self.mapFromScene(before) - at.toPoint()
        self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() + moved.x())
        self.verticalScrollBar().setValue(self.verticalScrollBar().value() + moved.y())

    def zoom_to(self, scale: float) -> None:
        """Show it at a scale."""
        self.setTransform(QTransform.fromScale(scale, scale))
        self.reach()

    def reach(self) -> None:
        """How far one can drag: until the last of it is about to leave."""
        box, room = self.bounds(), self.viewport().size()
        across, down = room.width() / self.scale_now, room.height() / self.scale_now
        self.setSceneRect(box.adjusted(-across, -down, across, down))

    def seen(self) -> QRectF:
        """The part of the scene that can be seen."""
        return self.mapToScene(self.viewport().rect()).boundingRect()

    def wheelEvent(self, event: QWheelEvent) -> None:
        pixels = event.pixelDelta()
        wants_zoom = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if not pixels.isNull() and not wants_zoom:  # a touchpad drags with two fingers
            self.is_by_hand = True
            self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() - pixels.x())
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() - pixels.y())
        else:
            self.zoom(_STEP ** event.angleDelta().y(), event.position())
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        zoom = Qt.NativeGestureType.ZoomNativeGesture
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == zoom:
            self.zoom(1 + event.value(), event.position())
            return True
        return super().viewportEvent(event)
