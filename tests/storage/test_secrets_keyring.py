"""The real keyring: a real Secret Service, none at all, and plug-ins that must not be used."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

KEY = "canary-0123456789-abcdefghij"
ROOT = Path(__file__).parents[2]

SCRIPT = f"""
import asyncio, os, sys
from dataclasses import replace
from cort_desktop.domain.settings import Settings
from cort_desktop.storage.key_backends import NamedBackend, open_backend
from cort_desktop.storage.secrets import KeyStore

class Cutting:
    # The real store, with somebody in between who cuts what is new.
    def __init__(self, real):
        self.get_password, self.delete_password = real.get_password, real.delete_password
        self.real = real
    def set_password(self, service, user, text):
        self.real.set_password(service, user, text[:30] if "second" in text else text)

def cutting():
    found = open_backend(os.environ)
    return NamedBackend(name=found.name, backend=Cutting(found.backend))

async def main():
    openai = Settings().provider("openai")
    moved = replace(openai, base_url="https://elsewhere.example.org/v1")
    def keys(backend=None):
        return KeyStore(environment=os.environ, on_key=lambda key: None, limit_s=30, backend=backend)
    for step in sys.argv[1:]:
        if step == "set":
            place = await keys().set(openai, {KEY!r})
            print("set", place.words, "|", place.note)
        elif step == "get":
            found = await keys().get(openai)
            print("get", found.key, "|", found.place.words, "|", found.place.note)
        elif step == "get moved":
            found = await keys().get(moved)
            print("get", found.key, "|", found.place.origin, "|", found.place.note)
        elif step == "set moved":
            print("set", (await keys().set(moved, "moved-{KEY}")).origin)
        elif step == "set badly":
            place = await keys(cutting).set(openai, "second-{KEY}")
            print("set", place.words, "|", place.note)
        elif step == "delete":
            print("delete", await keys().delete("openai"))
        elif step == "modules":
            print("modules", sorted(name for name in sys.modules if name.startswith("keyrings")))

asyncio.run(main())
"""


def environment(home: Path, **more: str) -> dict[str, str]:
    """A home of its own, without the session bus of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "VIRTUAL_ENV")}
    return {**kept, "HOME": str(home), "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", **more}


def run_script(home: Path, *steps: str, before: tuple[str, ...] = (), **more: str) -> list[str]:
    script = home / "script.py"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [*before, sys.executable, str(script), *steps],
        env=environment(home, **more),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def written(home: Path) -> bytes:
    return b"".join(
        path.read_bytes() for path in home.rglob("*") if path.is_file() and path.name != "script.py"
    )


@pytest.mark.reliability(58)
def test_a_real_secret_service_keeps_a_key(tmp_path: Path) -> None:
    """Row 58's other side: with a key store the key survives the process, and lies nowhere in plain."""
    steps = ("get", "set", "get", "delete", "get", "modules")
    lines = run_script(tmp_path, *steps, before=unlocked())
    assert lines == [
        "get None | none | ",
        "set system key store (Secret Service) | ",
        f"get {KEY} | system key store (Secret Service) | ",
        "delete True",
        "get None | none | ",
        "modules []",
    ]
    assert KEY.encode() not in written(tmp_path)


def unlocked() -> tuple[str, ...]:
    """A session with a key store of its own, open."""
    missing = [name for name in ("dbus-run-session", "gnome-keyring-daemon") if shutil.which(name) is None]
    assert not missing, f"install {missing}: packaging/dev.py test does"
    words = 'printf secret | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec "$@"'
    return ("dbus-run-session", "--", "sh", "-c", words, "sh")


@pytest.mark.reliability(61)
def test_a_real_secret_service_gives_no_key_to_another_host(tmp_path: Path) -> None:
    """Row 61: the same provider at another address is asked for its key again; the old one is replaced."""
    steps = ("set", "get moved", "set moved", "get moved", "get", "delete")
    lines = run_script(tmp_path, *steps, before=unlocked())
    here, there = "https://api.openai.com", "https://elsewhere.example.org"
    what = "enter the key of the new address"
    assert lines == [
        "set system key store (Secret Service) | ",
        f"get None | {here} | the stored key was entered for {here}, and is not given to {there}; {what}",
        f"set {there}",
        f"get moved-{KEY} | {there} | ",
        f"get None | none | the stored key was entered for {there}, and is not given to {here}; {what}",
        "delete True",
    ]
    assert KEY.encode() not in written(tmp_path)


@pytest.mark.reliability(58, 59)
def test_a_real_secret_service_that_reads_back_something_else_keeps_the_old_key(tmp_path: Path) -> None:
    """Rows 58 and 59: what doesn't read back is not kept, and the old key is as it was."""
    lines = run_script(tmp_path, "set", "set badly", "get", before=unlocked())
    assert lines[1].startswith("set this session only | The system key store can't be used: it did not keep")
    assert lines[2] == f"get {KEY} | system key store (Secret Service) | "
    assert KEY.encode() not in written(tmp_path)


@pytest.mark.reliability(58)
def test_a_look_makes_no_keyring(tmp_path: Path) -> None:
    """A person without a keyring is not asked for the password of a new one because a server needs no key."""
    before = (
        "dbus-run-session",
        "--",
        "sh",
        "-c",
        'gnome-keyring-daemon --start >/dev/null 2>&1; exec "$@"',
        "sh",
    )
    lines = run_script(tmp_path, "get", before=before)
    assert lines == ["get None | none | "]
    assert not list(tmp_path.rglob("*.keyring"))


@pytest.mark.reliability(58)
def test_no_key_store_with_plain_text_plugins_installed(tmp_path: Path) -> None:
    """Row 58: keyrings.alt is installed beside us, and still no plain file is written."""
    lines = run_script(tmp_path, "set", "get", "modules")
    assert lines[0].startswith(
        "set this session only | The system key store can't be used: this system has no"
    )
    assert lines[1].startswith("get None | none | this system has no key store")
    assert lines[2] == "modules []"
    assert KEY.encode() not in written(tmp_path)


@pytest.mark.reliability(58)
@pytest.mark.parametrize(
    "backend",
    [
        "keyrings.alt.file.PlaintextKeyring",
        "keyring.backends.null.Keyring",
        "keyring.backends.fail.Keyring",
        "x",
    ],
)
def test_a_chosen_backend_that_is_not_safe_is_not_used(tmp_path: Path, backend: str) -> None:
    """Row 58: not even on request is a key written to a plain file."""
    lines = run_script(tmp_path, "set", "get", "modules", PYTHON_KEYRING_BACKEND=backend)
    assert f"keyring is set to use {backend}, which is no safe key store" in lines[0]
    assert lines[1].startswith("get None")
    assert lines[2] == "modules []"
    assert KEY.encode() not in written(tmp_path)


@pytest.mark.reliability(58)
def test_keyrings_own_configuration_file_can_not_choose_a_plain_file(tmp_path: Path) -> None:
    """Row 58: neither its choice nor its search path for plug-ins is followed."""
    folder = tmp_path / ".config" / "python_keyring"
    folder.mkdir(parents=True)
    (folder / "keyringrc.cfg").write_text(
        f"[backend]\ndefault-keyring=keyrings.alt.file.PlaintextKeyring\nkeyring-path={tmp_path}\n"
    )
    lines = run_script(tmp_path, "set", "modules")
    assert "keyrings.alt.file.PlaintextKeyring, which is no safe key store" in lines[0]
    assert lines[1] == "modules []"
    assert KEY.encode() not in written(tmp_path)


@pytest.mark.reliability(58)
def test_a_chosen_safe_backend_that_is_not_there(tmp_path: Path) -> None:
    """Row 58: the choice is followed, and its absence told."""
    lines = run_script(tmp_path, "get", PYTHON_KEYRING_BACKEND="keyring.backends.SecretService.Keyring")
    assert "SecretService.Keyring, which can't be reached" in lines[0]
