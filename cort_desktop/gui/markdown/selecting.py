"""One selection over many parts: a drag that leaves a part goes on in the next ones.

Each text widget keeps its own selection; this keeps them in step, and says what all of it is. All of a text
too large to be built at once is selected by word alone: its parts follow as they are made.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QWidget

from cort_desktop.gui.markdown.flow import Flow, effort
from cort_desktop.gui.markdown.part import Part

_MOST_EFFORT = 70_000


class Selecting(QObject):
    """Watches the texts of a view's parts."""

    def __init__(self, host: QWidget, flow: Flow, build_all: Callable[[], None]) -> None:
        super().__init__(host)
        self._host = host
        self._flow = flow
        self._build_all = build_all
        self._anchor: Part | None = None
        self._anchor_place = 0
        self._is_across = False
        self._is_everything = False

    def watch(self, part: Part) -> None:
        """Follow the mouse and the keys of a part."""
        for child in (part, *part.findChildren(QWidget)):
            child.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent):
            return event.type() == QEvent.Type.KeyPress and self._key(event)
        if isinstance(event, QMouseEvent) and isinstance(watched, QWidget):
            if event.type() == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
                self._press(watched, event)
            elif event.type() == QEvent.Type.MouseMove and event.buttons() & Qt.MouseButton.LeftButton:
                return self._drag(event.globalPosition().toPoint())
            elif event.type() == QEvent.Type.MouseButtonRelease:
                self._anchor = None if not self._is_across else self._anchor
        return False

    def text(self) -> str:
        """What is selected, as a copy gets it."""
        if self._is_everything:
            return "\n\n".join(slot.truth() for slot in self._flow.slots)
        return "\n\n".join(words for part in self._flow.parts() if (words := part.selected()))

    def clear(self) -> None:
        """Select nothing."""
        self._is_everything = False
        for part in self._flow.parts():
            part.clear_selection()

    def select_all(self) -> None:
        """Select the whole text."""
        self._is_everything = sum(map(effort, self._flow.slots)) > _MOST_EFFORT
        if not self._is_everything:
            self._build_all()
        for part in self._flow.parts():
            part.select_all()

    def made(self) -> None:
        """Parts were made: they are selected if everything is."""
        if self._is_everything:
            for part in self._flow.parts():
                part.select_all()

    def forget(self) -> None:
        """Another text is shown."""
        self._is_everything = False

    def copy(self) -> bool:
        """The selection to the clipboard. Returns whether there was one."""
        words = self.text()
        if words:
            QGuiApplication.clipboard().setText(words)
        return bool(words)

    def _key(self, event: QKeyEvent) -> bool:
        if event.matches(QKeySequence.StandardKey.Copy):
            return self.copy()
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self.select_all()
            return True
        return False

    def _press(self, watched: QWidget, event: QMouseEvent) -> None:
        part = self._part_of(watched)
        if part is None or part.edit is None or watched is not part.edit.viewport():
            return
        for other in self._flow.parts():
            if other is not part or self._is_across or self._is_everything:
                other.clear_selection()
        self._is_across = self._is_everything = False
        self._anchor = part
        self._anchor_place = part.edit.cursorForPosition(event.position().toPoint()).position()

    def _drag(self, at: QPoint) -> bool:
        anchor = self._anchor
        if anchor is None or anchor.edit is None:
            return False
        parts = list(self._flow.parts())
        if anchor not in parts:
            self._anchor = None
            return False
        y = self._host.mapFromGlobal(at).y()
        target = next((part for part in parts if y < part.y() + part.height()), parts[-1])
        if target is anchor and not self._is_across:
            return False
        self._is_across = target is not anchor
        start, end = parts.index(anchor), parts.index(target)
        for index, part in enumerate(parts):
            if min(start, end) < index < max(start, end):
                part.select_all()
            elif index not in (start, end):
                part.clear_selection()
        if target is anchor:
            anchor.select(
                self._anchor_place,
                anchor.edit.cursorForPosition(anchor.edit.viewport().mapFromGlobal(at)).position(),
            )
            return True
        anchor.select(self._anchor_place, anchor.edit.document().characterCount() - 1 if end > start else 0)
        _select_to(target, at, from_top=end > start)
        return True

    def _part_of(self, widget: QWidget) -> Part | None:
        at: QWidget | None = widget
        while at is not None and at is not self._host:
            if isinstance(at, Part):
                return at
            at = at.parentWidget()
        return None


def _select_to(part: Part, at: QPoint, *, from_top: bool) -> None:
    if part.edit is None:
        part.select_all()
        return
    place = part.edit.cursorForPosition(part.edit.viewport().mapFromGlobal(at)).position()
    part.select(0 if from_top else part.edit.document().characterCount() - 1, place)
