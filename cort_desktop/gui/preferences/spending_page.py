"""Settings › Spending: what a month cost by day and by model, and the limits on conversation, day and month.

What is unknown is said to be unknown, never counted as nothing. The caps of one run are the Budget page's.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from PySide6.QtCore import QDate, QDateTime, QLocale
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from cort_desktop.domain.settings import DEFAULT_WARN_AT, Settings
from cort_desktop.domain.spending import Spend, Standing
from cort_desktop.gui.preferences.controls import Choice, ChoiceBox, DecimalBox, WholeBox
from cort_desktop.gui.preferences.rows import Page, Row, StateLine
from cort_desktop.gui.preferences.saver import Saver
from cort_desktop.gui.preferences.tables import Table
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import PlainLabel, set_role
from cort_desktop.services.spending import MonthSpent
from cort_desktop.telling import figures
from cort_desktop.telling.safe import one_line

_DEAREST = 1_000_000
_ROWS = 8
_FIGURES = (1, 2, 3, 4)
_STEPS = 1000
_PERCENT = 100


class SpendingPage(Page):
    """Limits above, the books of a month below."""

    def __init__(self, ui: Ui, saver: Saver) -> None:
        super().__init__(
            self.tr("Spending"),
            self.tr("What all runs cost together, as this program booked it; services bill for themselves."),
        )
        self._ui = ui
        self._saver = saver
        self._standings = QWidget()
        self._limits: dict[str, DecimalBox] = {}
        self._asked = 0
        self.section(self.tr("Limits"))
        self.add(self._standings)
        self._add_limits()
        self.section(self.tr("What was spent"))
        self._add_books()
        self.finish()
        self._show(saver.settings)
        saver.changed.connect(self._show)

    def entered(self) -> None:
        """Read the books anew."""
        self._refresh()

    def _add_limits(self) -> None:
        tr = self.tr
        for key, label, hint in (
            ("conversation_usd", tr("A conversation"), tr("US dollars for all of its runs together.")),
            ("day_usd", tr("A day"), tr("US dollars, from midnight to midnight of this computer’s clock.")),
            ("month_usd", tr("A month"), tr("US dollars, of the month of the calendar.")),
        ):
            box = DecimalBox(f"settingsLimit-{key}", 0.01, _DEAREST, step=1, absent=tr("no limit"))
            box.setPrefix("$")
            row = Row(label, box, hint)
            box.chosen.connect(lambda usd, key=key, row=row: self._write_limit(key, usd, row))
            self._limits[key] = box
            self.add(row)
        self._warn = WholeBox("settingsWarnAt", 1, _PERCENT, tr("never"))
        self._warn.setSuffix(tr(" %"))
        self._warn.setSingleStep(5)
        warn_row = Row(
            tr("Tell me at"),
            self._warn,
            tr("So much of a limit. At the limit itself no run begins that could go over it."),
        )
        self._warn.chosen.connect(
            lambda percent: self._saver.write(
                {("limits", "warn_at"): Decimal(percent or 0) / _PERCENT}, warn_row.say
            )
        )
        self.add(warn_row)

    def _add_books(self) -> None:
        self._month = ChoiceBox("settingsMonth")
        self._month.chosen.connect(lambda _month: self._refresh())
        self._total = StateLine(self._ui.theme)
        self._total.setObjectName("settingsSpent")
        headings = [self.tr("Cost"), self.tr("Calls"), self.tr("Tokens"), self.tr("From cache")]
        by_day, by_model = self.tr("By day"), self.tr("By model")
        self._days = Table("settingsSpentDays", by_day, [self.tr("Day"), *headings], figures=_FIGURES)
        self._models = Table("settingsSpentModels", by_model, [self.tr("Model"), *headings], figures=_FIGURES)
        self._by_day = PlainLabel(by_day, "small")
        self._by_model = PlainLabel(by_model, "small")
        self.add(Row(self.tr("Month"), self._month), self._total)
        self.add(self._by_model, self._models, self._by_day, self._days)

    def _write_limit(self, key: str, usd: float | None, row: Row) -> None:
        self._saver.write({("limits", key): None if usd is None else Decimal(str(usd))}, row.say)

    def _show(self, settings: Settings) -> None:
        for key, box in self._limits.items():
            usd: Decimal | None = getattr(settings.limits, key)
            box.show_number(float(usd) if usd else None)
        warn_at = settings.limits.warn_at
        self._warn.show_number(round(warn_at * _PERCENT) if warn_at else None)
        self._warn.setEnabled(settings.limits.is_any or warn_at != DEFAULT_WARN_AT)
        if self.isVisible():
            self._refresh()

    def _refresh(self) -> None:
        self._ui.tasks.start(
            self._look(), name="read what was spent", failed=lambda error: self._said("bad", str(error))
        )

    async def _look(self) -> None:
        self._asked += 1
        mine, wanted = self._asked, self._month.value
        spent = await self._ui.app.spending.month(wanted if isinstance(wanted, str) else None)
        if mine == self._asked:  # else another month was chosen since
            self._show_month(spent)

    def _show_month(self, spent: MonthSpent) -> None:
        months = sorted({*spent.months, spent.month}, reverse=True)
        self._month.offer([Choice(value=month, text=_month_name(month)) for month in months])
        self._month.show_value(spent.month)
        if spent.total.is_nothing:
            self._said("unasked", self.tr("Nothing was spent in this month."))
        else:
            self._said("doubt" if spent.total.unknown else "good", self._words(spent.total))
        self._fill(self._models, {one_line(name): spend for name, spend in spent.models.items()})
        days = {_day_name(day): spent.days[day] for day in sorted(spent.days, reverse=True)}
        self._fill(self._days, days)
        self._by_day.setVisible(bool(spent.days))
        self._by_model.setVisible(bool(spent.models))
        self._show_standings(spent.standings, spent.warn_at)

    def _said(self, state: str, words: str) -> None:
        self._total.show_state(state, words[:1].upper() + words[1:])

    def _words(self, spend: Spend) -> str:
        words = self.tr("%1 for %2.").replace("%1", _cost(spend, self.tr("at least %1")))
        words = words.replace("%2", figures.count(spend.calls, "call"))
        if spend.unknown:
            unknown = self.tr("Of %1 nobody knows the price; limits count what was held for them.")
            words = f"{words} {unknown.replace('%1', figures.count(spend.unknown, 'call'))}"
        if spend.kept:
            kept = self.tr("%1 came from the cache and saved %2.")
            saved = figures.money(spend.saved_microusd)
            if spend.saved_unknown:
                saved = self.tr("at least %1").replace("%1", saved)
            kept = kept.replace("%1", figures.count(spend.kept, "answer")).replace("%2", saved)
            words = f"{words} {kept}"
        return words

    def _fill(self, table: Table, rows: Mapping[str, Spend]) -> None:
        table.clear()
        least = self.tr("at least %1")
        for name, spend in rows.items():
            texts = [
                name,
                _cost(spend, least),
                QLocale().toString(spend.calls),
                figures.tokens(spend.usage.total),
                QLocale().toString(spend.kept),
            ]
            table.put(name, texts)
        table.setVisible(bool(rows))
        table.fit(_ROWS)

    def _show_standings(self, standings: tuple[Standing, ...], warn_at: Decimal) -> None:
        """A bar for each limit that is set; made anew, for there are two at most."""
        fresh = QWidget()
        column = QVBoxLayout(fresh)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for standing in standings:
            words = self._standing_words(standing)
            used = standing.limit_microusd - standing.left_microusd
            line = StateLine(self._ui.theme)
            state = "bad" if not standing.left_microusd else "doubt" if standing.is_near(warn_at) else "good"
            line.show_state(state, words)
            bar = QProgressBar()
            bar.setTextVisible(False)
            bar.setRange(0, _STEPS)
            bar.setValue(_STEPS * used // max(1, standing.limit_microusd))
            bar.setAccessibleName(words)
            set_role(bar, "" if standing.left_microusd else "full")
            column.addWidget(line)
            column.addWidget(bar)
        self.column.replaceWidget(self._standings, fresh)
        self._standings.hide()
        self._standings.deleteLater()
        self._standings = fresh
        fresh.setVisible(bool(standings))

    def _standing_words(self, standing: Standing) -> str:
        words = {
            "conversation": self.tr("This conversation: %1 of %2."),
            "day": self.tr("Today: %1 of %2."),
            "month": self.tr("This month: %1 of %2."),
        }[standing.name]
        words = words.replace("%1", figures.money(standing.spend.booked_microusd))
        words = words.replace("%2", figures.money(standing.limit_microusd))
        if standing.held_microusd:
            held = self.tr("Runs at work hold %1 more.")
            words = f"{words} {held.replace('%1', figures.money(standing.held_microusd))}"
        if not standing.left_microusd and standing.resets is not None:
            moment = QDateTime.fromSecsSinceEpoch(int(standing.resets.timestamp()))
            again = self.tr("It starts anew on %1.").replace(
                "%1", QLocale().toString(moment, "d MMM yyyy, HH:mm")
            )
            words = f"{words} {again}"
        return words


def _cost(spend: Spend, least: str) -> str:
    """``$1.20``, ``at least $1.20`` where a part is unknown, ``unknown`` where all of it is."""
    if not spend.unknown:
        return figures.money(spend.known_microusd)
    if not spend.known_microusd:
        return figures.money(None)
    return least.replace("%1", figures.money(spend.known_microusd))


def _month_name(month: str) -> str:
    """``November 2026`` for ``2026-11``."""
    date = QDate.fromString(f"{month}-01", "yyyy-MM-dd")
    return QLocale().toString(date, "MMMM yyyy") if date.isValid() else month


def _day_name(day: str) -> str:
    """``Sun, 22 Nov`` for ``2026-11-22``."""
    date = QDate.fromString(day, "yyyy-MM-dd")
    return QLocale().toString(date, "ddd, d MMM") if date.isValid() else day
