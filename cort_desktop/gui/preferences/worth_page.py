"""Settings › Was it worth it?: how often blind judges preferred the final answer to the first one, by model,
preset and move, what it took, and which moves' candidates became answers.

Read anew each time the page is opened. From few outcomes nothing is claimed, and it says so; what single runs
were worth is told under their answers.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QLocale

from cort_desktop.domain.worth_shares import MoveShare, WorthShare
from cort_desktop.gui.preferences.rows import Page, StateLine
from cort_desktop.gui.preferences.tables import Table
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import PlainLabel, tooltip_text
from cort_desktop.services.worth import WorthReport
from cort_desktop.telling import figures
from cort_desktop.telling.safe import one_line
from cort_desktop.telling.worth import claim_words, move_words, share_words, sum_words

_ROWS = 8
_SHARE = 2
"""The column of the share."""
_STATES = {"too_few": "unasked", "open": "doubt", "final": "good", "first": "bad"}


class WorthPage(Page):
    """Above all of it together, below the tables; a table with no rows is hidden."""

    def __init__(self, ui: Ui) -> None:
        super().__init__(
            self.tr("Was it worth it?"),
            self.tr(
                "How often blind judges preferred the final answer to the first one, in the runs you asked "
                "about. It is the judges’ preference, not a measure of what is true."
            ),
        )
        self._ui = ui
        self._total, self._took = StateLine(ui.theme), PlainLabel("", "muted")
        self._total.setObjectName("settingsWorthTotal")
        self._took.setWordWrap(True)
        for each in (self._total, self._took):
            each.hide()
        headings = [
            self.tr("Final / first / neither"),
            self.tr("Share of final"),
        ]
        self._tables = {
            "models": self._table("Models", self.tr("By model"), [self.tr("Model"), *headings]),
            "presets": self._table("Presets", self.tr("By preset"), [self.tr("Preset"), *headings]),
            "moves": self._table(
                "FinalMoves", self.tr("By move of the final answer"), [self.tr("Move"), *headings]
            ),
        }
        self._moves = self._table(
            "Moves",
            self.tr("Which candidates became the answer, in all runs with several"),
            [self.tr("Move"), self.tr("Candidates"), self.tr("Answers"), self.tr("By chance")],
        )
        self.section(self.tr("All that you asked about"))
        self.add(self._total, self._took)
        for label, table in (*self._tables.values(), self._moves):
            self.add(label, table)
        self.finish()

    def entered(self) -> None:
        """Read the logs anew; what was read before stays until then."""
        if not self._total.words.text():
            self._total.show_state("busy", self.tr("Reading what became of your runs…"))
        self._ui.tasks.start(
            self._look(),
            name="read what it was worth",
            failed=lambda error: self._total.show_state("bad", str(error)),
        )

    def _table(self, name: str, label: str, headings: list[str]) -> tuple[PlainLabel, Table]:
        caption, table = PlainLabel(label, "small"), Table(f"settingsWorth{name}", label, headings)
        caption.setBuddy(table)
        caption.setWordWrap(True)
        for widget in (caption, table):
            widget.hide()
        return caption, table

    async def _look(self) -> None:
        self._show(await self._ui.app.worth.report())

    def _show(self, report: WorthReport) -> None:
        if report.runs:
            said = f"{_sentence(share_words(report.total))} {_sentence(claim_words(report.total))}"
            self._total.show_state(_STATES[report.total.says], said)
            took = self.tr("On top of their first answers %1 took %2.")
            runs = figures.count(report.runs, "run")
            self._took.setText(took.replace("%1", runs).replace("%2", sum_words(report.more)))
        else:
            self._total.show_state(
                "unasked",
                self.tr("You have not asked yet: “Was it worth it?” stands under every answer of several."),
            )
            self._took.setText("")
        self._took.setVisible(bool(report.runs))
        self._fill("models", report.models)
        self._fill("presets", report.presets)
        self._fill("moves", {move_words(move): share for move, share in report.by_move.items()})
        self._fill_moves(report.moves)

    def _fill(self, name: str, rows: Mapping[str, WorthShare]) -> None:
        label, table = self._tables[name]
        table.clear()
        for key, share in rows.items():
            counts = " / ".join(_number(n) for n in (share.final, share.first, share.unclear))
            item = table.put(key, [one_line(key), counts, self._share(share)], (None, float(share.asked)))
            item.setToolTip(_SHARE, tooltip_text(_sentence(claim_words(share))))
        _fit(label, table, any_=bool(rows))

    def _share(self, share: WorthShare) -> str:
        """Between what the share of the final answer lies, where that may be told; the tooltip says what it
        means.
        """
        interval = share.interval
        if interval is None or share.says == "too_few":
            return self.tr("too few to tell")
        low, high = (round(end * 100) for end in interval)
        said = f"{low}–{high} %"
        return self.tr("%1, can’t tell").replace("%1", said) if share.says == "open" else said

    def _fill_moves(self, moves: tuple[MoveShare, ...]) -> None:
        label, table = self._moves
        table.clear()
        for share in moves:
            chance = QLocale().toString(share.by_chance, "f", 1)
            move = move_words(share.move)
            texts = [move[:1].upper() + move[1:], _number(share.candidates), _number(share.answers), chance]
            numbers = (None, float(share.candidates), float(share.answers), share.by_chance)
            table.put(share.move, texts, numbers)
        _fit(label, table, any_=bool(moves))


def _fit(label: PlainLabel, table: Table, *, any_: bool) -> None:
    for widget in (label, table):
        widget.setVisible(any_)
    table.fit(_ROWS)


def _number(count: int) -> str:
    return QLocale().toString(count)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
