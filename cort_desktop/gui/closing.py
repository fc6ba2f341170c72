"""The end of the window: asks while runs work, stops them cleanly, and loses nothing.

A person who closes it is asked; a signal and the end of the desktop's session are not: there may be nobody to
answer. Every event of a run is on disk once it was shown, so what a sudden end takes away is at most the text
of the calls in flight since it was last put by.
"""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QMetaObject, QObject, Qt
from PySide6.QtGui import QSessionManager
from PySide6.QtWidgets import QMessageBox

from cort_desktop.gui.main_window import MainWindow
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.gui.ui import Ui

GRACE_S = 5.0
"""How long a stopped run may take to write its end; what then is left is an interrupted run."""
SESSION_GRACE_S = 1.0
"""The same at the end of the session, which soon ends the program whether it has closed or not."""


class Closing(QObject):
    """Waits for the wish to close and sees to it that it can be granted."""

    def __init__(self, ui: Ui, window: MainWindow) -> None:
        super().__init__(window)
        self._ui = ui
        self._window = window
        self._done = asyncio.Event()
        self._asking: QMessageBox | None = None
        self._heard: list[QMetaObject.Connection] = []
        self._grace_s = GRACE_S
        window.close_wanted.connect(self._ask)
        if window.is_close_wanted:
            self._ask()

    async def wanted(self) -> None:
        """Return when the window may close: no run works any more."""
        await self._done.wait()
        ended = [self._ended(feed) for feed in self._ui.feeds.working()]
        if ended:
            await asyncio.wait(ended, timeout=self._grace_s)

    def _ended(self, feed: RunFeed) -> asyncio.Future[None]:
        """Stop a run; the future is done when it has ended."""
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def tell() -> None:
            if not ended.done():
                ended.set_result(None)

        feed.ended.connect(tell)
        self._ui.app.chat.stop(feed.run)
        return ended

    def end(self) -> None:
        """Close without asking; runs begin to stop at once."""
        for feed in self._ui.feeds.working():
            self._ui.app.chat.stop(feed.run)
        if self._asking is not None:
            self._asking.close()
        self._done.set()

    def at_session_end(self, _manager: QSessionManager) -> None:
        """The session of the desktop ends: there is nobody left to ask.

        A slot can't wait for the loop, so the ends of the runs are written after it, if the desktop lets us
        live that long; if not, they are interrupted runs at the next start.
        """
        self._grace_s = SESSION_GRACE_S
        self.end()

    def _ask(self) -> None:
        working = self._ui.feeds.working()
        if not working or self._done.is_set():
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
        self._heard = [feed.ended.connect(self._look_again) for feed in working]
        stop.clicked.connect(self._done.set)
        self._asking = box
        box.open()

    def _look_again(self) -> None:
        """What was asked about may have ended by itself: then the wish to close is granted."""
        if self._asking is not None and not self._ui.feeds.working():
            self.end()

    def _asked_out(self, _result: int) -> None:
        self._asking = None
        for each in self._heard:
            QObject.disconnect(each)
        self._heard = []
