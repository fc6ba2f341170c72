"""The first moments of the window: painted first, then the library, what was left unfinished, what to say."""

from __future__ import annotations

from cort_desktop.domain.ids import ConversationId
from cort_desktop.domain.library import RunRow
from cort_desktop.errors import CortError
from cort_desktop.gui.main_window import MainWindow
from cort_desktop.gui.notices import Offer
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.window_state import WindowState


class Opening:
    """Makes the window and fills it."""

    def __init__(self, ui: Ui, state: WindowState) -> None:
        self._ui = ui
        self._apply_settings()
        ui.app.preferences.on_change(lambda _settings: self._apply_settings())
        self.window = MainWindow(ui, state)

    async def finish(self, wanted: ConversationId | None) -> None:
        """Read the library, open what was asked for, offer to go on with what was interrupted."""
        for number, words in enumerate(self._ui.app.notices):
            self._ui.notices.bar(f"start:{number}", words, "warn")
        self.window.library.refresh()
        self.window.chat.focus_composer()
        self.window.offline.look()
        if wanted is not None:
            self.window.open(wanted)
        try:
            interrupted = await self._ui.app.library.interrupted()
        except CortError as error:
            self._ui.notices.bar("store", str(error), "bad")
            return
        if interrupted:
            self._offer([each.run for each in interrupted], interrupted[-1].title)

    def come_forward(self, wanted: str | None) -> None:
        """Another start asked for the window."""
        window = self.window
        window.setWindowState(window.windowState() & ~window.windowState().WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()
        if wanted is not None:
            window.open(ConversationId(wanted))

    def _offer(self, runs: list[RunRow], title: str) -> None:
        """After a crash: go on, or look at it later; nothing is asked again by itself."""
        tr = self.window.tr
        if len(runs) == 1:
            words = tr("“%1” was interrupted while it was thinking. What it had is kept.").replace(
                "%1", title
            )
        else:
            words = tr("%1 runs were interrupted while they were thinking. What they had is kept.").replace(
                "%1", str(len(runs))
            )
        self._ui.notices.bar(
            "interrupted",
            words,
            "warn",
            (Offer(text=tr("Go on"), call=lambda: self._go_on(runs)),),
        )

    def _go_on(self, runs: list[RunRow]) -> None:
        self._ui.notices.clear("interrupted")
        for run in runs:
            self.window.chat.resume(run)
        self.window.open(runs[-1].conversation, runs[-1].id)

    def _apply_settings(self) -> None:
        settings = self._ui.app.preferences.settings
        appearance = settings.appearance
        self._ui.theme.use(
            mode=appearance.theme, percent=appearance.text_size, motion=not appearance.reduce_motion
        )
        self._ui.actions.rebind(settings.shortcuts)
