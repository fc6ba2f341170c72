"""The end of the window: asks while runs work, stops them cleanly, and loses nothing."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QSessionManager
from PySide6.QtWidgets import QMessageBox

from cort_desktop.gui.main_window import MainWindow
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.gui.ui import Ui

GRACE_S = 5.0
"""How long a stopped run may take to write its end; what then is left is an interrupted run."""


class Closing(QObject):
    """Waits for the wish to close and sees to it that it can be granted."""

    def __init__(self, ui: Ui, window: MainWindow) -> None:
        super().__init__(window)
        self._ui = ui
        self._window = window
        self._done = asyncio.Event()
        self._asking: QMessageBox | None = None
        window.close_wanted.connect(self._ask)
        if window.is_close_wanted:
            self._ask()

    async def wanted(self) -> None:
        """Return when the window may close: no run works any more."""
        await self._done.wait()
        ended = [self._ended(feed) for feed in self._ui.feeds.working()]
        if ended:
            await asyncio.wait(ended, timeout=GRACE_S)

    def _ended(self, feed: RunFeed) -> asyncio.Future[None]:
        """Stop a run; the future is done when it has ended."""
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def tell() -> None:
            if not ended.done():
                ended.set_result(None)

        feed.ended.connect(tell)
        self._ui.app.chat.stop(feed.run)
        return ended

    def at_session_end(self, _manager: QSessionManager) -> None:
        """The session of the desktop ends: there is nobody left to ask."""
        self._done.set()

    def _ask(self) -> None:
        working = self._ui.feeds.working()
        if not working:
            self._done.set()
            return
        if self._asking is not None:
            self._asking.raise_()
            return
        box = QMessageBox(self._window)
        box.setObjectName("closeQuestion")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(self.tr("Still thinking"))
        count = len(working)
        box.setText(
            self.tr("A run is still thinking.")
            if count == 1
            else self.tr("%1 runs are still thinking.").replace("%1", str(count))
        )
        box.setInformativeText(
            self.tr("Stopping keeps what there is; it can be gone on with when the program is open again.")
        )
        stop = box.addButton(self.tr("Stop and close"), QMessageBox.ButtonRole.AcceptRole)
        stay = box.addButton(self.tr("Keep thinking"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stay)
        box.setEscapeButton(stay)
        box.finished.connect(self._asked_out)
        stop.clicked.connect(self._done.set)
        self._asking = box
        box.open()

    def _asked_out(self, _result: int) -> None:
        self._asking = None
