"""What a person is writing or has chosen stays theirs: other changes land meanwhile, answers come late."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPushButton, QTreeWidget

from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.settings import ProviderSettings, Settings
from cort_desktop.gui.preferences.controls import DecimalBox, WholeBox
from cort_desktop.gui.preferences.model_fields import ModelField
from cort_desktop.gui.preferences.pays_page import PaysPage
from cort_desktop.gui.preferences.providers_page import ProvidersPage
from cort_desktop.gui.preferences.rows import StateLine
from cort_desktop.gui.preferences.settings_window import SettingsWindow
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import Segments
from cort_desktop.services.bench import BenchService
from cort_desktop.services.preferences import KeyInfo, PreferencesService
from tests.fakes.bench import SumSource
from tests.fakes.window import Gui, until
from tests.gui.preferences.test_settings_window import item, opened, part, row_of


class Gate:
    """Holds a method of a service back until it is opened."""

    def __init__(self, patch: pytest.MonkeyPatch, owner: type, name: str) -> None:
        self.held = 0
        self._open = asyncio.Event()
        plain: Callable[..., Any] = getattr(owner, name)

        async def held(*args: Any, **kwargs: Any) -> Any:
            self.held += 1
            await self._open.wait()
            return await plain(*args, **kwargs)

        patch.setattr(owner, name, held)

    def open(self) -> None:
        self._open.set()


async def something_else_is_saved(ui: Ui) -> None:
    await ui.app.preferences.change({("appearance", "reduce_motion"): True})


def providers_page(window: SettingsWindow) -> ProvidersPage:
    page = window.page
    assert isinstance(page, ProvidersPage)
    return page


@pytest.mark.parametrize(
    ("page", "name", "kind"),
    [
        ("cache", "settingsCacheRoom", WholeBox),
        ("thinking", "settingsTemperature", DecimalBox),
    ],
)
def test_a_number_that_is_being_typed_stays(
    gui: Gui, page: str, name: str, kind: type[WholeBox | DecimalBox]
) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, page) as window:
            box = part(window, kind, name)
            box.setFocus()
            box.selectAll()
            QTest.keyClicks(box, "1")
            await something_else_is_saved(ui)
            assert box.cleanText() == "1"
            box.clearFocus()
            assert box.number == 1

    gui.run(main)


def test_a_number_that_is_only_looked_at_follows_the_settings(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, "cache") as window:
            box = part(window, WholeBox, "settingsCacheRoom")
            box.setFocus()
            box.selectAll()
            await ui.app.preferences.change({("cache", "megabytes"): 77})
            assert box.number == 77

    gui.run(main)


def test_models_that_are_being_typed_stay(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, "thinking") as window:
            for line in (
                part(window, ModelField, "settingsDefaultModel").lineEdit(),
                part(window, QLineEdit, "settingsJudgeModels"),
            ):
                assert line is not None
                line.setFocus()
                line.selectAll()
                QTest.keyClicks(line, "zz")
                await something_else_is_saved(ui)
                assert line.text() == "zz"
                line.setText("")

    gui.run(main)


def test_a_cap_of_billions_of_tokens_is_shown_as_far_as_it_can_be(gui: Gui) -> None:
    gui.home.mkdir(parents=True)

    async def main(ui: Ui) -> None:
        await ui.app.preferences.change({("budget", "tokens"): 5_000_000_000})
        async with opened(ui, "budget") as window:
            box = part(window, WholeBox, "settingsCap-tokens")
            assert box.number == 10**9
            assert ui.app.preferences.settings.budget.tokens == 5_000_000_000

    gui.run(main)


def test_the_last_of_two_quick_choices_holds(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, "appearance") as window:
            theme = part(window, Segments, "settingsTheme")
            theme.segment(2).click()
            theme.segment(0).click()
            await until(lambda: not ui.tasks.names)
            assert ui.app.preferences.settings.appearance.theme == "system"
            assert theme.index == 0

    gui.run(main)


def test_a_choice_is_not_taken_back_by_the_one_before_it(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, "appearance") as window:
            box = part(window, WholeBox, "settingsTextSize")
            seen: list[int] = []

            def hear(_settings: Settings) -> None:
                seen.append(box.value())

            stop = ui.app.preferences.on_change(hear)
            for percent in (110, 120, 130):
                box.setValue(percent)
            await until(lambda: not ui.tasks.names)
            stop()
            assert set(seen) == {130}
            assert ui.app.preferences.settings.appearance.text_size == 130

    gui.run(main)


def test_a_refusal_is_taken_back_with_what_was_refused(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui) as window:
            providers_page(window).open("ollama")
            part(window, QPushButton, "settingsMore").click()
            field = part(window, QLineEdit, "settingsKeepAlive")
            for text, is_wrong in (("nonsense", True), ("", False)):
                field.setFocus()
                field.selectAll()
                field.setText(text)
                field.editingFinished.emit()
                await until(lambda: not ui.tasks.names)
                assert row_of(field).error.isVisible() is is_wrong

    gui.run(main)


def test_a_key_that_is_kept_slowly_leaves_the_page_of_another_provider_alone(
    gui: Gui, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main(ui: Ui) -> None:
        kept: list[str] = []
        may_end = asyncio.Event()

        async def slow(_self: PreferencesService, provider: str, _key: str) -> KeyInfo:
            await may_end.wait()
            kept.append(provider)
            return KeyInfo(provider=provider, where="", origin="", note="Only for this session.")

        monkeypatch.setattr(PreferencesService, "set_key", slow)
        async with opened(ui) as window:
            page = providers_page(window)
            page.open("fake")
            line = part(window, QLineEdit, "settingsKey")
            line.setText("sk-first")
            part(window, QPushButton, "settingsSaveKey").click()
            page.open("openai")
            line.setText("sk-second")
            may_end.set()
            await until(lambda: bool(kept))
            await until(lambda: not ui.tasks.names)
            assert line.text() == "sk-second"
            assert "Only for this session" not in row_of(line).hint.text()

    gui.run(main)


def test_how_one_model_was_tried_is_not_told_of_another(gui: Gui, monkeypatch: pytest.MonkeyPatch) -> None:
    gui.home.mkdir(parents=True)

    async def main(ui: Ui) -> None:
        await ui.app.preferences.set_provider(
            ProviderSettings(
                name="other", kind="openai", base_url="http://127.0.0.1:9/v1", models=("one", "two")
            )
        )

        async def quick(_self: PreferencesService, _ref: ModelRef) -> float:
            return 0.5

        monkeypatch.setattr(PreferencesService, "try_model", quick)
        gate = Gate(monkeypatch, PreferencesService, "try_model")
        async with opened(ui) as window:
            page = providers_page(window)
            page.open("other")
            table = part(window, QTreeWidget, "settingsModels")
            await until(lambda: table.topLevelItemCount() == 2)
            table.setCurrentItem(item(table, 0))
            part(window, QPushButton, "settingsTryModel").click()
            await until(lambda: gate.held)
            table.setCurrentItem(item(table, 1))
            gate.open()
            await until(lambda: not ui.tasks.names)
            assert part(window, StateLine, "settingsModelSaid").words.text() == ""

    gui.run(main)


def test_a_price_that_is_being_written_stays_when_a_list_of_models_comes(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui) as window:
            page = providers_page(window)
            page.open("fake")
            table = part(window, QTreeWidget, "settingsModels")
            await until(lambda: table.topLevelItemCount() == 1)
            table.setCurrentItem(item(table, 0))
            part(window, DecimalBox, "settingsPriceInput").setValue(2.5)
            window._models.changed.emit()
            await something_else_is_saved(ui)
            assert part(window, DecimalBox, "settingsPriceInput").value() == 2.5
            part(window, QPushButton, "settingsSetPrice").click()
            await until(lambda: bool(ui.app.preferences.settings.prices))
            part(window, QPushButton, "settingsForgetPrice").click()
            await until(lambda: not ui.app.preferences.settings.prices)
            await until(lambda: part(window, DecimalBox, "settingsPriceInput").value() == 0)

    gui.run(main)


def test_the_check_that_was_priced_is_the_one_that_is_ticked(
    gui: Gui, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cort_desktop.adapters.reasoning_tasks.ReasoningTasks", SumSource)

    async def main(ui: Ui) -> None:
        gate = Gate(monkeypatch, BenchService, "estimate")
        async with opened(ui, "pays") as window:
            page = window.page
            assert isinstance(page, PaysPage)
            part(window, QPushButton, "settingsPaysLook").click()
            await until(lambda: gate.held)
            part(window, QCheckBox, "settingsPaysPreset-deep").click()
            gate.open()
            await until(lambda: not ui.tasks.names)
            assert page._control.wanted is None
            assert not part(window, QPushButton, "settingsPaysStart").isVisible()
            assert part(window, QPushButton, "settingsPaysLook").isEnabled()

    gui.run(main)


def test_a_refusal_that_comes_late_is_not_told_at_the_field_of_another_provider(
    gui: Gui, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main(ui: Ui) -> None:
        gate = Gate(monkeypatch, PreferencesService, "set_provider")
        async with opened(ui) as window:
            page = providers_page(window)
            page.open("ollama")
            field = part(window, QLineEdit, "settingsKeepAlive")
            field.setText("nonsense")
            field.editingFinished.emit()
            await until(lambda: gate.held)
            page.open("fake")
            gate.open()
            await until(lambda: not ui.tasks.names)
            assert row_of(field).error.isHidden()
            (error,) = gui.errors
            assert "keep_alive" in str(error)
            gui.errors.clear()

    gui.run(main)


def test_words_of_a_preset_are_typed_through_a_change_from_elsewhere(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, "thinking") as window:
            words = part(window, QLineEdit, "settingsPresetWords")
            words.setFocus()
            words.selectAll()
            QTest.keyClicks(words, "Two ")
            await something_else_is_saved(ui)
            QTest.keyClicks(words, "words")
            assert words.text() == "Two words"

    gui.run(main)
