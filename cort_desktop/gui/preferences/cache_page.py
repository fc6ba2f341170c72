"""Settings › Kept answers: whether answers are kept to be used again, for how long, what they saved."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from cort_desktop.domain.settings import (
    LONGEST_KEPT_DAYS,
    MOST_CACHE_MEGABYTES,
    STAGES,
    CacheSettings,
    Settings,
    Stage,
)
from cort_desktop.gui.preferences.controls import Tick, WholeBox
from cort_desktop.gui.preferences.kept_view import KeptView
from cort_desktop.gui.preferences.roles import role_name
from cort_desktop.gui.preferences.rows import Page, Row, StateLine, line_of
from cort_desktop.gui.preferences.saver import Saver
from cort_desktop.gui.ui import Ui
from cort_desktop.services.cache import CacheFigures
from cort_desktop.telling import figures

_STEP_MEGABYTES = 64
"""Megabytes of a million, as the settings count them."""


class CachePage(Page):
    """The switch, the limits, whose answers, and what is kept."""

    def __init__(self, ui: Ui, saver: Saver) -> None:
        super().__init__(
            self.tr("Kept answers"),
            self.tr(
                "The answer to a call is kept on this computer, so that the very same call is not paid for "
                "twice. One used again costs nothing and is marked “from cache”."
            ),
        )
        self._ui = ui
        self._saver = saver
        self._figures: CacheFigures | None = None
        self._state = StateLine(ui.theme)
        self._state.setObjectName("settingsCacheState")
        self.add(self._state)
        self._add_switch()
        self._add_stages()
        self.section(self.tr("What is kept"))
        self._kept = KeptView(ui)
        self._kept.changed.connect(self._refresh)
        self.add(self._kept)
        self.finish()
        self._show(saver.settings)
        saver.changed.connect(self._show)

    def entered(self) -> None:
        """Look at what is kept anew."""
        self._refresh()

    def _add_switch(self) -> None:
        tr = self.tr
        self._enabled = Tick("settingsCacheEnabled", tr("Keep answers and use them again"))
        self._enabled_row = Row(
            tr("Keeping"),
            self._enabled,
            tr("Switched off, nothing new is kept and nothing kept is used; what there is stays."),
        )
        self._enabled.chosen.connect(
            lambda on: self._write("enabled", None if on else False, self._enabled_row)
        )
        self._room = WholeBox("settingsCacheRoom", 1, MOST_CACHE_MEGABYTES)
        self._room.setSuffix(tr(" MB"))
        self._room.setSingleStep(_STEP_MEGABYTES)
        self._room_row = Row(
            tr("Room"), self._room, tr("When it is used up, those not used for the longest time go.")
        )
        self._room.chosen.connect(lambda number: self._write("megabytes", number, self._room_row))
        self._days = WholeBox("settingsCacheDays", 1, LONGEST_KEPT_DAYS)
        self._days.setSuffix(tr(" days"))
        self._days_row = Row(tr("Good for"), self._days, tr("An older answer is asked for anew."))
        self._days.chosen.connect(lambda number: self._write("days", number, self._days_row))
        self.add(self._enabled_row, self._room_row, self._days_row)

    def _add_stages(self) -> None:
        self._stages: dict[Stage, Tick] = {}
        for stage in STAGES:
            tick = Tick(f"settingsCacheStage-{stage}", role_name(stage))
            tick.chosen.connect(self._choose_stages)
            self._stages[stage] = tick
        ticks: list[QWidget] = list(self._stages.values())
        self._stages_row = Row(
            self.tr("Whose answers"),
            line_of(*ticks, gap=16),
            self.tr("A question asked again costs nothing only when all of its calls were kept."),
            is_wide=True,
        )
        self.add(self._stages_row)

    def _write(self, key: str, value: object, row: Row) -> None:
        self._saver.write({("cache", key): value}, row.say)

    def _choose_stages(self, _on: bool) -> None:
        chosen = [stage for stage, tick in self._stages.items() if tick.isChecked()]
        self._write("stages", None if len(chosen) == len(STAGES) else chosen, self._stages_row)

    def _show(self, settings: Settings) -> None:
        cache: CacheSettings = settings.cache
        self._enabled.show_state(cache.enabled)
        self._room.show_number(cache.megabytes)
        self._days.show_number(cache.days)
        for stage, tick in self._stages.items():
            tick.show_state(stage in cache.stages)
        for row in (self._room_row, self._days_row, self._stages_row):
            row.control.setEnabled(cache.enabled)
        if self._figures is not None:
            self._refresh()

    def _refresh(self) -> None:
        self._ui.tasks.start(self._look(), name="look at kept answers")

    async def _look(self) -> None:
        self._figures = await self._ui.app.cache.figures()
        self._tell(self._figures)
        self._kept.show_entries(await self._ui.app.cache.entries())

    def _tell(self, found: CacheFigures) -> None:
        """One sentence of all figures; what is wrong comes first."""
        if found.problem is not None:
            self._state.show_state("bad", found.problem)
            return
        if not found.entries:
            words = self.tr("Nothing is kept yet.")
        else:
            words = self.tr("%1 in %2 of %3, used %4 in place of a call.")
            for mark, text in (
                ("%1", figures.count(found.entries, "answer")),
                ("%2", figures.size(found.file_bytes)),
                ("%3", figures.size(found.limit_bytes)),
                ("%4", figures.count(found.used, "time")),
            ):
                words = words.replace(mark, text)
        if found.used:
            saved = figures.money(found.saved_microusd)
            least = self.tr("That saved at least %1.") if found.is_least else self.tr("That saved %1.")
            words = f"{words} {least.replace('%1', saved)}"
        if not found.enabled:
            is_off = self.tr("Switched off.")
            words = f"{is_off} {words}"
        self._state.show_state("good" if found.enabled else "unasked", words)
