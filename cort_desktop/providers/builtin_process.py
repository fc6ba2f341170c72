"""The child process of the built-in model as its parent holds it: started, given its order, ended.

It belongs to no event loop, so it can be started before there is one. Not here: what the child does
(``builtin_child``), and when it is started and ended (``builtin``).
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import cort_desktop
from cort_desktop.providers.builtin_child import ChildOrder, ChildReport, read_report

_READ_BYTES = 2048
_SHOWN_CHARACTERS = 400
_LOOK_S = 0.005
_PASSED_ON = (
    "HOME", "LANG", "LC_ALL", "PATH", "PYTHONHOME", "PYTHONPATH", "TMPDIR", "TEMP", "TMP",
    "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "USERPROFILE",
)  # fmt: skip


def child_command() -> tuple[str, ...]:
    """How this very program is started as the child; ``-P`` keeps the working folder out of the imports."""
    if getattr(sys, "frozen", False):
        return (sys.executable, "_builtin")
    return (sys.executable, "-P", "-m", "cort_desktop", "_builtin")


def child_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """What the child needs of ``environment``, and no more: keys of services may be in there."""
    passed = {name: environment[name] for name in _PASSED_ON if name in environment}
    top = Path(cort_desktop.__file__).parent.parent
    if not {"site-packages", "dist-packages"} & set(top.parts):
        passed["PYTHONPATH"] = os.pathsep.join(filter(None, (str(top), passed.get("PYTHONPATH"))))
    return passed


class ChildProcess:
    """A child that has been started and waits for its order. Raises OSError when it can't be started."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        # A file without a name: bounded by nothing but llama.cpp's few words, and gone with the last of us.
        self._words = tempfile.TemporaryFile()  # noqa: SIM115  closed by `end`
        try:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._words,
                env=child_environment(environment),
                # Ctrl-C in the terminal is the parent's to decide about.
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        except BaseException:
            self._words.close()
            raise

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def obey(self, order: ChildOrder) -> ChildReport | None:
        """Tell the child what to do and wait for its report; None when it ended without one. Blocks."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            return None
        try:
            stdin.write(order.line())
            stdin.flush()
            return read_report(stdout.readline())
        except OSError:
            return None

    def how_it_ended(self) -> str:
        """Its signal or exit code and its last words, for a sentence."""
        code = self._process.poll()
        if code is None:
            ended = "it still runs"
        elif code < 0:
            ended = f"signal {-code}, {signal.strsignal(-code) or 'unknown'}"
        else:
            ended = f"exit code {code}"
        said = self._last_words()
        return f"{ended}; it said: “{said}”" if said else ended

    def kill(self) -> None:
        """End it at once."""
        if self.is_alive:
            self._process.kill()

    async def end(self, grace_s: float) -> None:
        """End it, politely at first, after ``grace_s`` for sure. Nothing of it is left, even if cancelled."""
        try:
            if self.is_alive:
                self._process.terminate()
                await self.ended_within(grace_s)
        finally:
            self.kill()
            self._process.wait()
            self._close()

    async def ended_within(self, seconds: float) -> bool:
        """Wait for its end, at most so long; whether it has ended."""
        for _ in range(max(1, round(seconds / _LOOK_S))):
            if not self.is_alive:
                break
            await asyncio.sleep(_LOOK_S)
        return not self.is_alive

    def _close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout, self._words):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue  # unsent bytes to a child that is gone

    def _last_words(self) -> str:
        # While the child lives, reading would move the place where it writes.
        if self._words.closed or self.is_alive:
            return ""
        size = os.fstat(self._words.fileno()).st_size
        self._words.seek(max(0, size - _READ_BYTES))
        lines = self._words.read().decode(errors="replace").splitlines()
        return " / ".join(line.strip() for line in lines if line.strip())[-_SHOWN_CHARACTERS:]
