"""A window that tells when it can be used: the child of the figures of the window, started and never imported.

`python _window_child.py bare|ours` opens a bare QMainWindow, or the program through its own entry. A key is
posted as soon as there is something to type into. When it has been taken, and the first page of the library
(of the bare window: the window itself) has been painted, the moment is printed, on the clock that all
processes share. After that it does what it is told on standard input: `open CONVERSATION`, or `close`.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSocketNotifier, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QListView, QMainWindow, QPlainTextEdit, QWidget

LETTER = "q"
NO_CONVERSATIONS = "No conversations yet"
Parts = tuple[QWidget | None, QWidget | None]
"""What a key is for, and what has to be painted; None while it isn't there."""


class Watch(QObject):
    """Looks until the parts are there, posts the key, and tells once that it was taken and all is painted."""

    def __init__(self, find: Callable[[QMainWindow], Parts]) -> None:
        super().__init__()
        self._find = find
        self._window: Any = None
        self._field: QWidget | None = None
        self._page: QWidget | None = None
        self._is_taken = self._is_painted = False
        QCoreApplication.postEvent(self, QEvent(QEvent.Type.User))  # delivered once there is an application

    def customEvent(self, _event: QEvent) -> None:  # noqa: N802 - Qt's name
        if self._is_taken and self._is_painted:
            self._tell()
        elif not self._look():
            QTimer.singleShot(1, self, lambda: QCoreApplication.postEvent(self, QEvent(QEvent.Type.User)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Note what arrives; it is told when that has been dealt with."""
        before = self._is_taken and self._is_painted
        self._is_taken |= watched is self._field and event.type() == QEvent.Type.KeyPress
        self._is_painted |= watched is self._page and event.type() == QEvent.Type.Paint
        if not before and self._is_taken and self._is_painted:
            first = Qt.EventPriority.HighEventPriority.value
            QCoreApplication.postEvent(self, QEvent(QEvent.Type.User), first)
        return False

    def _look(self) -> bool:
        """Watch the parts that have come by now; whether that is all of them."""
        tops = (each for each in QApplication.topLevelWidgets() if isinstance(each, QMainWindow))
        self._window = next((each for each in tops if each.isVisible()), None)
        if self._window is None:
            return False
        field, page = self._find(self._window)
        if field is not None and self._field is None:
            self._field = field
            field.installEventFilter(self)
            press, no = QEvent.Type.KeyPress, Qt.KeyboardModifier.NoModifier
            QCoreApplication.postEvent(field, QKeyEvent(press, Qt.Key.Key_Q, no, LETTER))
        if page is not None and self._page is None:
            self._page = page
            page.installEventFilter(self)
            page.update()  # it may have been painted while nobody watched
        return self._field is not None and self._page is not None

    def _tell(self) -> None:
        if isinstance(self._field, QPlainTextEdit) and self._field.toPlainText() != LETTER:
            raise RuntimeError("the composer had a key and shows nothing of it")
        print(time.monotonic(), time.process_time(), flush=True)
        notifier = QSocketNotifier(0, QSocketNotifier.Type.Read, self)
        notifier.activated.connect(lambda *_: self._obey(sys.stdin.readline().split()))

    def _obey(self, words: list[str]) -> None:
        if words[:1] == ["open"]:
            self._window.open(words[1])
        else:
            self._window.close()


def parts_of_ours(window: QMainWindow) -> Parts:
    """The composer, and the list of conversations or the words in its place."""
    field = window.findChild(QWidget, "composer")
    listed = window.findChild(QListView, "conversationList")
    if listed is not None and listed.model().rowCount():
        return field, listed.viewport()
    pages = () if listed is None else listed.parentWidget().findChildren(QWidget)
    return field, next((each for each in pages if each.accessibleName().startswith(NO_CONVERSATIONS)), None)


def bare() -> int:
    """The smallest window there can be."""
    watch = Watch(lambda window: (window, window))
    app = QApplication(sys.argv[:1])
    window = QMainWindow()
    window.resize(1360, 850)
    window.show()
    code = app.exec()
    del watch
    return code


def ours() -> int:
    """The program, as `cort-desktop gui` starts it."""
    watch = Watch(parts_of_ours)
    from cort_desktop.__main__ import main

    code = main(["gui"])
    del watch
    return code


if __name__ == "__main__":
    sys.exit({"bare": bare, "ours": ours}[sys.argv[1]]())
