"""The models of a provider with context and price: sorted, filtered, one of them chosen, priced or tried."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from cort_desktop.domain.budget import Price
from cort_desktop.domain.ids import ModelRef, model_of
from cort_desktop.domain.models import ModelProfile
from cort_desktop.gui.preferences.controls import DecimalBox
from cort_desktop.gui.preferences.models_control import ModelsControl
from cort_desktop.gui.preferences.provider_control import ProviderControl
from cort_desktop.gui.preferences.rows import Beside, StateLine, line_of
from cort_desktop.gui.preferences.tables import KEY, Table
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import PlainLabel, button
from cort_desktop.telling import figures

_ROWS = 9
_DEAREST = 100_000


class ModelsView(QWidget):
    """A table and what can be done with its current row."""

    def __init__(self, theme: Theme, control: ModelsControl, provider: ProviderControl) -> None:
        super().__init__()
        self._control = control
        self._provider = provider
        self._profiles: dict[ModelRef, ModelProfile] = {}
        self._default = ModelRef("")
        self._filter = QLineEdit()
        self._filter.setObjectName("settingsModelFilter")
        self._filter.setAccessibleName(self.tr("Find a model"))
        self._filter.setPlaceholderText(self.tr("Find a model"))
        self._filter.setClearButtonEnabled(True)
        self._filter.textChanged.connect(self._narrow)
        self._table = Table(
            "settingsModels",
            self.tr("Models"),
            [self.tr("Model"), self.tr("Context"), self.tr("Input $/M"), self.tr("Output $/M")],
        )
        self._table.setSortingEnabled(True)
        self._table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self._table.currentItemChanged.connect(lambda *_: self._chosen())
        self._said = StateLine(theme)
        self._said.setObjectName("settingsModelSaid")
        self._count = PlainLabel("", "small")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for each in (self._filter, self._table, self._count, self._verbs(), self._price(), self._said):
            column.addWidget(each)
        self._said.show_state("unasked", "")

    def show_models(self, profiles: Sequence[ModelProfile], default: ModelRef) -> None:
        """Show these; the model of new conversations is marked."""
        chosen = self._table.key()
        self._profiles = {profile.ref: profile for profile in profiles}
        self._default = default
        self._table.setSortingEnabled(False)
        self._table.clear()
        for ref, profile in self._profiles.items():
            price = profile.price
            texts = [
                self.tr("%1 (default)").replace("%1", model_of(ref)) if ref == default else model_of(ref),
                self.tr("unknown")
                if profile.context_tokens is None
                else figures.tokens(profile.context_tokens),
                self.tr("unknown") if price is None else _dollars(price.input),
                self.tr("unknown") if price is None else _dollars(price.output),
            ]
            numbers = (
                None,
                profile.context_tokens,
                None if price is None else float(price.input),
                None if price is None else float(price.output),
            )
            self._table.put(ref, texts, numbers)
        self._table.setSortingEnabled(True)
        self._table.fit(_ROWS)
        self._table.choose(chosen if chosen in self._profiles else default)
        self._narrow(self._filter.text())
        self._chosen()
        self.setVisible(bool(profiles))

    def _verbs(self) -> QWidget:
        self._take = button(self.tr("Use for new conversations"))
        self._take.setObjectName("settingsMakeDefault")
        self._take.clicked.connect(lambda: self._control.make_default(self._ref, self._say_problem))
        self._try = button(self.tr("Try it"))
        self._try.setObjectName("settingsTryModel")
        self._try.setAccessibleDescription(self.tr("Asks it for one word, which costs a few tokens"))
        self._try.clicked.connect(self._try_it)
        return line_of(self._take, self._try, Beside(self.tr("asks for one word; a few tokens"), "small"))

    def _price(self) -> QWidget:
        self._input = DecimalBox("settingsPriceInput", 0, _DEAREST, step=0.1, digits=4)
        self._output = DecimalBox("settingsPriceOutput", 0, _DEAREST, step=0.1, digits=4)
        self._input.setAccessibleName(self.tr("Price of input, US dollars per million tokens"))
        self._output.setAccessibleName(self.tr("Price of output, US dollars per million tokens"))
        self._set = button(self.tr("Set price"))
        self._set.setObjectName("settingsSetPrice")
        self._set.clicked.connect(self._set_price)
        self._unset = button(self.tr("Forget it"))
        self._unset.setObjectName("settingsForgetPrice")
        self._unset.clicked.connect(lambda: self._control.set_price(self._ref, None, self._say_problem))
        self._input.setPrefix(self.tr("in $"))
        self._output.setPrefix(self.tr("out $"))
        words = Beside(self.tr("for a million tokens"), "small")
        self._price_line = line_of(self._input, self._output, self._set, self._unset, words)
        return self._price_line

    @property
    def _ref(self) -> ModelRef:
        """The model that is chosen; empty without one."""
        key = self._table.key()
        return ModelRef(key) if isinstance(key, str) else ModelRef("")

    def _chosen(self) -> None:
        ref = self._ref
        profile = self._profiles.get(ref)
        for each in (self._try, self._set):
            each.setEnabled(profile is not None and not self._provider.is_new)
        self._take.setEnabled(profile is not None and ref != self._default and not self._provider.is_new)
        self._price_line.setVisible(self._provider.draft.kind not in ("builtin", "ollama"))
        price = None if profile is None else profile.price
        self._input.show_number(0 if price is None else float(price.input))
        self._output.show_number(0 if price is None else float(price.output))
        self._unset.setEnabled(ref in self._control.own_prices)

    def _set_price(self) -> None:
        price = Price(
            input=Decimal(str(self._input.number or 0)), output=Decimal(str(self._output.number or 0))
        )
        self._control.set_price(self._ref, price, self._say_problem)

    def _try_it(self) -> None:
        ref = self._ref
        self._said.show_state("busy", self.tr("Asking %1 …").replace("%1", ref))
        self._try.setEnabled(False)
        self._control.try_model(ref, self._tried)

    def _tried(self, seconds: float | None, problem: str) -> None:
        self._try.setEnabled(bool(self._ref))
        if seconds is None:
            self._said.show_state("bad", problem)
        else:
            words = self.tr("It answered in %1.").replace("%1", figures.seconds(seconds))
            self._said.show_state("good", words)

    def _say_problem(self, problem: str | None) -> None:
        self._said.show_state("bad", problem or "")

    def _narrow(self, text: str) -> None:
        words = text.casefold().split()
        shown = 0
        for at in range(self._table.topLevelItemCount()):
            row = self._table.topLevelItem(at)
            if row is not None:
                found = all(word in str(row.data(0, KEY)).casefold() for word in words)
                row.setHidden(not found)
                shown += found
        told = figures.count(len(self._profiles), "model")
        if words:
            told = self.tr("%1 of %2").replace("%1", str(shown)).replace("%2", told)
        self._count.setText(told)


def _dollars(amount: Decimal) -> str:
    """``0``, ``0.15``, ``12``: as many digits as it has."""
    return f"{amount.normalize():f}"
