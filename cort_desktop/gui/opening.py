"""The first moments of the window: painted with the first page of the library, then the rest of it, what was
left unfinished, what to say.

Painting needs no loop but Qt's; what comes after it is done in moments, between which keys are taken.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QWidget

from cort_desktop.domain.ids import ConversationId
from cort_desktop.errors import CortError
from cort_desktop.gui import loading
from cort_desktop.gui.even_turns import keep_even
from cort_desktop.gui.library.first_page import FirstPage
from cort_desktop.gui.main_window import MainWindow
from cort_desktop.gui.notices import Offer
from cort_desktop.gui.single_instance import Wanted
from cort_desktop.gui.theme.motion import SystemMotion
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.window_state import WindowState

if TYPE_CHECKING:
    from cort_desktop.domain.library import Conversation, RunRow

PATIENCE_MS = 1_000
"""How long the first page may keep the rest waiting."""


class Opening:
    """Makes the window and fills it. ``owner``: whose children the parts of ``ui`` are."""

    def __init__(self, ui: Ui, state: WindowState, owner: QObject, wanted: Wanted) -> None:
        self.ui = ui
        self.owner = owner
        self._wanted = wanted
        self._motion = SystemMotion(owner)
        self._motion.changed.connect(self._apply_settings)
        self._apply_settings()
        ui.app.settings.on_change(lambda _settings: self._apply_settings())
        self.page = FirstPage(ui.app.library, owner)
        self.page.begin()
        self.window = MainWindow(ui, state, at_once=False)
        self._last = self.window.last_conversation

    def paint(self) -> None:
        """Show the window; returns when it is painted with the first page of the library, or is tired of
        waiting for it.
        """
        waiting = QEventLoop()
        painted = _Painted(self.window, waiting)
        self.page.read.connect(self._show_page)
        self.page.read.connect(painted.begin)
        QTimer.singleShot(PATIENCE_MS, waiting, waiting.quit)
        self.window.chat.focus_composer()
        self.window.show()
        waiting.exec()
        painted.end()
        QCoreApplication.processEvents()  # keys that came with the painting

    async def finish(self) -> None:
        """Make the rest, open what was asked for, offer to go on with what was interrupted."""
        for number, words in enumerate(self.ui.app.notices):
            self.ui.notices.bar(f"start:{number}", words, "warn")
        if not self.window.library.controller.is_read:
            self.window.library.refresh()
        await self._make_rest()
        if self.window.library.controller.has_more:
            self.window.library.refresh()
        keep_even()
        self._motion.look()
        self.window.offline.look()
        self.window.chat.welcome.look_around()
        await self._take_up(self._wanted)
        try:
            interrupted = await self.ui.app.library.interrupted()
        except CortError as error:
            self.ui.notices.bar("store", str(error), "bad")
            return
        if interrupted:
            self._offer([each.run for each in interrupted], interrupted[-1].title)

    async def _take_up(self, wanted: Wanted) -> None:
        """Open or import what was asked for, else what was looked at the last time, if that is there still
        and nothing was begun meanwhile.
        """
        last = self._last
        if wanted != Wanted():
            self._show(wanted)
        elif last is not None and await self._is_there(last) and self.window.chat.is_untouched:
            self.window.open(last)

    async def _is_there(self, conversation: ConversationId) -> bool:
        try:
            found = await self.ui.app.library.get(conversation)
        except CortError:
            return False
        return found.id == conversation and found.deleted is None

    async def _make_rest(self) -> None:
        """All that is not needed for the first page, a moment's work at a time.

        Python's collector has waited for this. It takes away what each step left, while that is little, and
        is let go at the end.
        """
        import asyncio
        import gc

        try:
            await self.ui.tasks.offload(loading.beside)
            await self.ui.tasks.offload(self.ui.app.load)
            for _ in chain(loading.bites(), self.window.rest):
                await asyncio.sleep(0)
                gc.collect(0)
        finally:
            gc.enable()

    def _show_page(self, found: list[Conversation]) -> None:
        self.window.library.controller.show_first(found)

    def come_forward(self, wanted: Wanted) -> None:
        """Another start asked for the window."""
        window = self.window
        window.setWindowState(window.windowState() & ~window.windowState().WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()
        self._show(wanted)

    def _show(self, wanted: Wanted) -> None:
        if wanted.conversation is not None:
            self.window.open(ConversationId(wanted.conversation))
        if wanted.files:
            self.window.bring_in(wanted.files)

    def _offer(self, runs: list[RunRow], title: str) -> None:
        """After a crash: go on, or look at it later; nothing is asked again by itself."""
        if len(runs) == 1:
            words = QCoreApplication.translate(
                "Opening", "“%1” was interrupted while it was thinking. What it had is kept."
            ).replace("%1", title)
        else:
            words = QCoreApplication.translate(
                "Opening", "%1 runs were interrupted while they were thinking. What they had is kept."
            ).replace("%1", str(len(runs)))
        offers: tuple[Offer, ...] = (
            Offer(text=QCoreApplication.translate("Opening", "Go on"), call=lambda: self._go_on(runs)),
        )
        if len(runs) > 1:
            offers = (
                Offer(
                    text=QCoreApplication.translate("Opening", "Go on with all"),
                    call=lambda: self._go_on(runs),
                ),
                Offer(
                    text=QCoreApplication.translate("Opening", "Show the latest"),
                    call=lambda: self._show_latest(runs),
                ),
            )
        self.ui.notices.bar("interrupted", words, "warn", offers)

    def _go_on(self, runs: list[RunRow]) -> None:
        for run in runs:
            self.window.chat.resume(run)
        self._show_latest(runs)

    def _show_latest(self, runs: list[RunRow]) -> None:
        """What goes on, or can be gone on with at its turn; the others are in the library."""
        self.ui.notices.clear("interrupted")
        self.window.open(runs[-1].conversation, runs[-1].id)

    def _apply_settings(self) -> None:
        settings = self.ui.app.settings.now
        appearance = settings.appearance
        less = appearance.reduce_motion
        self.ui.theme.use(
            mode=appearance.theme,
            percent=appearance.text_size,
            motion=self._motion.is_wanted if less is None else not less,
        )
        self.ui.actions.rebind(settings.shortcuts)


class _Painted(QObject):
    """Ends a loop when a window has been painted after ``begin``."""

    def __init__(self, window: QWidget, waiting: QEventLoop) -> None:
        super().__init__(waiting)
        self._window = window
        self._waiting = waiting

    def begin(self) -> None:
        """The next painting counts."""
        self._window.installEventFilter(self)

    def end(self) -> None:
        """None counts any more."""
        self._window.removeEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Paint, QEvent.Type.UpdateRequest):
            QTimer.singleShot(0, self._waiting, self._waiting.quit)
        return False
