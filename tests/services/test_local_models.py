"""What runs on this computer, as a front end sees it: found servers, own files, fetched models."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cort_desktop.domain.local_servers import LocalServer
from cort_desktop.domain.settings import ProviderSettings
from cort_desktop.errors import ProviderError, SettingsError
from cort_desktop.services.hosts import HostRecord
from cort_desktop.services.live_settings import LiveSettings
from cort_desktop.services.local_models import SEARCH, is_path
from cort_desktop.services.preferences import PreferencesService
from cort_desktop.storage.secrets import KeyStore
from cort_desktop.storage.settings_file import SettingsFile
from tests.fakes.gguf import put
from tests.fakes.key_stores import WorkingBackend, named
from tests.fakes.library import StepClock
from tests.fakes.loops import run
from tests.fakes.model_services import services
from tests.fakes.ollama import line, lines_reply
from tests.fakes.providers_desk import ProvidersDesk
from tests.fakes.scripted_server import ScriptedServer

OLLAMA = LocalServer(sort="ollama", base_url="http://127.0.0.1:11434/v1", models=("llama3.2",))
STUDIO = LocalServer(sort="lm_studio", base_url="http://127.0.0.1:1234/v1", models=("a", "b"))


def nothing(_done: int, _total: int) -> None:
    pass


def service(folder: Path, config: str = "", **parts: Any) -> PreferencesService:
    file = SettingsFile(folder / "config.toml")
    file.path.write_text(config)
    return PreferencesService(
        LiveSettings(file, file.load()),
        keys=KeyStore(environment={}, on_key=lambda _: None, backend=named(WorkingBackend())),
        services=services(**parts),
        hosts=HostRecord(StepClock()),
    )


def test_what_is_found_can_be_added_once(tmp_path: Path) -> None:
    searches = 0

    async def found(contacted: Callable[[str], None]) -> tuple[LocalServer, ...]:
        nonlocal searches
        searches += 1
        contacted("http://127.0.0.1:1234")
        await asyncio.sleep(0)
        return (OLLAMA, STUDIO)

    async def main() -> None:
        preferences = service(tmp_path, found=found)
        one, again = await asyncio.gather(preferences.find_local(), preferences.find_local())
        assert (one, searches) == (again, 1)  # no storm
        ollama, studio = one
        assert (ollama.added_as, studio.added_as) == ("ollama", None)
        assert studio.provider == ProviderSettings(name="lm-studio", kind="openai", base_url=STUDIO.base_url)
        (contact,) = preferences.hosts().contacted
        assert (contact.provider, contact.origin, contact.requests) == (SEARCH, "http://127.0.0.1:1234", 1)
        await preferences.set_provider(studio.provider)
        assert [each.added_as for each in await preferences.find_local()] == ["ollama", "lm-studio"]

    run(main())


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    async def found(_contacted: Callable[[str], None]) -> tuple[LocalServer, ...]:
        return (STUDIO,)

    config = '[providers.lm-studio]\nbase_url = "http://127.0.0.1:9999/v1"\n'
    (one,) = run(service(tmp_path, config, found=found).find_local())
    assert (one.provider.name, one.added_as) == ("lm-studio-2", None)


def test_who_gives_up_waiting_does_not_end_the_search_of_others(tmp_path: Path) -> None:
    async def main() -> None:
        go = asyncio.Event()

        async def found(_contacted: Callable[[str], None]) -> tuple[LocalServer, ...]:
            await go.wait()
            return (STUDIO,)

        preferences = service(tmp_path, found=found)
        first = asyncio.create_task(preferences.find_local())
        second = asyncio.create_task(preferences.find_local())
        await asyncio.sleep(0)
        first.cancel()
        go.set()
        assert len(await second) == 1

    run(main())


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("smollm2-135m", False), ("ollama/llama3.2:1b", False), ("x.gguf", True), ("/m/x", True),
        ("./x", True), ("~/x.GGUF", True), (r"C:\m\x", True), ("hf.co/a/b", False),
    ],
)  # fmt: skip
def test_what_is_a_path(name: str, path: bool) -> None:
    assert is_path(name) is path


def test_a_file_of_ones_own_is_added_listed_and_taken_out(tmp_path: Path) -> None:
    path = put(tmp_path / "elsewhere" / "My Model.gguf")

    async def main() -> None:
        async with ProvidersDesk(tmp_path) as desk:
            preferences = desk.preferences
            assert await preferences.install_model(str(path), nothing) == "builtin/my-model"
            assert await preferences.install_model(str(path), nothing) == "builtin/my-model"
            written = tomllib.loads((tmp_path / "config.toml").read_text())
            assert written["providers"]["builtin"]["models"] == [str(path)]
            listed = await preferences.models_of("builtin")
            assert [model.ref for model in listed.models] == ["builtin/smollm2-135m", "builtin/my-model"]
            assert listed.source == "files"
            assert desk.models.handle(listed.models[1].ref).profile.context_tokens == 4096
            (file,) = await preferences.own_models()
            assert (file.path, file.is_listed, file.problem, file.context_tokens) == (path, True, "", 4096)
            await preferences.change({("providers", "builtin", "context"): 1024})
            assert desk.models.handle(listed.models[1].ref).profile.context_tokens == 1024
            await preferences.remove_model_file(path)
            assert (await preferences.own_models(), path.is_file()) == ([], True)
            other = put(tmp_path / "other" / "my-model.gguf")
            await preferences.install_model(str(path), nothing)
            with pytest.raises(SettingsError, match="is called builtin/my-model already"):
                await preferences.install_model(str(other), nothing)
            put(tmp_path / "m" / "dropped.gguf")
            assert [(each.ref, each.is_listed) for each in await preferences.own_models()] == [
                ("builtin/my-model", True),
                ("builtin/dropped", False),
            ]

    run(main())


def test_what_is_no_model_is_not_added(tmp_path: Path) -> None:
    path = put(tmp_path / "page.gguf", b"<html>" * 20)

    async def main() -> None:
        async with ProvidersDesk(tmp_path) as desk:
            with pytest.raises(ProviderError, match="is a web page"):
                await desk.preferences.install_model(str(path), nothing)
            with pytest.raises(ProviderError, match="is not there"):
                await desk.preferences.install_model(str(tmp_path / "none.gguf"), nothing)
            assert not (tmp_path / "config.toml").exists()

    run(main())


def test_an_ollama_fetches_a_model(tmp_path: Path) -> None:
    told = [{"status": "pulling a", "digest": "a", "total": 9, "completed": 9}, {"status": "success"}]

    async def main() -> None:
        async with (
            ScriptedServer([lines_reply([line(each) for each in told])]) as server,
            ProvidersDesk(tmp_path) as desk,
        ):
            mine = ProviderSettings(name="here", kind="ollama", base_url=server.base_url)
            await desk.preferences.set_provider(mine)
            steps: list[tuple[int, int]] = []
            ref = await desk.preferences.install_model("here/a/b:1b", lambda *step: steps.append(step))
            assert (ref, steps, server.requests[0].json["model"]) == ("here/a/b:1b", [(9, 9)], "a/b:1b")
            assert [each.provider for each in desk.preferences.hosts().contacted] == ["here"]
            with pytest.raises(SettingsError, match="only an Ollama does"):
                await desk.preferences.install_model("openai/gpt", nothing)

    run(main())
