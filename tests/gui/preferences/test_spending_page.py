"""The books of a month, when another one is asked for meanwhile."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtWidgets import QTreeWidget

from cort_desktop.domain.spending import Spend
from cort_desktop.gui.preferences.controls import ChoiceBox
from cort_desktop.gui.ui import Ui
from cort_desktop.services.spending import MonthSpent, SpendingService
from tests.fakes.window import Gui, until
from tests.gui.preferences.test_settings_window import item, opened, part, pick

MONTHS = ("2026-09", "2026-10", "2026-11")


def test_a_month_that_takes_long_does_not_replace_the_one_that_was_chosen_after_it(
    gui: Gui, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_read = asyncio.Event()
    asked: list[str | None] = []

    async def month(_self: SpendingService, month: str | None = None) -> MonthSpent:
        asked.append(month)
        if month == "2026-09":
            await is_read.wait()
        name = month or MONTHS[-1]
        spend = Spend(calls=1, known_microusd=10_000)
        return MonthSpent(month=name, total=spend, days={f"{name}-01": spend}, months=MONTHS)

    monkeypatch.setattr(SpendingService, "month", month)

    async def main(ui: Ui) -> None:
        async with opened(ui, "spending") as window:
            box, days = (
                part(window, ChoiceBox, "settingsMonth"),
                part(window, QTreeWidget, "settingsSpentDays"),
            )
            await until(lambda: box.value == "2026-11")
            pick(box, "2026-09")
            await until(lambda: asked[-1] == "2026-09")
            pick(box, "2026-10")
            await until(lambda: days.topLevelItemCount() and "Oct" in item(days, 0).text(0))
            is_read.set()
            await until(lambda: not ui.tasks.names)
            assert box.value == "2026-10"
            assert "Oct" in item(days, 0).text(0)

    gui.run(main)
