"""One model of a provider: what it refuses, how hard it thinks, its price, trying it, choosing it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import cast

from PySide6.QtCore import QDate, QDateTime, QLocale
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cort_desktop.domain.budget import Price
from cort_desktop.domain.ids import ModelRef, model_of
from cort_desktop.domain.models import Effort, LeftOut, ModelProfile
from cort_desktop.gui.preferences.controls import Choice, ChoiceBox, DecimalBox
from cort_desktop.gui.preferences.models_control import ModelsControl
from cort_desktop.gui.preferences.provider_control import ProviderControl
from cort_desktop.gui.preferences.provider_rare import effort_choices
from cort_desktop.gui.preferences.provider_ways import effort_changes
from cort_desktop.gui.preferences.rows import Beside, Row, StateLine, line_of
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import PlainLabel, button
from cort_desktop.telling import figures
from cort_desktop.telling.safe import one_line

_DEAREST = 100_000


class ModelDetail(QWidget):
    """Nothing can be done without a model, or for a provider that isn't added yet."""

    def __init__(self, theme: Theme, control: ModelsControl, provider: ProviderControl) -> None:
        super().__init__()
        self._control = control
        self._provider = provider
        self._profile: ModelProfile | None = None
        self._priced: tuple[ModelRef, Price | None] | None = None
        self._facts = PlainLabel("", "small")
        self._facts.setWordWrap(True)
        self._facts.setObjectName("settingsModelFacts")
        self._refused = StateLine(theme)
        self._refused.setObjectName("settingsModelRefused")
        self._said = StateLine(theme)
        self._said.setObjectName("settingsModelSaid")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for each in (
            self._facts,
            self._refused,
            self._verbs(),
            self._price(),
            self._price_from,
            self._thinking(),
            self._said,
        ):
            column.addWidget(each)
        for line in (self._refused, self._said):
            line.show_state("unasked", "")

    def show_model(self, profile: ModelProfile | None, default: ModelRef, as_of: str) -> None:
        """Show a model, or that none is chosen; ``as_of``: when its service told the list, empty if never."""
        if profile is None or self._profile is None or profile.ref != self._profile.ref:
            self._said.show_state("unasked", "")
        self._profile = profile
        is_new, kind = self._provider.is_new, self._provider.draft.kind
        has_some = profile is not None and not is_new
        for each in (self._try, self._set):
            each.setEnabled(has_some)
        self._take.setEnabled(profile is not None and has_some and profile.ref != default)
        self._verb_line.setVisible(not is_new)
        is_priced = kind not in ("builtin", "ollama") and has_some
        self._price_line.setVisible(is_priced)
        self._price_from.setVisible(is_priced)
        if profile is not None:
            self._show_facts(profile)
            self._show_price(profile, as_of)
            self._show_effort(profile)
        else:
            self._priced = None
            self._facts.hide()
            self._effort_row.hide()
        self._refused.show_state("doubt", "" if profile is None else self._refusals(profile.left_out))

    def _verbs(self) -> QWidget:
        self._take = button(self.tr("Use for new conversations"))
        self._take.setObjectName("settingsMakeDefault")
        self._take.clicked.connect(lambda: self._control.make_default(self._ref, self._say_problem))
        self._try = button(self.tr("Try it"))
        self._try.setObjectName("settingsTryModel")
        self._try.setAccessibleDescription(self.tr("Asks it for one word, which costs a few tokens"))
        self._try.clicked.connect(self._try_it)
        words = Beside(self.tr("asks for one word; a few tokens"), "small")
        self._verb_line = line_of(self._take, self._try, words)
        return self._verb_line

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
        self._unset.setAccessibleName(self.tr("Forget the price"))
        self._unset.clicked.connect(lambda: self._control.set_price(self._ref, None, self._say_problem))
        self._input.setPrefix(self.tr("in $"))
        self._output.setPrefix(self.tr("out $"))
        words = Beside(self.tr("for a million tokens"), "small")
        self._price_line = line_of(self._input, self._output, self._set, self._unset, words)
        self._price_from = PlainLabel("", "small")
        self._price_from.setObjectName("settingsPriceFrom")
        self._price_from.setWordWrap(True)
        return self._price_line

    def _thinking(self) -> QWidget:
        self._effort = ChoiceBox("settingsModelEffort")
        self._effort_row = Row(self.tr("How hard it thinks"), self._effort)
        self._effort.chosen.connect(self._choose_effort)
        return self._effort_row

    @property
    def _ref(self) -> ModelRef:
        """The model that is shown; empty without one."""
        return ModelRef("") if self._profile is None else self._profile.ref

    def _show_facts(self, profile: ModelProfile) -> None:
        told = [one_line(profile.ref)]
        if profile.context_tokens is not None:
            told.append(self.tr("context %1").replace("%1", figures.tokens(profile.context_tokens)))
        if profile.most_output_tokens is not None:
            longest = self.tr("answers up to %1 tokens")
            told.append(longest.replace("%1", figures.tokens(profile.most_output_tokens)))
        if profile.reasoning:
            told.append(self.tr("thinks before it answers"))
        if not profile.json_schema:
            told.append(self.tr("takes no JSON schema: judges are asked for it in words"))
        self._facts.setText(" · ".join(told))
        self._facts.show()

    def _show_price(self, profile: ModelProfile, as_of: str) -> None:
        price = profile.price
        if self._priced != (profile.ref, price):  # else it would undo what is written and not set yet
            self._priced = profile.ref, price
            self._input.show_number(0 if price is None else float(price.input))
            self._output.show_number(0 if price is None else float(price.output))
        is_own = profile.ref in self._control.own_prices
        self._unset.setEnabled(is_own and not self._provider.is_new)
        source = profile.price_source
        if is_own:
            words = self.tr("The price you set; it beats what the service tells.")
        elif price is None:
            words = self.tr("Its price is unknown: a cap of your own on money refuses it until you set one.")
        elif source is not None and source.kind == "table" and source.at is not None:
            words = self.tr("The price of %1, as %2 had it; the service doesn’t tell one.")
            day = QLocale().toString(QDate(source.at.year, source.at.month, source.at.day), "d MMM yyyy")
            words = words.replace("%1", day).replace("%2", source.words)
        elif as_of:
            words = self.tr("The price its service told, as of %1.").replace("%1", as_of)
        else:
            words = self.tr("The price its service told.")
        self._price_from.setText(words)

    def _show_effort(self, profile: ModelProfile) -> None:
        draft = self._provider.draft
        can_be_asked = profile.reasoning is not False and draft.kind not in ("builtin", "ollama")
        self._effort_row.setVisible(can_be_asked and not self._provider.is_new)
        own = dict(draft.efforts.each).get(model_of(profile.ref)) if draft.efforts else None
        choices = effort_choices(self.tr("as set for all models of %1").replace("%1", draft.name))
        self._effort.offer([each for each in choices if self._may_choose(profile, each, own)])
        self._effort.show_value(own)
        self._effort_row.set_hint(
            self.tr("What it can be asked for; thoughts are paid for.")
            if profile.efforts
            else self.tr(
                "Nobody told whether it thinks; a model that doesn’t refuses this, and is asked without."
            )
        )

    @staticmethod
    def _may_choose(profile: ModelProfile, choice: Choice, own: Effort | None) -> bool:
        efforts: tuple[object, ...] = profile.efforts
        return choice.value in (None, own) or not efforts or choice.value in efforts

    def _refusals(self, left_out: tuple[LeftOut, ...]) -> str:
        """A line for each thing that its service refused."""
        lines = []
        for each in left_out:
            words = self.tr("Takes no %1: left out since %2.")
            told = words.replace("%1", one_line(each.what)).replace("%2", _day(each.since))
            said = self.tr("It said: “%1”").replace("%1", one_line(each.said)) if each.said else ""
            lines.append(f"{told} {said}".strip())
        return "\n".join(lines)

    def _choose_effort(self, effort: object) -> None:
        changes = effort_changes(self._provider.draft, model_of(self._ref), cast("Effort | None", effort))
        self._provider.write(changes, self._effort_row.say)

    def _set_price(self) -> None:
        price = Price(
            input=Decimal(str(self._input.number or 0)), output=Decimal(str(self._output.number or 0))
        )
        self._control.set_price(self._ref, price, self._say_problem)

    def _try_it(self) -> None:
        ref = self._ref
        self._said.show_state("busy", self.tr("Asking %1 …").replace("%1", ref))
        self._try.setEnabled(False)
        self._control.try_model(ref, partial(self._tried, ref))

    def _tried(self, ref: ModelRef, seconds: float | None, problem: str) -> None:
        if ref != self._ref:
            return  # another one is looked at by now
        self._try.setEnabled(True)
        if seconds is None:
            self._said.show_state("bad", problem)
        else:
            words = self.tr("It answered in %1.").replace("%1", figures.seconds(seconds))
            self._said.show_state("good", words)

    def _say_problem(self, problem: str | None) -> None:
        self._said.show_state("bad", problem or "")


def _day(at: datetime) -> str:
    moment = QDateTime.fromSecsSinceEpoch(int(at.timestamp()))
    return QLocale().toString(moment.date(), "d MMM yyyy")
