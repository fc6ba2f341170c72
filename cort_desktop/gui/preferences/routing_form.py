"""Where OpenRouter may send a request: which of its own providers, at what price, with what promises."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from cort_desktop.domain.asking_ways import Routing
from cort_desktop.domain.settings import ProviderSettings
from cort_desktop.gui.preferences.controls import Choice, ChoiceBox, DecimalBox
from cort_desktop.gui.preferences.provider_control import ProviderControl
from cort_desktop.gui.preferences.provider_ways import routing_changes
from cort_desktop.gui.preferences.rows import Row
from cort_desktop.gui.widgets import PlainLabel

_DEAREST = 1000


class RoutingForm(QWidget):
    """Each field is written when it is left; one that is empty is left to OpenRouter."""

    def __init__(self, control: ProviderControl) -> None:
        super().__init__()
        self._control = control
        self._lists: dict[str, QLineEdit] = {}
        self._words: dict[str, ChoiceBox] = {}
        self._prices: dict[str, DecimalBox] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(16)
        self._column.addWidget(PlainLabel(self.tr("Where OpenRouter sends it"), "strong"))
        self._add_choices()
        self._add_lists()
        self._add_prices()

    def show_routing(self, provider: ProviderSettings) -> None:
        """Show what is set; a field that is being written in stays as it is."""
        routing = provider.routing or Routing()
        for name, line in self._lists.items():
            if not line.hasFocus():
                line.setText(", ".join(getattr(routing, name)))
        for name, box in self._words.items():
            box.show_value(getattr(routing, name))
        for name, price in self._prices.items():
            usd: Decimal | None = getattr(routing, name)
            price.show_number(None if usd is None else float(usd))

    def _add_choices(self) -> None:
        tr = self.tr
        usual = Choice(value=None, text=tr("as OpenRouter does"))
        self._choice(
            "sort",
            tr("First of all"),
            tr("Which provider of a model is asked first."),
            [
                usual,
                Choice(value="price", text=tr("the cheapest")),
                Choice(value="throughput", text=tr("the one that writes fastest")),
                Choice(value="latency", text=tr("the one that begins first")),
            ],
        )
        self._choice(
            "data_collection",
            tr("Providers that keep questions"),
            tr("Some keep what they are sent, or train with it."),
            [
                usual,
                Choice(value="allow", text=tr("may be asked")),
                Choice(value="deny", text=tr("are not asked")),
            ],
        )
        yes_no = [usual, Choice(value=True, text=tr("yes")), Choice(value=False, text=tr("no"))]
        self._choice(
            "zdr", tr("Only where nothing is kept"), tr("Providers with zero data retention alone."), yes_no
        )
        self._choice(
            "allow_fallbacks",
            tr("Another provider on failure"),
            tr("OpenRouter may send it elsewhere when the first one fails."),
            yes_no,
        )
        self._choice(
            "require_parameters",
            tr("Only who takes everything"),
            tr("Providers that would leave a parameter out are not asked."),
            yes_no,
        )

    def _add_lists(self) -> None:
        tr = self.tr
        for name, label, hint in (
            ("order", tr("In this order"), tr("Providers by their names there, with commas between them.")),
            ("only", tr("Only these"), tr("No other provider is asked.")),
            ("ignore", tr("Never these"), tr("Providers that are not asked.")),
            ("quantizations", tr("Quantizations"), tr("Such as fp16, bf16, fp8; others are not asked.")),
        ):
            line = QLineEdit()
            line.setObjectName(f"settingsRouting-{name}")
            line.setPlaceholderText(tr("as OpenRouter does"))
            row = Row(label, line, hint)
            line.editingFinished.connect(partial(self._write_list, name, line, row))
            self._lists[name] = line
            self._column.addWidget(row)

    def _add_prices(self) -> None:
        tr = self.tr
        for name, label in (
            ("most_prompt_usd", tr("Dearest input")),
            ("most_completion_usd", tr("Dearest output")),
        ):
            box = DecimalBox(f"settingsRouting-{name}", 0, _DEAREST, step=0.5, absent=tr("no limit"))
            box.setPrefix("$")
            row = Row(label, box, tr("US dollars for a million tokens; dearer providers are not asked."))
            box.chosen.connect(partial(self._write_price, name, row))
            self._prices[name] = box
            self._column.addWidget(row)

    def _choice(self, name: str, label: str, hint: str, choices: list[Choice]) -> None:
        box = ChoiceBox(f"settingsRouting-{name}", choices)
        row = Row(label, box, hint)
        box.chosen.connect(partial(self._write, name, row))
        self._words[name] = box
        self._column.addWidget(row)

    def _write_list(self, name: str, line: QLineEdit, row: Row) -> None:
        written = tuple(part.strip() for part in line.text().split(",") if part.strip())
        if written != getattr(self._control.draft.routing or Routing(), name):
            self._write(name, row, written)

    def _write_price(self, name: str, row: Row, usd: float | None) -> None:
        self._write(name, row, None if usd is None else Decimal(str(usd)))

    def _write(self, name: str, row: Row, value: object) -> None:
        self._control.write(routing_changes(self._control.draft, **{name: value}), row.say)
