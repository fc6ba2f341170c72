"""A view on an off-screen window, and turning the loop until it rests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QApplication, QScrollArea, QVBoxLayout, QWidget

from cort_desktop.gui.markdown.lexers import Lexers
from cort_desktop.gui.markdown.typesetter import Typesetter
from cort_desktop.gui.markdown.view import MarkdownView
from cort_desktop.gui.pulse import Pulse
from cort_desktop.gui.theme import Theme
from tests.fakes.window import RESOURCES, flush_deletions

PATIENCE_S = 20.0


_open: list[Shown] = []
"""Views that are open now: only the outermost looks for left-overs."""


class Shown:
    """A view in a scroll area, its pulse beaten by hand."""

    def __init__(self, width: int = 760, height: int = 640) -> None:
        self.app = QApplication.instance()
        assert isinstance(self.app, QApplication)
        self.theme = Theme(self.app, RESOURCES)
        self.theme.use(mode="light")
        self.pulse = Pulse()
        self.opened: list[QUrl] = []
        self.view = MarkdownView(self.theme, self.pulse, self.opened.append)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        sheet = QWidget()
        column = QVBoxLayout(sheet)
        column.addWidget(self.view)
        column.addStretch(1)
        self.area.setWidget(sheet)
        self.area.resize(width, height)
        self.area.show()
        self.app.processEvents()

    def turn(self) -> None:
        """One turn of the loop and one beat."""
        self.pulse.beat()
        QApplication.processEvents()

    def rest(self) -> None:
        """Turn until nothing is asked for any more, beside the loop neither."""
        end = time.monotonic() + PATIENCE_S
        quiet = 0
        while quiet < 3:
            assert time.monotonic() < end, "it never rests"
            self.turn()
            busy = (
                self.pulse._asked
                or Typesetter.of(self.pulse)._work.is_busy
                or Lexers.of(self.pulse)._work.is_busy
            )
            quiet = 0 if busy else quiet + 1
            time.sleep(0.001)

    def until(self, holds: Callable[[], object]) -> None:
        """Turn until something holds."""
        end = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < end, "it never came to hold"
            self.turn()
            time.sleep(0.001)


@contextmanager
def shown(text: str = "", width: int = 760) -> Iterator[Shown]:
    """A view that shows ``text``, and nothing left of it afterwards."""
    before = set(QApplication.allWidgets()) if not _open else None
    made = Shown(width)
    _open.append(made)
    if text:
        made.view.set_text(text)
    made.rest()
    try:
        yield made
    finally:
        made.rest()
        made.area.close()
        made.area.deleteLater()
        made.pulse.deleteLater()
        made.theme.deleteLater()
        _open.remove(made)
        flush_deletions()
    if before is not None:
        left = [
            f"{type(each).__name__} {each.objectName()}"
            for each in QApplication.allWidgets()
            if each not in before
        ]
        assert not left
