"""The doctor's report: complete, honest, and without a secret."""

from __future__ import annotations

import base64
import json
import logging
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.settings import ProviderSettings
from cort_desktop.errors import ProviderError, StorageError
from cort_desktop.logs import HIDDEN, Log, Redactor, last_errors, write_crash_report
from cort_desktop.services import doctor as doctor_module
from cort_desktop.services.doctor import Doctor, Look
from cort_desktop.services.hosts import HostRecord
from cort_desktop.services.live_settings import LiveSettings
from cort_desktop.services.preferences import PreferencesService
from cort_desktop.storage.key_backends import NamedBackend
from cort_desktop.storage.secrets import KeyStore
from cort_desktop.storage.settings_file import SettingsFile
from tests.fakes.key_stores import WorkingBackend, named
from tests.fakes.library import StepClock
from tests.fakes.loops import run
from tests.fakes.model_services import services

KEY = "canary+0123/456789"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
CONFIG = '[providers.far]\nbase_url = "https://far.example.org/v1"\n[budget]\nusd = "much"\nurgent = 1\n'


def build(
    home: Path,
    *,
    backend: WorkingBackend | None = None,
    redactor: Redactor | None = None,
    looks: Mapping[str, Look],
    folders: Mapping[str, Path] | None = None,
) -> tuple[Doctor, PreferencesService]:
    """A doctor over a home folder that exists in part."""
    cleaner = redactor or Redactor()
    file = SettingsFile(home / "config.toml")
    file.path.write_text(CONFIG)

    def missing() -> NamedBackend:
        raise StorageError("this system has no key store that could be reached")

    async def listed(provider: ProviderSettings, _key: str | None) -> tuple[ModelProfile, ...]:
        if provider.name == "far":
            raise ProviderError(f"far.example.org refused the key {KEY}.", kind="auth", status=401)
        if provider.name == "ollama":
            raise ProviderError("Nothing answers.", kind="unreachable")
        return (ModelProfile(ref=ModelRef(f"{provider.name}/small")),)

    async def safe() -> Mapping[str, Any]:
        return {"canary": {"found": []}, "keys_in_use": {"found": []}}

    keys = KeyStore(environment={}, on_key=cleaner.add, backend=named(backend) if backend else missing)
    preferences = PreferencesService(
        LiveSettings(file, file.load()),
        keys=keys,
        services=services(listed=listed),
        hosts=HostRecord(StepClock()),
    )
    made = Doctor(
        app_version="1.2.3",
        preferences=preferences,
        folders=folders or {"data": home / "data", "logs": home / "logs", "file": home / "config.toml"},
        looks=looks,
        key_safety=safe,
        last_errors=lambda: last_errors(home / "logs", cleaner),
        clean=cleaner.clean,
    )
    return made, preferences


def test_the_report_has_everything_and_is_json(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()

    def damaged() -> Mapping[str, Any]:
        raise StorageError("cort.db is damaged; restore a backup.")

    looks: dict[str, Look] = {
        "database": damaged,
        "builtin_model": lambda: {"file": tmp_path / "m.gguf", "bytes": 9},
    }
    doctor, _ = build(tmp_path, looks=looks)
    report = json.loads(json.dumps(run(doctor.report())))
    assert list(report) == [
        "app",
        "python",
        "platform",
        "versions",
        "folders",
        "settings",
        "key_store",
        "keys",
        "providers",
        "health",
        "database",
        "builtin_model",
        "key_safety",
        "last_errors",
    ]
    assert report["app"] == "1.2.3"
    assert report["python"] == ".".join(map(str, sys.version_info[:3]))
    assert set(report["versions"]) == {*doctor_module.DISTRIBUTIONS, "sqlite"}
    assert all(report["versions"].values())
    assert report["versions"]["apsw"].startswith(report["versions"]["sqlite"])
    assert report["settings"]["problems"] == [
        'line 4: budget.usd must be a number from 0 to 1000000, not "much"'
    ]
    assert report["settings"]["warnings"] == ["line 5: budget.urgent is not known and has no effect"]
    assert report["key_store"]["name"] is None
    assert "no key store that could be reached" in report["key_store"]["problem"]
    assert report["keys"]["openai"]["where"] == "none"
    assert report["providers"]["builtin"] == {"reachable": True, "error": None, "models": 1}
    assert report["providers"]["openai"]["reachable"] is None
    assert report["providers"]["far"]["reachable"] is False
    assert report["database"] == {"problem": "cort.db is damaged; restore a backup."}
    assert report["builtin_model"] == {"file": str(tmp_path / "m.gguf"), "bytes": 9}
    assert report["key_safety"] == {"canary": {"found": []}, "keys_in_use": {"found": []}}
    assert report["keys"]["far"]["for"] == "https://far.example.org"
    assert report["last_errors"] == []


def test_folders_are_really_tried_and_none_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "logs").mkdir()
    doctor, _ = build(tmp_path, looks={})
    folders = run(doctor.report())["folders"]
    assert folders["logs"]["exists"] is True
    assert folders["logs"]["writable"] is True
    assert folders["logs"]["free_bytes"] > 0
    assert (folders["data"]["exists"], folders["data"]["writable"]) == (False, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.toml", "logs"]
    assert list((tmp_path / "logs").iterdir()) == []

    def full(*arguments: Any, **named: Any) -> Any:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    folder = run(build(tmp_path, looks={})[0].report())["folders"]["logs"]
    assert (folder["writable"], folder["problem"]) == (False, "Read-only file system")


def test_what_the_folders_hold(tmp_path: Path) -> None:
    (tmp_path / "data" / "owners").mkdir(parents=True)
    (tmp_path / "data" / "models").mkdir()
    (tmp_path / "data" / "cort.db").write_bytes(b"x" * 1000)
    (tmp_path / "data" / "owners" / "one").write_bytes(b"y" * 10)
    (tmp_path / "data" / "models" / "big.gguf").write_bytes(b"z" * 5000)
    folders = {"data": tmp_path / "data", "models": tmp_path / "data" / "models", "logs": tmp_path / "logs"}
    doctor, _ = build(tmp_path, looks={}, folders=folders)
    facts = {each.name: (each.bytes, each.files, each.exists) for each in run(doctor.storage_facts())}
    assert facts == {"data": (1010, 2, True), "models": (5000, 1, True), "logs": (0, 0, False)}
    assert not (tmp_path / "logs").exists()


@pytest.mark.reliability(60)
@pytest.mark.expects_log
def test_a_key_in_use_is_in_nothing_that_is_written(tmp_path: Path) -> None:
    """Row 60: canary key, DEBUG on; doctor, log, crash report and settings file are searched for it."""
    redactor = Redactor()
    (tmp_path / "logs").mkdir()
    log = Log.open(tmp_path / "logs", level=logging.DEBUG, redactor=redactor)
    leaky: dict[str, Look] = {"database": lambda: {"note": f"key {KEY}", KEY[:4]: [quote(KEY, safe="")]}}
    doctor, preferences = build(tmp_path, backend=WorkingBackend(), redactor=redactor, looks=leaky)

    async def main() -> str:
        await preferences.set_key("far", KEY)
        logging.getLogger("cort_desktop.x").error(
            "refused: %s", base64.b64encode(f"me:{KEY}".encode()).decode()
        )
        return json.dumps(await doctor.report())

    try:
        said = run(main())
        try:
            raise RuntimeError(f"with {KEY}")
        except RuntimeError as error:
            logging.getLogger("cort_desktop.x").exception("failed for %s", KEY)
            write_crash_report(tmp_path / "logs", error, redactor=redactor, now=NOW, facts={"python": KEY})
    finally:
        log.close()
    written = said + "".join(path.read_text() for path in tmp_path.rglob("*") if path.is_file())
    assert written.count(HIDDEN) >= 8
    for spelling in (
        KEY,
        quote(KEY, safe=""),
        "canary+",
        base64.b64encode(b"xxx" + KEY.encode()).decode()[4:-4],
    ):
        assert spelling not in written.replace('"cana"', "")
    assert json.loads(said)["keys"]["far"]["where"] == "system key store (test store)"
    assert HIDDEN in json.loads(said)["providers"]["far"]["error"]
    assert HIDDEN in json.loads(said)["last_errors"][0]


def test_what_is_wrong_with_a_provider_is_told_apart(tmp_path: Path) -> None:
    """As "Test connection" does: which step, and what to do next."""
    doctor, _ = build(tmp_path, looks={})
    providers = run(doctor.report())["providers"]
    assert providers["ollama"]["trouble"] == [
        "connection: Nothing answers there. Start it with `ollama serve` (or its app), and test again."
    ]
    assert providers["far"]["trouble"][0].startswith("key: It wants a key, and there is none.")
    assert "trouble" not in providers["builtin"]
    assert "trouble" not in providers["openai"]
