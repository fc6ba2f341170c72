"""Settings › Budget: the caps that every run keeps, what each means, and what holds without it."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cort_desktop.domain.settings import DEFAULT_USD, Settings
from cort_desktop.gui.preferences.controls import Choice, ChoiceBox, DecimalBox, WholeBox
from cort_desktop.gui.preferences.rows import Page, Row
from cort_desktop.gui.preferences.saver import Saver

_Which = Literal["calls", "tokens", "usd", "seconds"]
_FIRST: dict[_Which, float] = {"calls": 30, "tokens": 60_000, "usd": float(DEFAULT_USD), "seconds": 600}
_MOST = 10**9


class BudgetPage(Page):
    """Four caps."""

    def __init__(self, saver: Saver) -> None:
        super().__init__(
            self.tr("Budget"),
            self.tr(
                "Hard caps for one run. A call that could go over one is not started, so that a cap is never "
                "passed; when one is met, the run ends with the best answer there is."
            ),
        )
        self._saver = saver
        self._rows: dict[_Which, Row] = {}
        self._caps: dict[_Which, _Cap] = {}
        standard = self.tr("%1 where prices are known").replace("%1", f"${DEFAULT_USD}")
        self._put(
            "usd",
            self.tr("Money"),
            self.tr(
                "US dollars. With a cap of your own, a model whose price is unknown is refused "
                "before the first call."
            ),
            standard=standard,
        )
        self._put("calls", self.tr("Calls"), self.tr("Requests that are sent, those that fail included."))
        self._put("tokens", self.tr("Tokens"), self.tr("Read and written by all models together."))
        self._put(
            "seconds",
            self.tr("Time"),
            self.tr("Seconds of work. Calls that still run then are cut off; what they had is kept."),
        )
        self.finish()
        self._show(saver.settings)
        saver.changed.connect(self._show)

    def _put(self, which: _Which, label: str, hint: str, standard: str = "") -> None:
        cap = _Cap(which, label, standard)
        row = Row(label, cap, hint)
        cap.chosen.connect(lambda value: self._saver.write({("budget", which): value}, row.say))
        self._rows[which], self._caps[which] = row, cap
        self.add(row)

    def _show(self, settings: Settings) -> None:
        for which, cap in self._caps.items():
            cap.show_cap(getattr(settings.budget, which))


class _Cap(QWidget):
    """No cap, at most so much, or what holds when nothing is said. ``chosen`` has what is to be written."""

    chosen = Signal(object)

    def __init__(self, which: _Which, label: str, standard: str) -> None:
        super().__init__()
        self._which: _Which = which
        self._standard = standard
        choices = [
            Choice(value="none", text=self.tr("No cap")),
            Choice(value="most", text=self.tr("At most")),
        ]
        if standard:
            choices.insert(0, Choice(value="standard", text=standard))
        self._how = ChoiceBox(f"settingsBudget-{which}", choices)
        self._how.setAccessibleName(label)
        self._box: WholeBox | DecimalBox
        if which == "usd":
            self._box = DecimalBox(f"settingsCap-{which}", 0.01, 10_000, step=0.1)
            self._box.setPrefix("$")
        else:
            self._box = WholeBox(f"settingsCap-{which}", 1, _MOST)
            self._box.setSingleStep({"calls": 5, "tokens": 10_000, "seconds": 60}[which])
        if which == "seconds":
            self._box.setSuffix(self.tr(" s"))
        self._box.setAccessibleName(self.tr("%1 at most").replace("%1", label))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._how, 1)
        row.addWidget(self._box, 1)
        self.setFocusProxy(self._how)
        self._how.chosen.connect(self._chose)
        self._box.chosen.connect(lambda number: self.chosen.emit(self._written(number)))

    def show_cap(self, cap: Decimal | float | None) -> None:
        """Show what is set: None is absent, 0 lifts the cap."""
        if cap:
            self._how.show_value("most")
            self._box.show_number(float(cap) if self._which == "usd" else int(cap))  # type: ignore[arg-type]
        else:
            self._how.show_value("standard" if cap is None and self._standard else "none")
        self._box.setVisible(bool(cap))

    def _chose(self, how: object) -> None:
        if how == "most":
            self.chosen.emit(self._written(_FIRST[self._which]))
        else:
            self.chosen.emit(0 if how == "none" and self._standard else None)

    def _written(self, number: float) -> object:
        return Decimal(str(number)) if self._which == "usd" else int(number)
