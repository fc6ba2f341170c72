"""The beginning of the library, read beside everything else that a start does: on a thread, before there is a
loop. After that the library is read by its controller.
"""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, Signal

from cort_desktop.errors import CortError
from cort_desktop.gui.library.controller import FIRST_PAGE
from cort_desktop.services.library import LibraryService


class FirstPage(QObject):
    """``read`` has the conversations. Without one when they can't be read: whoever reads again says why."""

    read = Signal(object)
    _found = Signal(object)

    def __init__(self, library: LibraryService, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._found.connect(self.read)
        self._thread = threading.Thread(target=self._read, name="first page", daemon=True)

    def begin(self) -> None:
        """Read; ``read`` follows on this object's thread."""
        self._thread.start()

    def wait(self) -> None:
        """Return when the thread has ended."""
        self._thread.join()

    def _read(self) -> None:
        try:
            found = self._library.first_page(FIRST_PAGE)
        except CortError:
            return
        self._found.emit(found)
