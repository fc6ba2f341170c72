"""For whom a key is stored, remembered without the key and without opening the store."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from cort_desktop.domain.settings import ProviderSettings
from cort_desktop.storage.key_notes import FILE, KeyNotes
from cort_desktop.storage.secrets import KeyStore
from tests.fakes.key_stores import FailingBackend, WorkingBackend, named
from tests.fakes.loops import run

KEY = "canary-0123456789-abcdefghij"
FAR = ProviderSettings(name="far", kind="openai", base_url="https://far.example.org/v1")
MOVED = ProviderSettings(name="far", kind="openai", base_url="https://moved.example.org/v1")


def store(folder: Path, backend: WorkingBackend, **environment: str) -> KeyStore:
    return KeyStore(
        environment=environment, on_key=lambda _: None, backend=named(backend), notes=KeyNotes(folder)
    )


def test_it_is_known_after_a_start_without_opening_the_store(tmp_path: Path) -> None:
    backend = WorkingBackend()
    run(store(tmp_path, backend).set(FAR, KEY))
    backend.calls = 0
    again = store(tmp_path, backend)
    assert run(again.known(FAR)).kind == "system"
    place = run(again.known(MOVED))
    assert (place.kind, "entered for https://far.example.org" in place.note) == ("none", True)
    assert backend.calls == 0
    assert run(again.delete("far")) is True
    backend.calls = 0
    assert (run(again.known(FAR)).kind, backend.calls) == ("none", 0)
    text = (tmp_path / FILE).read_text()
    assert KEY not in text
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_what_nobody_noted_is_looked_up_once(tmp_path: Path) -> None:
    backend = WorkingBackend()
    run(KeyStore(environment={}, on_key=lambda _: None, backend=named(backend)).set(FAR, KEY))
    assert run(store(tmp_path, backend).known(FAR)).kind == "system"
    backend.calls = 0
    assert (run(store(tmp_path, backend).known(FAR)).kind, backend.calls) == ("system", 0)


def test_a_store_that_fails_teaches_nothing(tmp_path: Path) -> None:
    assert run(store(tmp_path, FailingBackend()).known(FAR)).kind == "none"
    assert KeyNotes(tmp_path).origin("far") is None


def test_the_environment_comes_first(tmp_path: Path) -> None:
    keyed = ProviderSettings(name="far", kind="openai", base_url=FAR.base_url, key_env="FAR_KEY")
    backend = WorkingBackend()
    keys = store(tmp_path, backend, FAR_KEY=KEY)
    assert (run(keys.known(keyed)).kind, keys.is_at_hand(keyed), backend.calls) == ("environment", True, 0)


@pytest.mark.parametrize("text", ["", "[]", "nonsense", "[" * 100_000, '{"far": 3}', "x" * 100_000])
def test_a_file_that_makes_no_sense_is_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    assert KeyNotes(tmp_path).origin("far") is None
    KeyNotes(tmp_path).note("far", "https://far.example.org")
    assert KeyNotes(tmp_path).origin("far") == "https://far.example.org"


def test_without_a_place_to_write_it_works_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "in-the-way").write_text("")
    notes = KeyNotes(tmp_path / "in-the-way")
    notes.note("far", "https://far.example.org")
    assert notes.origin("far") is None
