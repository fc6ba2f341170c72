"""Network, kept answers, spending, and how a provider fares: what is shown, written and forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListWidget, QProgressBar, QPushButton, QTreeWidget

from cort_desktop.domain.budget import Usage
from cort_desktop.domain.health import CircuitHealth, ProviderHealth
from cort_desktop.domain.ids import ConversationId, ModelRef, RunId
from cort_desktop.domain.kept_replies import Filing, KeptEntry, Tag
from cort_desktop.domain.local_servers import LocalServer
from cort_desktop.domain.models import LeftOut, ModelProfile
from cort_desktop.domain.settings import ProviderSettings
from cort_desktop.domain.spending import Spend
from cort_desktop.errors import ProviderError, SettingsError
from cort_desktop.gui.preferences.controls import ChoiceBox, DecimalBox, Tick, WholeBox
from cort_desktop.gui.preferences.health_view import HealthView
from cort_desktop.gui.preferences.providers_page import ProvidersPage
from cort_desktop.gui.preferences.rows import StateLine
from cort_desktop.gui.ui import Ui
from cort_desktop.services.cache import CacheService
from cort_desktop.services.local_models import FoundServer, OwnModelFile
from cort_desktop.services.model_lists import ProviderModels
from cort_desktop.services.preferences import PreferencesService
from cort_desktop.services.provider_views import ProviderView
from cort_desktop.services.spending import MonthSpent, SpendingService
from tests.fakes.window import Gui, until
from tests.gui.preferences.test_providers_page import page_of, write
from tests.gui.preferences.test_settings_window import answer, item, opened, part, pick, row_of
from tests.gui.preferences.test_settings_window import written as file_of

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_the_network_is_written_and_told_in_a_sentence(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, "network") as window:
            way = part(window, StateLine, "settingsWay")
            assert "asked directly" in way.words.text()
            proxy = part(window, QLineEdit, "settingsProxy")
            write(proxy, "socks5://127.0.0.1:1080")
            await until(lambda: "SOCKS" in row_of(proxy).error.text())
            assert proxy.text() == "socks5://127.0.0.1:1080"
            write(proxy, "http://proxy.example:3128")
            await until(lambda: "through http://proxy.example:3128" in way.words.text())
            write(part(window, QLineEdit, "settingsDirect"), "Example.org, intranet")
            await until(lambda: "Not so: example.org, intranet" in way.words.text())
            write(part(window, QLineEdit, "settingsCaFile"), str(gui.home / "none.pem"))
            await until(lambda: "none.pem is not there" in way.words.text())
            pick(part(window, ChoiceBox, "settingsTrust"), "system")
            await until(lambda: ui.app.preferences.settings.network.trust == "system")
            for name in ("settingsProxy", "settingsDirect", "settingsCaFile"):
                part(window, QLineEdit, name).clear()
                part(window, QLineEdit, name).editingFinished.emit()
            pick(part(window, ChoiceBox, "settingsTrust"), "bundled")
            await until(lambda: not file_of(gui).get("network"))

    gui.run(main)


def kept(number: int) -> KeptEntry:
    filing = Filing(
        model=ModelRef(f"fake/m{number % 2}"),
        stage="judge" if number % 3 else "proposer",
        conversation=ConversationId(f"c{number % 2}"),
        run=RunId("r"),
        question=f"Question {number}",
    )
    return KeptEntry(key=f"{number:064x}", filing=filing, made=NOW, used=number, cost_microusd=1000)


@pytest.mark.qt_log_ignore("propagateSizeHints")  # the offscreen platform has no frame for a message box
def test_kept_answers_are_narrowed_and_forgotten(gui: Gui, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [kept(number) for number in range(1, 7)]

    async def listed(_self: CacheService, _tags: object = None) -> tuple[KeptEntry, ...]:
        return tuple(entries)

    async def drop_one(_self: CacheService, key: str) -> KeptEntry:
        gone = next(entry for entry in entries if entry.key == key)
        entries.remove(gone)
        return gone

    async def drop(_self: CacheService, tags: dict[Tag, str]) -> int:
        before = len(entries)
        entries[:] = [e for e in entries if any(e.filing.tag(name) != value for name, value in tags.items())]
        return before - len(entries)

    monkeypatch.setattr(CacheService, "entries", listed)
    monkeypatch.setattr(CacheService, "clear_one", drop_one)
    monkeypatch.setattr(CacheService, "clear_tagged", drop)

    async def main(ui: Ui) -> None:
        async with opened(ui, "cache") as window:
            table = part(window, QTreeWidget, "settingsKept")
            await until(lambda: table.topLevelItemCount() == 6)
            part(window, QLineEdit, "settingsKeptFilter").setText("question 3")
            assert [item(table, 0).text(c) for c in (0, 2, 4, 5)] == ["Question 3", "m1", "3", "$0.0030"]
            table.setCurrentItem(item(table, 0))
            part(window, QPushButton, "settingsForgetKept").click()
            await until(lambda: len(entries) == 5 and table.topLevelItemCount() == 0)
            part(window, QLineEdit, "settingsKeptFilter").clear()
            pick(part(window, ChoiceBox, "settingsKeptModel"), "fake/m0")
            assert table.topLevelItemCount() == 3
            part(window, QPushButton, "settingsForgetAll").click()
            await answer(window, "settingsConfirmForget", "Cancel")
            assert len(entries) == 5
            part(window, QPushButton, "settingsForgetAll").click()
            await answer(window, "settingsConfirmForget", "Forget them")
            await until(lambda: len(entries) == 2)
            assert "3 kept answers forgotten" in part(window, StateLine, "settingsKeptSaid").words.text()

    gui.run(main)


def test_the_settings_of_kept_answers_are_written(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, "cache") as window:
            await until(
                lambda: "Nothing is kept" in part(window, StateLine, "settingsCacheState").words.text()
            )
            part(window, Tick, "settingsCacheStage-judge").click()
            await until(lambda: "judge" not in ui.app.preferences.settings.cache.stages)
            part(window, WholeBox, "settingsCacheRoom").setValue(64)
            part(window, WholeBox, "settingsCacheDays").setValue(7)
            await until(lambda: ui.app.preferences.settings.cache.days == 7)
            part(window, Tick, "settingsCacheEnabled").click()
            await until(lambda: not ui.app.preferences.settings.cache.enabled)
            assert not part(window, WholeBox, "settingsCacheRoom").isEnabled()
            assert file_of(gui)["cache"]["megabytes"] == 64
            state = part(window, StateLine, "settingsCacheState")
            await until(lambda: state.words.text().startswith("Switched off."))

    gui.run(main)


def test_limits_are_written_and_unknown_costs_are_not_taken_for_nothing(
    gui: Gui, monkeypatch: pytest.MonkeyPatch
) -> None:
    spend = Spend(calls=4, usage=Usage(input=1000, output=500), known_microusd=1_200_000, unknown=1)
    nobody = Spend(calls=1, unknown=1)

    async def month(_self: SpendingService, _month: str | None = None) -> MonthSpent:
        return MonthSpent(
            month="2026-11",
            total=spend,
            days={"2026-11-21": nobody, "2026-11-22": replace(spend, unknown=0)},
            models={"fake/model": spend},
            months=("2026-10", "2026-11"),
        )

    monkeypatch.setattr(SpendingService, "month", month)

    async def main(ui: Ui) -> None:
        async with opened(ui, "spending") as window:
            told = part(window, StateLine, "settingsSpent")
            await until(lambda: "At least $1.20 for 4 calls" in told.words.text())
            assert "Of 1 call nobody knows the price" in told.words.text()
            days = part(window, QTreeWidget, "settingsSpentDays")
            assert [item(days, i).text(1) for i in range(2)] == ["$1.20", "unknown price"]
            part(window, DecimalBox, "settingsLimit-day_usd").setValue(2.5)
            await until(lambda: ui.app.preferences.settings.limits.day_usd == Decimal("2.5"))
            part(window, WholeBox, "settingsWarnAt").setValue(50)
            await until(lambda: ui.app.preferences.settings.limits.warn_at == Decimal("0.5"))
            box = part(window, DecimalBox, "settingsLimit-day_usd")
            box.setValue(box.minimum())
            await until(lambda: ui.app.preferences.settings.limits.day_usd is None)

    gui.run(main)


def test_a_provider_shows_how_it_fares_and_what_its_models_refused(
    gui: Gui, monkeypatch: pytest.MonkeyPatch
) -> None:
    circuit = CircuitHealth(
        model=ModelRef("fake/model"),
        key="",
        state="open",
        since=NOW,
        next_probe=NOW + timedelta(seconds=30),
        requests=8,
        failures=5,
        reason="It answered 503.",
    )
    health = ProviderHealth(
        provider="fake",
        places=3,
        most_places=8,
        running=2,
        waiting=1,
        is_staggered=False,
        retry_tokens=4,
        circuits=(circuit,),
    )
    monkeypatch.setattr(PreferencesService, "health", lambda _self: (health,))
    profile = ModelProfile(
        ref=ModelRef("fake/model"),
        efforts=("low", "high"),
        reasoning=True,
        left_out=(LeftOut(what="seed", since=NOW, said="no seeds here"),),
    )

    async def listed(_self: PreferencesService, provider: str) -> ProviderModels:
        return ProviderModels(provider=provider, reachable=True, models=(profile,), as_of=NOW)

    monkeypatch.setattr(PreferencesService, "models_of", listed)

    async def main(ui: Ui) -> None:
        async with opened(ui) as window:
            table = part(window, QTreeWidget, "settingsProviders")
            await until(lambda: item(table, table.topLevelItemCount() - 1).text(1).startswith("resting"))
            page_of(window).open("fake")
            view = part(window, HealthView, "settingsHealth")
            words = "\n".join(line.words.text() for line in view.findChildren(StateLine))
            assert "2 of 3 places in use, 1 waiting" in words
            assert "none is tried again by itself" in words
            assert "5 of 8 requests failed in the last minute. It answered 503." in words
            refused = part(window, StateLine, "settingsModelRefused")
            await until(lambda: "Takes no seed: left out since 22 Nov 2026" in refused.words.text())
            assert "no seeds here" in refused.words.text()
            effort = part(window, ChoiceBox, "settingsModelEffort")
            assert [choice.value for choice in effort._choices] == [None, "low", "high"]
            pick(effort, "high")
            await until(lambda: ui.app.preferences.settings.provider("fake").efforts is not None)
            assert file_of(gui)["providers"]["fake"]["reasoning"] == {"model": "high"}

    gui.run(main)


def test_who_is_asked_instead_is_ordered_by_keyboard(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui) as window:
            page_of(window).open("fake")
            part(window, QPushButton, "settingsMore").click()

            def provider() -> ProviderSettings:
                return ui.app.preferences.settings.provider("fake")

            box = page_of(window).editor._rare._fallbacks
            for ref in ("openai/one", "builtin/smollm2-135m"):
                box._field.setEditText(ref)
                part(window, QPushButton, "settingsFallbackAdd").click()
                await until(lambda: provider().fallbacks == box._refs)
            rows = part(window, QListWidget, "settingsFallbacks")
            rows.setFocus()
            QTest.keyClick(rows, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
            await until(lambda: provider().fallbacks == ("builtin/smollm2-135m", "openai/one"))
            QTest.keyClick(rows, Qt.Key.Key_Delete)
            await until(lambda: provider().fallbacks == ("openai/one",))
            part(window, Tick, "settingsHedge").click()
            await until(lambda: provider().hedge)
            assert file_of(gui)["providers"]["fake"]["hedge"] is True

    gui.run(main)


def test_a_found_server_is_added_with_a_click(gui: Gui, monkeypatch: pytest.MonkeyPatch) -> None:
    server = LocalServer(sort="lm_studio", base_url="http://127.0.0.1:9/v1", models=("a", "b"))
    offer = ProviderSettings(name="lm-studio", kind="openai", base_url=server.base_url)

    async def found(self: PreferencesService) -> tuple[FoundServer, ...]:
        added = "lm-studio" if "lm-studio" in self.settings.providers else None
        return (FoundServer(server=server, provider=offer, added_as=added),)

    monkeypatch.setattr(PreferencesService, "find_local", found)

    async def main(ui: Ui) -> None:
        async with opened(ui) as window:
            page = window.page
            assert isinstance(page, ProvidersPage)
            await until(lambda: any(b.accessibleName() == "Add LM Studio" for b in buttons()))
            next(b for b in buttons() if b.accessibleName() == "Add LM Studio").click()
            await until(lambda: "lm-studio" in ui.app.preferences.settings.providers)
            await until(lambda: page.editor.isVisible() and page.editor.control.draft.name == "lm-studio")
            await until(lambda: not any(b.accessibleName() == "Add LM Studio" for b in buttons()))

    def buttons() -> list[QPushButton]:
        from PySide6.QtWidgets import QApplication

        return [each for each in QApplication.allWidgets() if isinstance(each, QPushButton)]

    gui.run(main)


def test_a_model_file_of_ones_own_is_taken_out_and_put_back(
    gui: Gui, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.gguf"
    files: list[OwnModelFile] = []
    file = OwnModelFile(ref=ModelRef("builtin/mine"), path=mine, bytes=1000, is_listed=True)

    async def own(_self: PreferencesService) -> list[OwnModelFile]:
        return list(files)

    async def install(_self: PreferencesService, name: str, _progress: object) -> ModelRef:
        if name != str(mine):
            raise SettingsError(f"{name} was not added: it is no model file.")
        files.append(file)
        return file.ref

    async def remove(_self: PreferencesService, path: Path) -> None:
        assert path == mine
        files.clear()

    monkeypatch.setattr(PreferencesService, "own_models", own)
    monkeypatch.setattr(PreferencesService, "install_model", install)
    monkeypatch.setattr(PreferencesService, "remove_model_file", remove)

    async def main(ui: Ui) -> None:
        async with opened(ui) as window:
            view = page_of(window)._own
            said = part(window, StateLine, "settingsOwnFilesSaid")
            view.add(tmp_path / "text.txt")
            await until(lambda: "it is no model file" in said.words.text())
            view.add(mine)
            table = part(window, QTreeWidget, "settingsOwnFiles")
            await until(lambda: table.topLevelItemCount() == 1)
            await until(lambda: "builtin/mine can be chosen now" in said.words.text())
            table.setCurrentItem(item(table, 0))
            part(window, QPushButton, "settingsRemoveFile").click()
            undo = part(window, QPushButton, "settingsUndoRemoveFile")
            await until(undo.isVisible)
            assert table.topLevelItemCount() == 0
            undo.click()
            await until(lambda: table.topLevelItemCount() == 1)

    gui.run(main)


def test_an_ollama_fetches_with_progress_and_is_stopped(gui: Gui, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    told: list[Callable[[int, int], None]] = []

    async def install(_self: PreferencesService, name: str, progress: Callable[[int, int], None]) -> ModelRef:
        asked.append(name)
        told.append(progress)
        if len(asked) == 1:
            await asyncio.Event().wait()
        if len(asked) == 2:
            raise ProviderError("There is no such model in its library.", kind="not_found")
        return ModelRef(name)

    monkeypatch.setattr(PreferencesService, "install_model", install)

    async def main(ui: Ui) -> None:
        async with opened(ui) as window:
            page_of(window).open("ollama")
            name, fetch = (
                part(window, QLineEdit, "settingsPullName"),
                part(window, QPushButton, "settingsPull"),
            )
            state = part(window, StateLine, "settingsPullState")
            assert not fetch.isEnabled()
            name.setText("llama3.2")
            fetch.click()
            await until(lambda: bool(told))
            told[0](50, 200)
            assert part(window, QProgressBar, "settingsPullProgress").value() == 250
            assert "50 bytes of 200 bytes" in state.words.text()
            part(window, QPushButton, "settingsPullStop").click()
            await until(lambda: state.words.text().startswith("Stopped"))
            fetch.click()
            await until(lambda: "no such model" in state.words.text())
            fetch.click()
            await until(lambda: "ollama/llama3.2 is there" in state.words.text())
            assert name.text() == ""
            assert asked == ["ollama/llama3.2"] * 3

    gui.run(main)


def test_quick_changes_stand_on_each_other_while_the_first_is_being_written(
    gui: Gui, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = asyncio.Lock()
    write = PreferencesService.set_provider

    async def slow(self: PreferencesService, provider: ProviderSettings) -> ProviderView:
        async with disk:
            return await write(self, provider)

    async def main(ui: Ui) -> None:
        async with opened(ui) as window:
            page_of(window).open("fake")
            part(window, QPushButton, "settingsMore").click()
            box = page_of(window).editor._rare._fallbacks
            for ref in ("openai/one", "builtin/smollm2-135m"):
                box._field.setEditText(ref)
                part(window, QPushButton, "settingsFallbackAdd").click()
            await until(lambda: ui.app.preferences.settings.provider("fake").fallbacks == box._refs)
            monkeypatch.setattr(PreferencesService, "set_provider", slow)
            await disk.acquire()
            rows = part(window, QListWidget, "settingsFallbacks")
            QTest.keyClick(rows, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
            part(window, Tick, "settingsHedge").click()
            await asyncio.sleep(0.05)
            QTest.keyClick(rows, Qt.Key.Key_Delete)
            disk.release()
            await until(lambda: not ui.tasks.names)
            provider = ui.app.preferences.settings.provider("fake")
            assert (provider.fallbacks, provider.hedge) == (("openai/one",), True)

    gui.run(main)


def test_a_refused_change_is_not_carried_into_the_next(gui: Gui, monkeypatch: pytest.MonkeyPatch) -> None:
    write = PreferencesService.set_provider

    async def refusing(self: PreferencesService, provider: ProviderSettings) -> ProviderView:
        if provider.hedge:
            raise SettingsError("no second asking here")
        return await write(self, provider)

    async def main(ui: Ui) -> None:
        async with opened(ui) as window:
            page = page_of(window)
            page.open("fake")
            said: list[str | None] = []
            monkeypatch.setattr(PreferencesService, "set_provider", refusing)
            control = page.editor.control
            control.change(said.append, hedge=True)
            await until(lambda: said)
            assert said[0] is not None
            control.change(said.append, max_concurrency=3)
            await until(lambda: ui.app.preferences.settings.provider("fake").max_concurrency == 3)
            assert not control.draft.hedge

    gui.run(main)
