"""Having an Ollama fetch a model by its name, with progress and a way out."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from cort_desktop.domain.settings import ProviderSettings
from cort_desktop.gui.preferences.fetching import Fetching
from cort_desktop.gui.preferences.known_models import KnownModels
from cort_desktop.gui.preferences.rows import Row, line_of
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import button

_FIELD_CHARACTERS = 30


class OllamaPull(QWidget):
    """Shown for an Ollama that is set up."""

    def __init__(self, ui: Ui, models: KnownModels) -> None:
        super().__init__()
        self._ui = ui
        self._models = models
        self._provider = ""
        self._fetches = ""
        self._name = QLineEdit()
        self._name.setObjectName("settingsPullName")
        self._name.setPlaceholderText(self.tr("llama3.2"))
        self._name.setMinimumWidth(self.fontMetrics().averageCharWidth() * _FIELD_CHARACTERS)
        self._name.textChanged.connect(lambda _text: self._enable())
        self._name.returnPressed.connect(self._start)
        self._go = button(self.tr("Fetch"))
        self._go.setObjectName("settingsPull")
        self._go.clicked.connect(self._start)
        line = line_of(self._name, self._go)
        line.setFocusProxy(self._name)
        self._name.setAccessibleName(self.tr("Fetch a model"))
        row = Row(
            self.tr("Fetch a model"),
            line,
            self.tr("Ollama fetches it from its own library, into its own folder; it may be some gigabytes."),
        )
        self._fetching = Fetching("settingsPull", ui.theme, ui.tasks)
        self._fetching.ended.connect(self._ended)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(row)
        column.addWidget(self._fetching)

    def show_provider(self, provider: ProviderSettings | None) -> None:
        """Offer it for an Ollama; a fetch of another one that is on its way goes on and is still shown."""
        is_ollama = provider is not None and provider.kind == "ollama"
        self.setVisible(is_ollama)
        if provider is not None and is_ollama and provider.name != self._provider:
            self._provider = provider.name
            if not self._fetching.is_working:
                self._fetching.state.show_state("unasked", "")
        self._enable()

    def _enable(self) -> None:
        self._go.setEnabled(bool(self._name.text().strip()) and not self._fetching.is_working)

    def _start(self) -> None:
        name = self._name.text().strip().removeprefix(f"{self._provider}/")
        if not name or self._fetching.is_working:
            return
        ref = self._fetches = f"{self._provider}/{name}"
        install = self._ui.app.preferences.install_model
        words = self.tr("Fetching %1 …").replace("%1", ref)
        self._fetching.begin(words, lambda progress: install(ref, progress))
        self._enable()

    def _ended(self, problem: str | None) -> None:
        ref = self._fetches
        provider = ref.partition("/")[0]
        if problem is None:
            words = self.tr("Stopped. Ollama keeps what it has, and goes on there when asked again.")
            self._fetching.state.show_state("doubt", words)
        elif problem:
            self._fetching.state.show_state("bad", problem)
        else:
            self._fetching.state.show_state("good", self.tr("%1 is there.").replace("%1", ref))
            self._name.clear()
            self._models.ask(provider)
        self._enable()
