"""Servers on this computer are offered where the small built-in model would answer, and used with a click."""

from __future__ import annotations

import tomllib

import pytest
from PySide6.QtWidgets import QPushButton

from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.local_servers import LocalServer
from cort_desktop.domain.settings import ProviderSettings
from cort_desktop.gui.notices import Notice
from cort_desktop.gui.onboarding.local_servers import LocalServers
from cort_desktop.gui.ui import Ui
from cort_desktop.services.local_models import FoundServer
from cort_desktop.services.preferences import PreferencesService
from tests.fakes.window import Gui, gone, shown, until

ADDRESS = "http://127.0.0.1:9/v1"


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts the looks; each finds one server with models, one without, and one that wants a key."""
    made: list[int] = []

    def offer(server: LocalServer, name: str) -> FoundServer:
        provider = ProviderSettings(name=name, kind="openai", base_url=server.base_url)
        return FoundServer(server=server, provider=provider)

    async def found(_self: PreferencesService) -> tuple[FoundServer, ...]:
        made.append(1)
        names = ("text-embed", "gemma")
        return (
            offer(LocalServer(sort="lm_studio", base_url=ADDRESS, models=names), "lm-studio"),
            offer(LocalServer(sort="vllm", base_url="http://127.0.0.1:8/v1"), "vllm"),
            offer(
                LocalServer(sort="other", base_url="http://127.0.0.1:7/v1", models=("x",), wants_key=True),
                "other",
            ),
        )

    monkeypatch.setattr(PreferencesService, "find_local", found)
    return made


def test_a_server_is_offered_used_and_put_back(gui: Gui, looks: list[int]) -> None:
    said: list[Notice] = []

    async def main(ui: Ui) -> None:
        ui.notices.said.connect(said.append)
        servers = LocalServers(ui)
        shown(servers)
        servers.hide()
        servers.look()
        await until(servers.isVisible)
        [use] = servers.findChildren(QPushButton)
        assert use.accessibleName() == "Use LM Studio"
        use.click()
        await until(lambda: ui.app.preferences.settings.defaults.model == "lm-studio/gemma")
        assert ui.app.preferences.settings.provider("lm-studio").base_url == ADDRESS
        await until(lambda: said and not servers.isVisible())
        said[-1].offers[0].call()
        await until(lambda: "lm-studio" not in ui.app.preferences.settings.providers)
        await until(servers.isVisible)
        assert ui.app.preferences.settings.defaults.model == "builtin/smollm2-135m"
        servers.show_for(ModelRef("openai/x"))
        assert not servers.isVisible()
        gone(servers)

    gui.run(main, config='[defaults]\nmodel = "builtin/smollm2-135m"\n')
    assert "providers" not in tomllib.loads((gui.home / "config.toml").read_text())


def test_nothing_is_looked_for_where_another_model_was_chosen(gui: Gui, looks: list[int]) -> None:
    async def main(ui: Ui) -> None:
        servers = LocalServers(ui)
        servers.look()
        await until(lambda: not ui.tasks.names)
        assert not servers.isVisible()
        gone(servers)

    gui.run(main)
    assert looks == []
