"""What is set for a provider once, if ever: what happens when it is slow or fails, how it is asked.

A provider that is new takes most of it along when it is added; how hard its models think and where OpenRouter
may send a request are set once it is there.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from cort_desktop.domain.models import EFFORTS
from cort_desktop.domain.settings import MOST_CONCURRENT, ProviderSettings
from cort_desktop.gui.preferences.controls import Choice, ChoiceBox, Tick, WholeBox
from cort_desktop.gui.preferences.fallback_list import FallbackList
from cort_desktop.gui.preferences.known_models import KnownModels
from cort_desktop.gui.preferences.provider_control import ProviderControl
from cort_desktop.gui.preferences.provider_ways import effort_changes
from cort_desktop.gui.preferences.routing_form import RoutingForm
from cort_desktop.gui.preferences.rows import Row
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import PlainLabel

_MOST_CONTEXT = 100_000_000
_LEAST_CONTEXT = 512
_STARTING_PLACES = 8


class RareSettings(QWidget):
    """Tells the control each change."""

    def __init__(self, theme: Theme, control: ProviderControl, models: KnownModels) -> None:
        super().__init__()
        self._control = control
        self._models_known = models
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(16)
        self._section(self.tr("When it is slow or fails"))
        self._add_weather(theme)
        self._section(self.tr("How it is asked"))
        self._add_ways()
        self._routing = RoutingForm(control)
        self._column.addWidget(self._routing)
        self._section(self.tr("Its models and its key"))
        self._add_names()
        models.changed.connect(self._offer)

    def show_provider(self, provider: ProviderSettings, *, is_new: bool) -> None:
        """Show a provider; a field that is being written in stays as it is."""
        is_ollama = provider.kind == "ollama"
        self._hedge.show_state(provider.hedge)
        self._fallbacks.show_models(provider.fallbacks)
        self._places.show_number(provider.max_concurrency)
        self._effort_row.setVisible(not is_new and provider.kind not in ("builtin", "ollama"))
        self._effort.show_value(provider.efforts.all if provider.efforts else None)
        self._keep_row.setVisible(is_ollama)
        self._routing.setVisible(not is_new and provider.kind == "openrouter")
        self._routing.show_routing(provider)
        for field, text in (
            (self._env, provider.key_env or ""),
            (self._models, ", ".join(provider.models)),
            (self._keep, provider.keep_alive or ""),
        ):
            if not field.hasFocus() or is_new:
                field.setText(text)
        self._context.show_number(provider.context)
        self._context_row.set_hint(
            self.tr("Tokens that question and answer share: more takes more memory of this computer.")
            if is_ollama
            else self.tr("Tokens its models take with the answer, where it tells wrongly.")
        )
        is_builtin = provider.kind == "builtin"
        for row in (self._env_row, self._models_row, self._hedge_row, self._context_row, self._places_row):
            row.setVisible(not is_builtin)
        for label in self._sections[1:]:
            label.setVisible(not is_builtin)
        self._offer()

    def _section(self, title: str) -> None:
        label = PlainLabel(title, "strong")
        if not hasattr(self, "_sections"):
            self._sections: list[PlainLabel] = []
        self._sections.append(label)
        self._column.addWidget(label)

    def _add_weather(self, theme: Theme) -> None:
        tr, control = self.tr, self._control
        self._fallbacks = FallbackList(theme)
        fallbacks_row = Row(
            tr("Who is asked instead"),
            self._fallbacks,
            tr(
                "In this order, when its models can’t be asked; answers say who gave them. "
                "The same model elsewhere belongs before another model."
            ),
            is_wide=True,
        )
        self._fallbacks.chosen.connect(lambda refs: control.change(fallbacks_row.say, fallbacks=refs))
        self._hedge = Tick("settingsHedge", tr("Ask a second time"))
        self._hedge_row = Row(
            tr("When the first word is late"),
            self._hedge,
            tr("The first of both that begins is kept; the other is stopped, and paid for as far as it got."),
        )
        self._hedge.chosen.connect(lambda on: control.change(self._hedge_row.say, hedge=on))
        usual = tr("%1, as usual").replace("%1", str(_STARTING_PLACES))
        self._places = WholeBox("settingsConcurrency", 1, MOST_CONCURRENT, usual)
        self._places_row = Row(
            tr("Calls at once"),
            self._places,
            tr("At most. Fewer are sent by themselves when it says that there are too many."),
        )
        self._places.chosen.connect(
            lambda number: control.change(self._places_row.say, max_concurrency=number)
        )
        for row in (fallbacks_row, self._hedge_row, self._places_row):
            self._column.addWidget(row)

    def _add_ways(self) -> None:
        tr, control = self.tr, self._control
        self._effort = ChoiceBox("settingsEffort", effort_choices(tr("as the model does by itself")))
        self._effort_row = Row(
            tr("How hard its models think"),
            self._effort,
            tr("For models that think before they answer; thoughts are paid for."),
        )
        self._effort.chosen.connect(
            lambda effort: control.write(effort_changes(control.draft, "", effort), self._effort_row.say)
        )
        self._keep = QLineEdit()
        self._keep.setObjectName("settingsKeepAlive")
        self._keep.setPlaceholderText(tr("5m, Ollama’s own"))
        self._keep_row = Row(
            tr("Keep the model loaded"),
            self._keep,
            tr("After a call: 10m, 24h, 600 (seconds), 0 for not at all, -1 for ever."),
        )
        self._keep.editingFinished.connect(
            lambda: control.change(self._keep_row.say, keep_alive=self._keep.text().strip() or None)
        )
        self._context = WholeBox("settingsContext", _LEAST_CONTEXT, _MOST_CONTEXT, tr("as it tells"))
        self._context.setSingleStep(1024)
        self._context_row = Row(
            tr("Context"),
            self._context,
            tr("Tokens its models take with the answer, where it tells wrongly."),
        )
        self._context.chosen.connect(lambda number: control.change(self._context_row.say, context=number))
        for row in (self._effort_row, self._keep_row, self._context_row):
            self._column.addWidget(row)

    def _add_names(self) -> None:
        tr, control = self.tr, self._control
        self._models = QLineEdit()
        self._models.setObjectName("settingsModelNames")
        self._models.setPlaceholderText(tr("those it lists"))
        self._models_row = Row(
            tr("Models"),
            self._models,
            tr("Only these, with commas between them, and the service isn’t asked for its list."),
        )
        self._models.editingFinished.connect(
            lambda: control.change(self._models_row.say, models=_names(self._models.text()))
        )
        self._env = QLineEdit()
        self._env.setObjectName("settingsKeyEnv")
        self._env_row = Row(
            tr("Environment variable"), self._env, tr("Looked at first for the key, like MY_SERVER_KEY.")
        )
        self._env.editingFinished.connect(
            lambda: control.change(self._env_row.say, key_env=self._env.text().strip() or None)
        )
        for row in (self._models_row, self._env_row):
            self._column.addWidget(row)

    def _offer(self) -> None:
        mine = f"{self._control.draft.name}/"
        self._fallbacks.offer([ref for ref in self._models_known.refs() if not ref.startswith(mine)])


def effort_choices(unset: str) -> list[Choice]:
    """The efforts to choose from, the least first, after None under the name ``unset``."""
    names = {
        "none": QCoreApplication.translate("RareSettings", "not at all"),
        "minimal": QCoreApplication.translate("RareSettings", "hardly"),
        "low": QCoreApplication.translate("RareSettings", "a little"),
        "medium": QCoreApplication.translate("RareSettings", "medium"),
        "high": QCoreApplication.translate("RareSettings", "hard"),
        "xhigh": QCoreApplication.translate("RareSettings", "very hard"),
        "max": QCoreApplication.translate("RareSettings", "as hard as it can"),
    }
    told = [Choice(value=effort, text=f"{names[effort]} ({effort})") for effort in EFFORTS]
    return [Choice(value=None, text=unset), *told]


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
