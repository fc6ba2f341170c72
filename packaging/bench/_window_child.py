"""A window that tells when it can be used: the child of the window's figures, started and never imported.

`python _window_child.py bare|ours [typed]` opens a bare QMainWindow, or the program through its own entry.
With `typed` a key is posted as soon as there is something to type into. When it has been taken, and the first
page of the library (of the bare window: the window itself) has been painted, the moment is printed, on the
clock that all processes share. After that it does what it is told on standard input: `open CONVERSATION`, or
`close`.
"""

import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSocketNotifier, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QPlainTextEdit, QWidget

LETTER = "q"
NO_CONVERSATIONS = "No conversations yet"


class Parts(NamedTuple):
    """What takes a key, and whether the next painting of the window has the first page in it.

    NOTE: nothing here may ask Qt for a widget that Python hasn't made: the first of these costs the bindings
    as much as a third of a start.
    """

    field: QWidget
    has_page: Callable[[], bool]


class Watch(QObject):
    """Looks until there is a window, posts the key, and tells once that it was taken and all is painted."""

    def __init__(self, find: Callable[[Any], Parts]) -> None:
        super().__init__()
        self._find = find
        self._window: Any = None
        self._parts: Parts | None = None
        self._is_taken = "typed" not in sys.argv
        self._is_painted = False
        self._come_back()  # delivered once there is an application

    def customEvent(self, _event: QEvent) -> None:  # noqa: N802 - Qt's name
        if self._is_taken and self._is_painted:
            self._tell()
        elif self._parts is None:
            self._look()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Note what arrives; it is told when that has been dealt with."""
        if self._parts is None or (self._is_taken and self._is_painted):
            return False
        if event.type() == QEvent.Type.KeyPress:
            self._is_taken |= watched is self._parts.field
        elif event.type() in (QEvent.Type.Paint, QEvent.Type.UpdateRequest):
            self._is_painted |= watched is self._window and self._parts.has_page()
        if self._is_taken and self._is_painted:
            self._come_back()
        return False

    def _come_back(self) -> None:
        first = Qt.EventPriority.HighEventPriority.value
        QCoreApplication.postEvent(self, QEvent(QEvent.Type.User), first)

    def _look(self) -> None:
        """Watch the window once there is one. What was painted before is painted again."""
        tops = (each for each in QApplication.topLevelWidgets() if isinstance(each, QMainWindow))
        self._window = next((each for each in tops if each.isVisible()), None)
        if self._window is None:
            QTimer.singleShot(1, self, self._come_back)
            return
        self._parts = self._find(self._window)
        for each in {self._parts.field, self._window}:
            each.installEventFilter(self)
        self._window.update()
        if self._is_taken:
            return
        press, no = QEvent.Type.KeyPress, Qt.KeyboardModifier.NoModifier
        QCoreApplication.postEvent(self._parts.field, QKeyEvent(press, Qt.Key.Key_Q, no, LETTER))

    def _tell(self) -> None:
        field = self._parts.field if self._parts is not None else None
        wanted = LETTER if "typed" in sys.argv else ""
        if isinstance(field, QPlainTextEdit) and field.toPlainText() != wanted:
            raise RuntimeError("the composer doesn't show what was typed")
        print(time.monotonic(), flush=True)
        notifier = QSocketNotifier(0, QSocketNotifier.Type.Read, self)
        notifier.activated.connect(lambda *_: self._obey(sys.stdin.readline().split()))

    def _obey(self, words: list[str]) -> None:
        if words[:1] == ["open"]:
            self._window.open(words[1])
        else:
            self._window.close()


def parts_of_ours(window: Any) -> Parts:
    """The composer, and the list of conversations or the words in its place."""
    pages = window.library.pages

    def has_page() -> bool:
        if pages.has_list:
            return bool(pages.list.list_model.rowCount() > 0)
        return bool(pages.quiet.accessibleName().startswith(NO_CONVERSATIONS))

    return Parts(window.chat.composer.edit, has_page)


def bare() -> int:
    """The smallest window there can be."""
    watch = Watch(lambda window: Parts(window, lambda: True))
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
