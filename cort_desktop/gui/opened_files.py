"""Files that the system hands over as events: a double click on macOS is one of these, and never an argument.

What comes before somebody listens is kept. What is done with the files is the opening's matter.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QFileOpenEvent

from cort_desktop.gui.single_instance import Wanted


class OpenedFiles(QObject):
    """``asked`` has what was opened in one go, a Wanted.

    named: files of the command line. macOS tells of them once more while the program starts; they aren't
    wanted twice. Elsewhere than on macOS nothing is watched: the system calls a filter of the application for
    every event there is.
    """

    asked = Signal(object)

    def __init__(
        self, app: QCoreApplication, named: Iterable[Path] = (), *, platform: str = sys.platform
    ) -> None:
        super().__init__(app)
        self._named = frozenset(named)
        self._came: list[Path] = []
        self._listens = False
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.timeout.connect(self._tell)
        if platform == "darwin":
            app.installEventFilter(self)

    def listen(self) -> None:
        """Tell what has come, and from now on what comes."""
        self._listens = True
        self._named = frozenset()
        self._turn.start()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QFileOpenEvent) or not event.file():  # an address is nothing of ours
            return False
        file = Path(event.file()).absolute()
        if file not in self._named:
            self._came.append(file)
        if self._listens:
            self._turn.start()  # several files are several events: they are taken in together
        return True

    def _tell(self) -> None:
        if self._came:
            came, self._came = tuple(self._came), []
            self.asked.emit(Wanted(files=came))
