"""What checks found, a card for each model: the finding in words, kind by kind, with its figures below."""

from __future__ import annotations

from PySide6.QtCore import QDateTime, QLocale, Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from cort_desktop.domain.bench_advice import Advice, Finding, advices
from cort_desktop.gui.preferences.rows import StateLine
from cort_desktop.gui.preferences.tables import Table
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import PlainLabel, set_role
from cort_desktop.services.check_folder import Checked
from cort_desktop.telling import bench_words, figures

_STATES: dict[Finding, str] = {
    "pays": "good",
    "does_not_pay": "good",
    "all_right": "good",
    "cannot_tell": "unasked",
    "all_wrong": "unasked",
}
_ROWS = 16


class PaysCard(QFrame):
    """One check."""

    def __init__(self, theme: Theme, checked: Checked) -> None:
        super().__init__()
        set_role(self, "card")
        recorded = checked.recorded
        self.setAccessibleName(recorded.setup.model)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(8)
        column.addWidget(PlainLabel(recorded.setup.model, "strong"))
        column.addWidget(self._when(checked))
        found = advices(recorded)
        for advice in found:
            column.addWidget(self._finding(theme, advice))
        if found:
            column.addWidget(self._table(found))

    def _when(self, checked: Checked) -> PlainLabel:
        recorded = checked.recorded
        began = QDateTime.fromString(recorded.origin.started, Qt.DateFormat.ISODateWithMs).toLocalTime()
        words = self.tr("Checked on %1.")
        if not recorded.is_closed:
            words = self.tr("Begun on %1 and cut short; check it again with the same ticks to go on.")
        label = PlainLabel(words.replace("%1", QLocale().toString(began, "d MMM yyyy, HH:mm")), "small")
        label.setWordWrap(True)
        return label

    def _finding(self, theme: Theme, advice: Advice) -> QWidget:
        line = StateLine(theme)
        words = f"{bench_words.kind_of(advice.kind)}: {bench_words.finding_words(advice)}"
        failed = bench_words.failed_words(advice)
        line.show_state(_STATES[advice.finding], f"{words} {failed}" if failed else words)
        return line

    def _table(self, found: tuple[Advice, ...]) -> Table:
        table = Table(
            "settingsPaysTable",
            self.tr("Figures"),
            [
                self.tr("Questions"),
                self.tr("Asked"),
                self.tr("Right"),
                self.tr("Gain"),
                self.tr("Between"),
                self.tr("Tokens"),
            ],
        )
        for advice in found:
            kind = bench_words.kind_of(advice.kind)
            table.put(
                (kind, ""),
                [
                    kind,
                    self.tr("once"),
                    bench_words.percent(advice.once.value),
                    "",
                    "",
                    figures.tokens(round(advice.once_tokens)),
                ],
            )
            for gain in advice.gains:
                low, high = bench_words.points(gain.gain.low), bench_words.points(gain.gain.high)
                texts = [
                    kind,
                    bench_words.name_of(gain.contender),
                    bench_words.percent(gain.right / advice.items),
                    bench_words.points(gain.gain.value),
                    self.tr("%1 and %2").replace("%1", low).replace("%2", high),
                    figures.tokens(round(gain.tokens)),
                ]
                table.put((kind, gain.contender.label), texts)
        table.fit(_ROWS)
        return table
