"""Keys: where they are looked for, kept, and what happens with every bad key store."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from cort_desktop.domain.settings import ProviderSettings, Settings
from cort_desktop.errors import SettingsError, StorageError
from cort_desktop.storage.key_backends import NamedBackend
from cort_desktop.storage.secrets import FoundKey, KeyStore
from tests.fakes.key_stores import (
    FailingBackend,
    HangingBackend,
    LeakyBackend,
    ManglingBackend,
    NullBackend,
    WorkingBackend,
    named,
)
from tests.fakes.loops import run, run_virtual

KEY = "canary-0123456789-abcdefghij"
OPENAI = Settings().provider("openai")
SERVER = ProviderSettings(
    name="my-server", kind="openai", base_url="http://127.0.0.1:8080/v1", key_env="MY_SERVER_KEY"
)


def ignore(key: str) -> None:
    """A redactor for tests that have none."""


def store(backend: WorkingBackend, environment: Mapping[str, str] | None = None) -> KeyStore:
    return KeyStore(environment=environment or {}, on_key=ignore, backend=named(backend))


def never() -> NamedBackend:
    raise AssertionError("the system key store was asked")


@pytest.fixture
def hanging() -> Iterator[HangingBackend]:
    backend = HangingBackend()
    yield backend
    backend.released.set()


def test_a_key_is_kept_and_found_again_by_another_process() -> None:
    backend = WorkingBackend()
    kept = run(store(backend).set(OPENAI, f" {KEY}\n"))
    assert (kept.kind, kept.words, kept.note) == ("system", "system key store (test store)", "")
    assert list(backend.entries) == [("cort-desktop", "openai")]
    found = run(store(backend).get(OPENAI))
    assert found.key == KEY
    assert found.place.words == "system key store (test store)"


def test_a_key_shows_in_no_repr() -> None:
    found = run(store(WorkingBackend(), {"OPENAI_API_KEY": KEY}).get(OPENAI))
    assert found.key == KEY
    assert KEY not in repr(found)
    assert isinstance(found, FoundKey)


def test_the_environment_comes_first_and_spares_the_key_store() -> None:
    environment = {"OPENAI_API_KEY": f"{KEY}\n", "MY_SERVER_KEY": "server-key"}
    keys = KeyStore(environment=environment, on_key=ignore, backend=never)
    assert run(keys.get(OPENAI)).key == KEY
    assert run(keys.where(OPENAI)).words == "environment variable OPENAI_API_KEY"
    assert run(keys.get(SERVER)).key == "server-key"


def test_key_env_comes_before_the_vendors_variable() -> None:
    provider = ProviderSettings(name="openai", kind="openai", base_url=OPENAI.base_url, key_env="WORK_KEY")
    both = {"OPENAI_API_KEY": "private-key", "WORK_KEY": "work-key"}
    assert run(store(WorkingBackend(), both).get(provider)).key == "work-key"
    assert run(store(WorkingBackend(), {"OPENAI_API_KEY": "private-key"}).get(provider)).key == "private-key"


@pytest.mark.reliability(61)
def test_the_vendors_variable_is_not_given_to_another_address() -> None:
    """Row 61: the vendor's key never goes to a changed base_url."""
    elsewhere = ProviderSettings(name="openai", kind="openai", base_url="https://elsewhere.example.org/v1")
    assert run(store(WorkingBackend(), {"OPENAI_API_KEY": KEY}).get(elsewhere)).key is None


@pytest.mark.reliability(61)
def test_a_stored_key_is_asked_for_again_at_another_origin() -> None:
    """Row 61: base_url changed to another host asks for the key again."""
    backend = WorkingBackend()
    run(store(backend).set(SERVER, KEY))
    moved = ProviderSettings(name="my-server", kind="openai", base_url="http://127.0.0.1:8081/v1")
    found = run(store(backend).get(moved))
    assert found.key is None
    assert "entered for http://127.0.0.1:8080" in found.place.note
    assert "is not given to http://127.0.0.1:8081; enter the key of the new address" in found.place.note
    assert found.place.origin == "http://127.0.0.1:8080"
    same = ProviderSettings(name="my-server", kind="openai", base_url="http://127.0.0.1:8080/other")
    assert run(store(backend).get(same)).key == KEY


@pytest.mark.parametrize("entry", [KEY, "{}", '{"origin":1,"key":2}', "[" * 100_000, json.dumps([KEY])])
def test_an_entry_of_somebody_else_is_not_sent_anywhere(entry: str) -> None:
    backend = WorkingBackend()
    backend.entries["cort-desktop", "openai"] = entry
    found = run(store(backend).get(OPENAI))
    assert found.key is None
    assert "not written by this program" in found.place.note
    assert KEY not in found.place.note


def test_what_needs_no_key_never_touches_the_key_store() -> None:
    keys = KeyStore(environment={}, on_key=ignore, backend=never)
    for name in ("builtin", "ollama"):
        found = run(keys.get(Settings().provider(name)))
        assert (found.key, found.place.note) == (None, "needs no key")
        with pytest.raises(SettingsError, match="needs no key"):
            run(keys.set(Settings().provider(name), KEY))


@pytest.mark.reliability(59)
@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("two\nlines", "line ends"),
        ("two words", "blanks"),
        ("schlüssel", "plain letters"),
        ("nul\x00", "plain letters"),
        ("\ud83d", "plain letters"),
        ("k" * 1025, "1,025 characters"),
        ("k" * 5000, "5,000 characters"),
        ("\\" * 1024, "too long"),
        (f'"{KEY}"', "quotation marks around it"),
        (f"'{KEY}'", "quotation marks around it"),
        (f"“{KEY}”", "quotation marks around it"),
        (f"Bearer {KEY}", "begins with “Bearer”"),
        (f"bearer  {KEY}", "begins with “Bearer”"),
        (f"Authorization: Bearer {KEY}", "name of a header"),
        (f"x-api-key:{KEY}", "name of a header"),
        (f"OPENAI_API_KEY={KEY}", "name of a variable"),
        (f"export MY_TOKEN={KEY}", "name of a variable"),
        ("https://platform.openai.com/api-keys", "is an address"),
        ("sk-proj-***************abcd", "blanked out"),
        ("sk-…abcd", "blanked out"),
        (f"{KEY}\r\n{KEY}", "line ends"),
        (f"{KEY}\u200b", "copy it again"),
        (f"{KEY}\u00a0x", "blanks"),
    ],
)
def test_what_can_not_be_a_key_is_refused_before_writing(key: str, words: str) -> None:
    """Row 59: a clear message before writing; the old key stays intact."""
    backend = WorkingBackend()
    keys = store(backend)
    run(keys.set(OPENAI, KEY))
    calls = backend.calls
    with pytest.raises(SettingsError, match=words) as caught:
        run(keys.set(OPENAI, key))
    assert not key.strip() or key not in str(caught.value)
    assert KEY not in str(caught.value)
    assert backend.calls == calls
    assert run(keys.get(OPENAI)).key == KEY


@pytest.mark.reliability(59)
def test_the_longest_key_fits_what_windows_keeps() -> None:
    """Row 59: with its origin an entry stays within 1,280 characters."""
    backend = WorkingBackend()
    run(store(backend).set(OPENAI, "k" * 1024))
    assert max(map(len, backend.entries.values())) <= 1280


def test_a_useless_variable_is_told_and_the_search_goes_on() -> None:
    backend = WorkingBackend()
    keys = store(backend, {"OPENAI_API_KEY": "two words"})
    assert "OPENAI_API_KEY is not used" in run(keys.get(OPENAI)).place.note
    run(keys.set(OPENAI, KEY))
    assert run(keys.get(OPENAI)).key == KEY


def test_setting_a_key_that_the_environment_hides_says_so() -> None:
    keys = store(WorkingBackend(), {"OPENAI_API_KEY": "other-key"})
    assert "OPENAI_API_KEY is still looked at first" in run(keys.set(OPENAI, KEY)).note


@pytest.mark.reliability(58)
@pytest.mark.parametrize(
    "backend",
    [NullBackend(), ManglingBackend(), FailingBackend(), LeakyBackend()],
    ids=lambda b: type(b).__name__,
)
def test_a_store_that_does_not_keep_leaves_the_key_in_this_session(backend: WorkingBackend) -> None:
    """Row 58: session-only memory with a visible notice."""
    keys = store(backend)
    kept = run(keys.set(OPENAI, KEY))
    assert kept.words == "this session only"
    assert "is gone when the program ends" in kept.note
    assert "OPENAI_API_KEY" in kept.note
    assert KEY not in kept.note
    assert run(keys.get(OPENAI)) == FoundKey(key=KEY, place=run(keys.where(OPENAI)))
    assert run(keys.where(OPENAI)).kind == "session"
    assert KEY not in "".join(backend.entries.values())
    assert run(store(backend).get(OPENAI)).key is None


@pytest.mark.reliability(58, 59)
def test_the_old_key_survives_a_write_that_went_wrong() -> None:
    """Rows 58 and 59: the old key is put back when the new one does not read back."""
    entries = WorkingBackend()
    run(store(entries).set(OPENAI, "old-key"))
    before = dict(entries.entries)

    class Once(ManglingBackend):
        def set_password(self, service: str, username: str, password: str) -> None:
            if KEY in password:
                super().set_password(service, username, password)
            else:
                self.entries[service, username] = password

    mangling = Once()
    mangling.entries = dict(before)
    assert run(store(mangling).set(OPENAI, KEY)).kind == "session"
    assert mangling.entries == before


@pytest.mark.reliability(58)
def test_no_store_at_all() -> None:
    """Row 58: no keyring; nothing is raised, the reason is told."""

    def missing() -> NamedBackend:
        raise StorageError("this system has no key store that could be reached")

    keys = KeyStore(environment={}, on_key=ignore, backend=missing)
    assert run(keys.where(OPENAI)).note == "this system has no key store that could be reached"
    assert "this system has no key store" in run(keys.set(OPENAI, KEY)).note
    assert run(keys.get(OPENAI)).key == KEY
    with pytest.raises(SettingsError, match="forgotten it, but"):
        run(keys.delete("openai"))
    assert run(keys.get(OPENAI)).key is None


@pytest.mark.reliability(58)
def test_a_hanging_store_is_waited_for_three_seconds_once(hanging: HangingBackend) -> None:
    """Row 58: at most 3 s, off the loop's thread, and only once while it hangs."""

    async def main() -> None:
        keys = store(hanging)
        loop = asyncio.get_running_loop()
        start = loop.time()
        found = await keys.get(OPENAI)
        assert found.place.note == "it did not answer within 3 seconds"
        assert loop.time() - start == pytest.approx(3.0, abs=0.01)
        kept = await keys.set(OPENAI, KEY)
        assert kept.kind == "session"
        assert "still not answering" in kept.note
        assert (await keys.get(OPENAI)).key == KEY
        with pytest.raises(StorageError, match="still not answering"):
            await keys.store_name()
        assert loop.time() - start < 3.1
        assert hanging.entered == 1

    run_virtual(main())


@pytest.mark.reliability(58)
def test_a_store_that_answers_late_is_used_again(hanging: HangingBackend) -> None:
    """Row 58: a person who took long at the unlock prompt is not locked out for the session."""

    async def main() -> None:
        keys = KeyStore(environment={}, on_key=ignore, backend=named(hanging), limit_s=0.05)
        assert (await keys.get(OPENAI)).key is None
        hanging.released.set()
        while (kept := await keys.set(OPENAI, KEY)).kind != "system":
            assert "not answering" in kept.note
        assert (await keys.get(OPENAI)).place.kind == "system"

    run(main())


@pytest.mark.reliability(58)
def test_a_cancelled_question_leaves_the_store_usable(hanging: HangingBackend) -> None:
    """Row 58: cancelling is passed on and is no verdict about the store."""

    async def main() -> None:
        keys = store(hanging)
        asking = asyncio.ensure_future(keys.get(OPENAI))
        assert await asyncio.to_thread(hanging.asked.wait, 60)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        hanging.released.set()
        while (kept := await keys.set(OPENAI, KEY)).kind != "system":
            assert "not answering" in kept.note

    run(main())


@pytest.mark.reliability(58)
def test_a_hanging_store_does_not_hold_up_the_exit(tmp_path: Path) -> None:
    """Row 58: the process ends although the store would hang for 300 s."""
    script = tmp_path / "hang.py"
    script.write_text(
        "import asyncio, time\n"
        "from cort_desktop.domain.settings import Settings\n"
        "from cort_desktop.storage.secrets import KeyStore\n"
        "def hang():\n    time.sleep(300)\n"
        "keys = KeyStore(environment={}, on_key=print, backend=hang, limit_s=0.1)\n"
        "print(asyncio.run(keys.where(Settings().provider('openai'))).note)\n"
    )
    there = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, str(script)]
    done = subprocess.run(command, env=there, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout == "it did not answer within 0.1 seconds\n"
    assert done.stderr == ""


def test_the_event_loop_is_not_blocked_while_the_store_works() -> None:
    class Slow(WorkingBackend):
        def get_password(self, service: str, username: str) -> str | None:
            time.sleep(0.05)
            return super().get_password(service, username)

    async def main() -> int:
        asking = asyncio.ensure_future(store(Slow()).get(OPENAI))
        turns = 0
        while not asking.done():
            turns += 1
            await asyncio.sleep(0.001)
        return turns

    assert run(main()) > 5


def test_delete() -> None:
    backend = WorkingBackend()
    keys = store(backend)
    assert run(keys.delete("openai")) is False
    run(keys.set(OPENAI, KEY))
    assert run(keys.delete("openai")) is True
    assert backend.entries == {}
    assert run(keys.get(OPENAI)).key is None


def test_a_delete_that_did_not_delete_is_an_error() -> None:
    class Keeping(WorkingBackend):
        def delete_password(self, service: str, username: str) -> None:
            self.calls += 1

    backend = Keeping()
    keys = store(backend)
    run(keys.set(OPENAI, KEY))
    with pytest.raises(SettingsError, match="still holds the key"):
        run(keys.delete("openai"))


@pytest.mark.reliability(60)
def test_every_key_is_told_before_it_is_used() -> None:
    """Row 60: the redactor learns each key, from wherever it comes."""
    told: list[str] = []
    backend = WorkingBackend()
    keys = KeyStore(environment={"MY_SERVER_KEY": "env-key"}, on_key=told.append, backend=named(backend))
    run(keys.set(OPENAI, KEY))
    run(keys.get(SERVER))
    other = KeyStore(environment={}, on_key=told.append, backend=named(backend))
    run(other.get(OPENAI))
    assert told == [KEY, "env-key", KEY]


@pytest.mark.reliability(60)
def test_the_words_of_a_backends_error_are_left_out() -> None:
    """Row 60: a backend may put the secret into its error; it reaches neither message nor traceback."""
    working, leaky = WorkingBackend(), LeakyBackend()
    run(store(working).set(OPENAI, KEY))
    leaky.entries = working.entries
    with pytest.raises(SettingsError, match=r"it failed \(LookupError\)") as caught:
        run(store(leaky).delete("openai"))
    assert KEY not in "".join(traceback.format_exception(caught.value))
    note = run(store(leaky).set(OPENAI, KEY)).note
    assert "it failed (LookupError)" in note
    assert KEY not in note


@pytest.mark.reliability(58, 59)
@pytest.mark.parametrize("reads_back", [True, False])
def test_the_old_key_survives_a_write_that_raises(reads_back: bool) -> None:
    """Rows 58 and 59: a store that breaks while it writes, with the new text half in, or untouched."""
    entries = WorkingBackend()
    run(store(entries).set(OPENAI, "old-key"))
    before = dict(entries.entries)

    class Breaking(WorkingBackend):
        def set_password(self, service: str, username: str, password: str) -> None:
            if KEY not in password:
                super().set_password(service, username, password)
                return
            if not reads_back:
                self.entries[service, username] = password[:10]
            raise OSError(8, "not enough storage")

    breaking = Breaking()
    breaking.entries = dict(before)
    assert run(store(breaking).set(OPENAI, KEY)).kind == "session"
    assert breaking.entries == before


def test_whom_a_key_is_for_is_told_wherever_it_lives() -> None:
    backend = WorkingBackend()
    keys = store(backend, {"MY_SERVER_KEY": "server-key"})
    assert run(keys.where(OPENAI)).origin == ""
    assert run(keys.set(OPENAI, KEY)).origin == OPENAI.origin
    assert run(keys.where(OPENAI)).origin == OPENAI.origin
    assert run(keys.where(SERVER)).origin == SERVER.origin
    session = store(NullBackend())
    assert run(session.set(OPENAI, KEY)).origin == OPENAI.origin
    assert run(session.where(OPENAI)).origin == OPENAI.origin


def test_a_key_that_looks_like_anothers_is_kept_with_a_warning() -> None:
    """By its beginning; what begins like many, or goes to an address nobody knows, is not doubted."""
    backend = WorkingBackend()
    foreign = "sk-ant-api03-canary0123456789"
    warned = "It looks like a key of Anthropic, and openai is asked at an address of OpenAI."
    kept = run(store(backend).set(OPENAI, foreign))
    assert (kept.kind, kept.note) == ("system", warned)
    found = run(store(backend).get(OPENAI))
    assert (found.key, found.place.note) == (foreign, warned)
    assert run(store(backend, {"OPENAI_API_KEY": foreign}).where(OPENAI)).note == warned
    assert run(store(WorkingBackend()).set(OPENAI, "sk-canary0123456789")).note == ""
    assert run(store(WorkingBackend()).set(SERVER, foreign)).note == ""


def test_quotes_around_a_variable_are_told() -> None:
    """As an env file that is read by something that takes them for part of the value."""
    note = run(store(WorkingBackend(), {"OPENAI_API_KEY": f'"{KEY}"'}).where(OPENAI)).note
    assert "OPENAI_API_KEY is not used: it has quotation marks around it" in note
    assert KEY not in note
