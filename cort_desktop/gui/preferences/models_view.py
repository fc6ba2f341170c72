"""The models of a provider with context and price: where the list is from and of when, searched, sorted.

What is done with the one that is chosen is ``model_detail.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from PySide6.QtCore import QDateTime, QLocale, Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from cort_desktop.domain.ids import ModelRef, model_of
from cort_desktop.domain.model_search import matching
from cort_desktop.domain.models import ModelProfile
from cort_desktop.gui.preferences.known_models import KnownModels
from cort_desktop.gui.preferences.model_detail import ModelDetail
from cort_desktop.gui.preferences.models_control import ModelsControl
from cort_desktop.gui.preferences.provider_control import ProviderControl
from cort_desktop.gui.preferences.rows import Beside, StateLine, line_of
from cort_desktop.gui.preferences.tables import KEY, Table
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import PlainLabel, button
from cort_desktop.services.model_lists import ProviderModels
from cort_desktop.telling import figures

_ROWS = 9


class ModelsView(QWidget):
    """A table, where it is from, and what can be done with its current row."""

    def __init__(
        self, theme: Theme, control: ModelsControl, provider: ProviderControl, models: KnownModels
    ) -> None:
        super().__init__()
        self._provider = provider
        self._models = models
        self._profiles: dict[ModelRef, ModelProfile] = {}
        self._default = ModelRef("")
        self._is_filling = False
        self._filter = self._finder()
        self._table = Table(
            "settingsModels",
            self.tr("Models"),
            [self.tr("Model"), self.tr("Context"), self.tr("Input $/M"), self.tr("Output $/M")],
            figures=(1, 2, 3),
        )
        self._table.setSortingEnabled(True)
        self._table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self._table.currentItemChanged.connect(lambda *_: self._chosen())
        self._count = Beside("", "small")
        self._again = button(self.tr("Ask again"), "link")
        self._again.setObjectName("settingsAskAgain")
        self._again.setAccessibleName(self.tr("Ask for the list of models again"))
        self._again.clicked.connect(lambda: models.ask(provider.draft.name))
        self._from = StateLine(theme)
        self._from.setObjectName("settingsModelsFrom")
        self._detail = ModelDetail(theme, control, provider)
        self._title = PlainLabel(self.tr("Models"), "strong")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for each in (
            self._title,
            self._filter,
            self._table,
            line_of(self._count, self._again),
            self._from,
            self._detail,
        ):
            column.addWidget(each)

    def _finder(self) -> QLineEdit:
        field = QLineEdit()
        field.setObjectName("settingsModelFilter")
        field.setAccessibleName(self.tr("Find a model"))
        field.setPlaceholderText(self.tr("Find a model by its name, or by whose it is"))
        field.setClearButtonEnabled(True)
        field.textChanged.connect(self._narrow)
        return field

    def show_models(self, profiles: Sequence[ModelProfile], default: ModelRef) -> None:
        """Show these; the model of new conversations is marked."""
        chosen = self._table.key()
        self._is_filling = True
        self._profiles = {profile.ref: profile for profile in profiles}
        self._default = default
        self._table.setSortingEnabled(False)
        self._table.clear()
        for profile in profiles:
            self._put(profile)
        self._table.setSortingEnabled(True)
        self._table.fit(_ROWS)
        self._table.choose(chosen if chosen in self._profiles else default)
        self._narrow(self._filter.text())
        self._is_filling = False
        self._chosen()
        self._show_source(self._models.lists.get(self._provider.draft.name))

    def _put(self, profile: ModelProfile) -> None:
        name, price, context = model_of(profile.ref), profile.price, profile.context_tokens
        unknown = self.tr("unknown")
        texts = [
            self.tr("%1 (default)").replace("%1", name) if profile.ref == self._default else name,
            unknown if context is None else figures.tokens(context),
            unknown if price is None else _dollars(price.input),
            unknown if price is None else _dollars(price.output),
        ]
        numbers = (
            None,
            context,
            None if price is None else float(price.input),
            None if price is None else float(price.output),
        )
        self._table.put(profile.ref, texts, numbers)

    def _show_source(self, listed: ProviderModels | None) -> None:
        """Where the list is from: said when that is not the service itself, just now."""
        is_new, has_some = self._provider.is_new, bool(self._profiles)
        self.setVisible(has_some or not is_new)
        for each in (self._filter, self._table, self._count, self._detail):
            each.setVisible(has_some)
        is_asked = self._provider.draft.name in self._models.asking
        self._again.setVisible(not is_new)
        self._again.setEnabled(not is_asked)
        self._again.setText(self.tr("Ask again") if has_some else self.tr("Ask for its models"))
        if is_asked:
            self._from.show_state("busy", self.tr("Asking for its models …"))
        else:
            self._from.show_state(*self._source_words(listed))

    def _source_words(self, listed: ProviderModels | None) -> tuple[str, str]:
        if listed is None:
            return "unasked", "" if self._provider.is_new else self.tr("Not asked for its models yet.")
        as_of = "" if listed.as_of is None else self.tr("As of %1.").replace("%1", _moment(listed.as_of))
        if listed.source == "settings":
            return "unasked", self.tr("Named in the settings; the service wasn’t asked.")
        if listed.error is None:
            return "good", as_of
        reason = listed.error[:1].upper() + listed.error[1:]
        if listed.source == "remembered":
            words = self.tr("%1 It can’t be reached now: %2").replace("%1", as_of)
            return "doubt", words.replace("%2", reason)
        is_quiet = listed.reachable is None or self._provider.draft.is_local
        return ("unasked" if is_quiet else "bad"), reason

    def _chosen(self) -> None:
        if self._is_filling:
            return
        key = self._table.key()
        profile = self._profiles.get(ModelRef(key)) if isinstance(key, str) else None
        listed = self._models.lists.get(self._provider.draft.name)
        as_of = None if listed is None else listed.as_of
        self._detail.show_model(profile, self._default, "" if as_of is None else _moment(as_of))

    def _narrow(self, text: str) -> None:
        found = set(matching(self._profiles, text))
        for at in range(self._table.topLevelItemCount()):
            row = self._table.topLevelItem(at)
            if row is not None:
                row.setHidden(row.data(0, KEY) not in found)
        told = figures.count(len(self._profiles), "model")
        if text.strip():
            told = self.tr("%1 of %2").replace("%1", str(len(found))).replace("%2", told)
        self._count.setText(told)


def _moment(at: datetime) -> str:
    moment = QDateTime.fromSecsSinceEpoch(int(at.timestamp()))
    return QLocale().toString(moment, "d MMM yyyy, HH:mm")


def _dollars(amount: Decimal) -> str:
    """``0``, ``0.15``, ``12``: as many digits as it has."""
    return f"{amount.normalize():f}"
