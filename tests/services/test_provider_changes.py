"""Providers and presets added, changed and removed: what is written, what goes along, who is told."""

from __future__ import annotations

import asyncio
import tomllib
from pathlib import Path
from typing import Any

import pytest

from cort_desktop.domain.settings import PresetSettings, ProviderSettings, Settings
from cort_desktop.errors import SettingsError, UsageError
from cort_desktop.services.hosts import HostRecord
from cort_desktop.services.live_settings import LiveSettings
from cort_desktop.services.preferences import PreferencesService
from cort_desktop.storage.secrets import KeyStore
from cort_desktop.storage.settings_file import SettingsFile
from tests.fakes.key_stores import WorkingBackend, named
from tests.fakes.library import StepClock
from tests.fakes.loops import run
from tests.fakes.model_services import services

KEY = "canary-0123456789-abcdefghij"
CONFIG = """\
# mine
[defaults]
model = "far/a"            # the good one
judge_model = ["far/b", "openai/c"]
alternative_models = ["far/d"]
preset = "mine"
[providers.far]            # a friend's
base_url = "https://far.example.org/v1"
[prices."far/a"]
input = 3.0
output = 15.0
[presets.mine]
strategy = "cort"
rounds = 4
judge_model = ["far/e"]
synthesizer_model = ["far/e", "openai/f"]
"""


class Desk:
    """A preferences service over a real file; ``told`` are the settings its listener heard."""

    def __init__(self, folder: Path, config: str = CONFIG, **parts: Any) -> None:
        self.path = folder / "config.toml"
        self.path.write_text(config)
        file = SettingsFile(self.path)
        self.backend = WorkingBackend()
        self.keys = KeyStore(environment={}, on_key=lambda _: None, backend=named(self.backend))
        self.service = PreferencesService(
            LiveSettings(file, file.load()),
            keys=self.keys,
            services=services(**parts),
            hosts=HostRecord(StepClock()),
        )
        self.told: list[Settings] = []
        self.stop_listening = self.service.on_change(self.told.append)

    @property
    def written(self) -> dict[str, Any]:
        return tomllib.loads(self.path.read_text())


def provider(**changes: Any) -> ProviderSettings:
    fields: dict[str, Any] = {
        "name": "home",
        "kind": "openai",
        "base_url": "http://127.0.0.1:8080/v1",
        "models": ("fast",),
        "context": 8192,
    }
    return ProviderSettings(**(fields | changes))


def test_adding_a_provider_writes_its_table_and_nothing_else(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    view = run(desk.service.set_provider(provider()))
    assert (view.name, view.is_local, view.is_standard, view.needs_key) == ("home", True, False, False)
    assert desk.written["providers"]["home"] == {
        "kind": "openai",
        "base_url": "http://127.0.0.1:8080/v1",
        "models": ["fast"],
        "context": 8192,
    }
    assert all(line in desk.path.read_text() for line in CONFIG.splitlines())
    assert desk.told == [desk.service.settings]
    run(desk.service.set_provider(provider(models=(), max_concurrency=2)))
    assert desk.written["providers"]["home"] == {
        "kind": "openai",
        "base_url": "http://127.0.0.1:8080/v1",
        "max_concurrency": 2,
        "context": 8192,
    }


def test_a_new_table_stands_alone_in_a_new_file(tmp_path: Path) -> None:
    desk = Desk(tmp_path, "")
    run(desk.service.set_provider(provider()))
    assert desk.path.read_text().startswith("[providers.home]\n")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"base_url": "http://169.254.169.254/"}, "link-local or metadata"),
        ({"name": "no good"}, "is no name for a provider"),
        ({"base_url": "ftp://x"}, "must begin with https"),
        ({"base_url": ""}, "is missing"),
        ({"kind": "builtin"}, "named builtin alone"),
        ({"context": 5}, "from 512"),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_is_written(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    desk = Desk(tmp_path)
    with pytest.raises(SettingsError, match=words):
        run(desk.service.set_provider(provider(**changes)))
    assert (desk.path.read_text(), desk.told) == (CONFIG, [])


@pytest.mark.reliability(61)
def test_row_61_another_address_asks_for_the_key_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main() -> None:
        await desk.service.set_provider(provider(base_url="https://one.example.org/v1"))
        await desk.service.set_key("home", KEY)
        (first,) = [each for each in await desk.service.providers() if each.name == "home"]
        assert (first.has_key, first.note) == (True, "")
        second = await desk.service.set_provider(provider(base_url="https://two.example.org/v1"))
        assert (second.has_key, second.key) == (False, "none")
        assert "was entered for https://one.example.org" in second.note

    run(main())


def test_removing_takes_along_what_names_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main() -> None:
        await desk.service.set_key("far", KEY)
        await desk.service.remove_provider("far", forget_key=True)

    run(main())
    assert "far" not in desk.service.settings.providers
    assert desk.written["defaults"] == {"judge_model": ["openai/c"], "preset": "mine"}
    left = {"strategy": "cort", "rounds": 4, "synthesizer_model": ["openai/f"]}
    assert desk.written["presets"]["mine"] == left
    assert "far" not in desk.path.read_text()
    assert desk.service.loaded.problems == ()
    assert desk.path.read_text().startswith("# mine\n")
    assert desk.backend.entries == {}
    with pytest.raises(UsageError, match="no provider named"):
        run(desk.service.remove_provider("far", forget_key=True))


def test_removing_a_standard_provider_takes_its_changes_back(tmp_path: Path) -> None:
    desk = Desk(tmp_path, '[defaults]\nmodel = "ollama/x"\n')

    async def main() -> None:
        await desk.service.set_provider(provider(name="ollama", kind="ollama"))
        (changed,) = [each for each in await desk.service.providers() if each.name == "ollama"]
        assert (changed.is_standard, changed.is_changed) == (True, True)
        await desk.service.remove_provider("ollama", forget_key=False)
        (plain,) = [each for each in await desk.service.providers() if each.name == "ollama"]
        assert (plain.address, plain.is_changed) == ("http://127.0.0.1:11434/v1", False)

    run(main())
    assert desk.service.settings.defaults.model == "ollama/x"


def test_many_changes_at_once_are_all_kept(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(12):
                group.create_task(desk.service.set_provider(provider(name=f"p{number}")))

    run(main())
    assert {f"p{number}" for number in range(12)} <= set(desk.written["providers"])
    assert len(desk.told) == 12


def test_who_no_longer_listens_is_not_told(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.stop_listening()
    desk.stop_listening()
    run(desk.service.change({("appearance", "theme"): "dark"}))
    assert desk.told == []


def test_presets_are_saved_and_forgotten(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    run(
        desk.service.save_preset(
            PresetSettings(name="My way", strategy="best_of_n", words="Mine.", alternatives=5, judges=2)
        )
    )
    assert desk.written["presets"]["My way"] == {
        "strategy": "best_of_n",
        "words": "Mine.",
        "alternatives": 5,
        "judges": 2,
    }
    run(desk.service.remove_preset("mine"))
    assert "mine" not in desk.written["presets"]
    assert "preset" not in desk.written["defaults"]
    with pytest.raises(UsageError, match="no saved preset"):
        run(desk.service.remove_preset("quick"))


@pytest.mark.parametrize("name", ["", " x", "x" * 65, "a\nb", "quick"])
def test_a_name_that_no_preset_can_have(tmp_path: Path, name: str) -> None:
    desk = Desk(tmp_path)
    with pytest.raises(SettingsError):
        run(desk.service.save_preset(PresetSettings(name=name, strategy="cort")))
    assert desk.path.read_text() == CONFIG


def test_an_edit_by_hand_is_taken_over(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.path.write_text('[appearance]\ntheme = "dark"\ntext_size = 9\n')
    loaded = run(desk.service.reload())
    assert loaded.settings.appearance.theme == "dark"
    assert "text_size" in loaded.problems[0]
    assert desk.told == [desk.service.settings]


def test_hosts_are_told_apart_by_what_they_mean(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    words = {each.provider: each.words for each in desk.service.hosts().wanted}
    assert list(words) == ["builtin", "anthropic", "ollama", "openai", "openrouter", "far"]
    assert "process of its own on this computer" in words["builtin"]
    assert words["ollama"].startswith("A server on this computer")
    assert words["openai"].startswith("Once its key is set")
    assert words["far"].startswith("Once you choose")
