"""Conversations that are dropped onto the window, wherever nothing else takes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from cort_desktop.gui.chat.message_edit import local_files


class Drops(QObject):
    """Hands the ``.cort`` files that are dropped onto ``window`` to ``take``."""

    def __init__(self, window: QWidget, take: Callable[[list[Path]], object]) -> None:
        super().__init__(window)
        self._take = take
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, _window: QObject, event: QEvent) -> bool:
        if event.type() not in (QEvent.Type.DragEnter, QEvent.Type.Drop):
            return False
        if not isinstance(event, QDragEnterEvent | QDropEvent):
            return False
        from cort_desktop.telling.exporting import is_cort

        files = [path for path in local_files(event.mimeData()) if is_cort(path.name)]
        if not files:
            return False
        event.acceptProposedAction()
        if event.type() == QEvent.Type.Drop:
            self._take(files)
        return True
