"""Settings, keys and models as a front end sees them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cort_desktop.domain.budget import FREE, Price
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.settings import ProviderSettings, Settings
from cort_desktop.errors import ProviderError, SettingsError, UsageError
from cort_desktop.services.hosts import HostRecord
from cort_desktop.services.live_settings import LiveSettings
from cort_desktop.services.local_models import Progress
from cort_desktop.services.preferences import PreferencesService
from cort_desktop.storage.secrets import KeyStore
from cort_desktop.storage.settings_file import Loaded, SettingsFile
from tests.fakes.key_stores import FailingBackend, NullBackend, WorkingBackend, named
from tests.fakes.library import StepClock
from tests.fakes.loops import run
from tests.fakes.model_services import services

KEY = "canary-0123456789-abcdefghij"
CONFIG = """\
[providers.my-server]
base_url = "http://127.0.0.1:8080/v1"
models = ["fast", "big"]
[providers.far]
base_url = "https://far.example.org/v1"
[prices."my-server/big"]
input = 3.0
output = 15.0
"""


class Bench:
    """A preferences service with a working key store and catalogues that note when they are asked."""

    def __init__(self, folder: Path, backend: WorkingBackend | None = None, **environment: str) -> None:
        self.file = SettingsFile(folder / "config.toml")
        self.file.path.write_text(CONFIG)
        self.backend = backend or WorkingBackend()
        self.asked: list[str] = []
        self.installed: list[str] = []
        self.adopted: list[Settings] = []
        self.keys = KeyStore(environment=environment, on_key=lambda key: None, backend=named(self.backend))
        self.service = PreferencesService(
            LiveSettings(self.file, self.file.load()),
            keys=self.keys,
            services=services(listed=self.listed, adopt=self.adopt, install=self.install, told=self.told),
            hosts=HostRecord(StepClock()),
        )

    async def listed(self, provider: ProviderSettings, _key: str | None) -> tuple[ModelProfile, ...]:
        self.asked.append(provider.name)
        await asyncio.sleep(0)
        if provider.name == "ollama":
            raise ProviderError(
                "Nobody answers at http://127.0.0.1:11434; start it and try again.", kind="unreachable"
            )
        return (ModelProfile(ref=ModelRef(f"{provider.name}/m")),)

    async def adopt(self) -> None:
        self.adopted.append(self.service.settings)

    def told(self, ref: ModelRef) -> ModelProfile | None:
        return ModelProfile(ref=ref, context_tokens=4096) if ref == "my-server/fast" else None

    async def install(self, name: str, progress: Progress) -> None:
        progress(1, 2)
        self.installed.append(name)


def test_models_of_every_provider_that_may_be_asked(tmp_path: Path) -> None:
    bench = Bench(tmp_path, OPENROUTER_API_KEY=KEY)
    found = {each.provider: each for each in run(bench.service.models())}
    assert list(found) == ["builtin", "anthropic", "ollama", "openai", "openrouter", "my-server", "far"]
    assert sorted(bench.asked) == ["builtin", "far", "ollama", "openrouter"]
    assert (found["ollama"].reachable, found["ollama"].models) == (False, ())
    assert "start it and try again" in (found["ollama"].error or "")
    assert found["openai"].reachable is None
    assert (found["openai"].error or "").startswith("not asked without a key")
    assert found["openai"].lacks_key
    assert not found["ollama"].lacks_key
    assert [model.ref for model in found["openrouter"].models] == ["openrouter/m"]


def test_configured_models_and_prices_are_not_asked_for(tmp_path: Path) -> None:
    found = {each.provider: each for each in run(Bench(tmp_path).service.models())}
    server = found["my-server"]
    assert server.reachable is None
    assert [(model.ref, model.context_tokens, model.price) for model in server.models] == [
        ("my-server/fast", 4096, None),
        ("my-server/big", None, Price(input=Decimal("3.0"), output=Decimal("15.0"))),
    ]
    assert found["builtin"].models[0].price == FREE
    assert found["far"].models[0].price is None


def test_a_bug_in_a_catalogue_is_not_taken_for_an_unreachable_provider(tmp_path: Path) -> None:
    bench = Bench(tmp_path)

    async def broken(*arguments: object) -> tuple[ModelProfile, ...]:
        raise ZeroDivisionError

    service = PreferencesService(
        LiveSettings(bench.file, bench.file.load()),
        keys=bench.keys,
        services=services(listed=broken),
        hosts=HostRecord(StepClock()),
    )
    with pytest.raises(ZeroDivisionError):
        run(service.models())


def test_keys_are_listed_without_a_key(tmp_path: Path) -> None:
    bench = Bench(tmp_path, OPENAI_API_KEY=KEY)
    set_ = run(bench.service.set_key("far", KEY))
    listed = run(bench.service.keys())
    assert [(each.provider, each.where, each.missing) for each in listed] == [
        ("anthropic", "none", True),
        ("openai", "environment variable OPENAI_API_KEY", False),
        ("openrouter", "none", True),
        ("my-server", "none", True),
        ("far", "system key store (test store)", False),
    ]
    assert set_ in listed
    assert listed[4].origin == "https://far.example.org"
    assert KEY not in repr(listed)


def test_a_key_for_anthropic_belongs_to_its_own_address(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    kept = run(bench.service.set_key("anthropic", KEY))
    assert (kept.provider, kept.missing) == ("anthropic", False)
    assert kept.origin == "https://api.anthropic.com"
    assert kept in run(bench.service.keys())


@pytest.mark.reliability(58)
def test_a_session_key_says_so(tmp_path: Path) -> None:
    """Row 58: the notice reaches the front end."""
    info = run(Bench(tmp_path, NullBackend()).service.set_key("openai", KEY))
    assert info.where == "this session only"
    assert "gone when the program ends" in info.note


def test_keys_of_unknown_providers(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    with pytest.raises(UsageError, match='did you mean "openai"'):
        run(bench.service.set_key("opnai", KEY))
    with pytest.raises(UsageError, match="no provider named"):
        run(bench.service.delete_key("gone"))
    bench.backend.entries["cort-desktop", "gone"] = "{}"
    assert run(bench.service.delete_key("gone")) is True
    assert run(bench.service.delete_key("openai")) is False
    without = Bench(tmp_path, FailingBackend())
    with pytest.raises(UsageError, match="no provider named"):
        run(without.service.delete_key("gone"))
    with pytest.raises(SettingsError, match="could not be deleted"):
        run(without.service.delete_key("openai"))


def test_a_change_is_written_and_holds_at_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    changed = run(bench.service.change({("defaults", "model"): "far/new"}))
    assert changed.defaults.model == "far/new"
    assert bench.service.settings == changed
    assert bench.file.load() == bench.service.loaded
    with pytest.raises(SettingsError, match="no such provider"):
        run(bench.service.change({("defaults", "model"): "nobody/x"}))
    assert bench.service.settings == changed


def test_a_change_that_nobody_waits_for_any_more_holds_all_the_same(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    writing, may_write = threading.Event(), threading.Event()

    class Slow(SettingsFile):
        def write(self, changes: Mapping[tuple[str, ...], Any]) -> Loaded:
            writing.set()
            assert may_write.wait(5)
            return super().write(changes)

    file = Slow(bench.file.path)
    live = LiveSettings(file, file.load())
    told: list[int] = []
    live.on_change(lambda now: told.append(now.defaults.max_tokens or 0))

    async def main() -> None:
        first = asyncio.create_task(live.change({("defaults", "max_tokens"): 100}))
        await asyncio.to_thread(writing.wait, 5)
        first.cancel()
        await asyncio.sleep(0)
        second = asyncio.create_task(live.change({("defaults", "temperature"): 0.5}))
        await asyncio.sleep(0)
        may_write.set()
        await second
        assert first.cancelled()

    run(main())
    assert (live.now.defaults.max_tokens, live.now.defaults.temperature) == (100, 0.5)
    assert file.load().settings == live.now
    assert told == [100, 100]


def test_install_is_passed_on(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    done: list[tuple[int, int]] = []
    run(bench.service.install_model("smollm2-135m", lambda part, whole: done.append((part, whole))))
    assert (bench.installed, done) == (["smollm2-135m"], [(1, 2)])
