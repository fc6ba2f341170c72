"""A person's own unit tests, run against an answer in a child process (``cell.py``) that is shut in as far as
the system allows, bounded in time, and killed with all it started.

The tests are Python: ``unittest`` cases, functions called ``test…``, or plain lines that raise. They find the
code of the answer as the module ``answer`` and its whole text in ``answer.txt``. Only the standard library is
there. Asking a person first is the services' matter (``services/verifiers.py``).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cort_desktop.domain.verifying import LONGEST_DETAIL, Declared, Finding

CHILD = "_check"
"""The first argument by which a packaged program becomes the cell."""
MOST_AT_ONCE = 2
MOST_SAID = 64 * 1024
"""Bytes that are kept of what the child says; the rest is read and forgotten."""
_LAST_WORDS_S = 2.0
_KILLED = (-9, 137)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one run of the tests may take."""

    seconds: float = 20.0
    cpu_seconds: int = 10
    memory_bytes: int = 512 << 20
    file_bytes: int = 16 << 20
    disk_bytes: int = 64 << 20
    open_files: int = 64
    processes: int = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What the child told. ``rest``: the end of what it printed besides."""

    holds: Mapping[str, bool] = field(default_factory=dict)
    passed: bool | None = None
    detail: str | None = None
    has_result: bool = False
    timed_out: bool = False
    code: int | None = None
    rest: str = ""


class UnitTests:
    """Runs one file of tests against answers."""

    def __init__(self, declared: Declared, tests: str, limits: Limits = Limits()) -> None:
        self.title = declared.title
        self._name = declared.argument
        self._tests = tests
        self._limits = limits
        self._places = asyncio.Semaphore(MOST_AT_ONCE)

    async def check(self, answer: str) -> Finding:
        """Passed when all tests do. Time limit, crash and no tests at all are failures; told in words."""
        async with self._places:
            try:
                said = await _in_cell(self._tests, answer, self._name, self._limits)
            except OSError as error:
                return Finding(passed=None, detail=f"The tests could not be started: {error}")
        if said.timed_out:
            return Finding(passed=False, detail=f"Stopped after {self._limits.seconds:g} seconds.")
        if not said.has_result:
            why = _last_line(said.rest) or _end_words(said.code, self._limits)
            return Finding(
                passed=False, detail=f"The tests broke off before their end ({why})."[:LONGEST_DETAIL]
            )
        return Finding(passed=said.passed, detail=(said.detail or "")[:LONGEST_DETAIL])


async def protections(limits: Limits = Limits()) -> dict[str, bool]:
    """What of the cell holds on this system, tried out: network, writing, reading, disk, processor, memory,
    files, processes. Empty where no child can be started.
    """
    try:
        said = await _in_cell(None, "", "", limits)
    except OSError:
        return {}
    return dict(said.holds)


def _command() -> tuple[str, ...]:
    if getattr(sys, "frozen", False):
        return (sys.executable, CHILD)
    cell = Path(__file__).with_name("cell.py")
    return (sys.executable, "-I", "-S", "-B", "-X", "utf8", str(cell))


async def _in_cell(tests: str | None, answer: str, name: str, limits: Limits) -> _Said:
    """Run one child to its end, or to its time limit. Raises OSError when it can't be started."""
    secret = secrets.token_hex(16)
    with tempfile.TemporaryDirectory(prefix="cort-check-", ignore_cleanup_errors=True) as folder:
        told = {
            "folder": folder,
            "tests": tests,
            "answer": answer,
            "name": name,
            "secret": secret,
            "limits": asdict(limits),
        }
        windows = {"SYSTEMROOT": os.environ["SYSTEMROOT"]} if "SYSTEMROOT" in os.environ else {}
        child = await asyncio.create_subprocess_exec(
            *_command(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=windows,
            cwd=folder,
            start_new_session=True,
        )
        try:
            return await _followed(child, json.dumps(told).encode(), secret, limits)
        finally:
            _kill(child)
            await child.wait()


async def _followed(child: asyncio.subprocess.Process, told: bytes, secret: str, limits: Limits) -> _Said:
    if child.stdin is None or child.stdout is None or child.stderr is None:
        raise AssertionError("the child was started with pipes")
    timed_out = False
    out, err = bytearray(), bytearray()
    readers = [
        asyncio.ensure_future(_read(child.stdout, out)),
        asyncio.ensure_future(_read(child.stderr, err)),
    ]
    try:
        async with asyncio.timeout(limits.seconds):
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                child.stdin.write(told)
                await child.stdin.drain()
                child.stdin.close()
            await child.wait()
    except TimeoutError:
        timed_out = True
    finally:
        _kill(child)
        # Where it had no namespaces, something that slipped out of its group may still hold the pipes.
        await asyncio.wait(readers, timeout=_LAST_WORDS_S)
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
    return _understood(bytes(out), secret, timed_out=timed_out, code=child.returncode, rest=bytes(err))


async def _read(stream: asyncio.StreamReader, kept: bytearray) -> None:
    while piece := await stream.read(4096):
        kept += piece[: max(0, MOST_SAID - len(kept))]


def _understood(out: bytes, secret: str, *, timed_out: bool, code: int | None, rest: bytes) -> _Said:
    """Only lines with the secret of this child are its own words."""
    told: dict[str, Any] = {}
    for line in out.decode("utf-8", "replace").splitlines():
        if line.startswith(secret):
            with contextlib.suppress(ValueError):
                told |= json.loads(line.removeprefix(secret))
    passed = told.get("passed")
    return _Said(
        holds=told.get("holds", {}),
        passed=passed if isinstance(passed, bool) else None,
        detail=str(told.get("detail", "")),
        has_result="detail" in told,
        timed_out=timed_out,
        code=code,
        rest=rest.decode("utf-8", "replace"),
    )


def _kill(child: asyncio.subprocess.Process) -> None:
    """End the child and all in its group."""
    if sys.platform == "win32":
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def _end_words(code: int | None, limits: Limits) -> str:
    if code in _KILLED:
        return f"ended by the system, most likely after {limits.cpu_seconds} s of processor time"
    return f"exit code {code}"


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2][:300]
