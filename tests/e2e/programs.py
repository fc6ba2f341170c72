"""The real program as a process, with a home of its own: run to its end, or started and watched.

Every process that ends is held to the same manners: no traceback, nothing on standard error that begins
otherwise than a sentence for a person, and a crash report only with exit code 1.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cort_desktop.adapters.clock import SystemClock
from cort_desktop.domain import events as ev
from cort_desktop.domain import wire
from cort_desktop.domain.ids import RunId
from cort_desktop.storage.conversations import Conversations
from cort_desktop.storage.database import Database
from cort_desktop.storage.run_log import RunLog

TOP = Path(__file__).parents[2]
PATIENCE_S = 120.0
"""A process that takes longer hangs; on a machine of any speed it ends in a fraction of that."""
_SCREEN = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
_SECRETS = ("OPENAI_API_KEY", "OPENROUTER_API_KEY", "ANTHROPIC_API_KEY")


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a process ended and what it said."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def events(self) -> list[dict[str, Any]]:
        """Standard output as lines of JSON: nothing else may be on it."""
        return [json.loads(line) for line in self.out.splitlines()]

    def check(self, code: int, *words: str) -> Done:
        """It ended with ``code``, and said ``words`` on standard error."""
        assert self.code == code, f"exit code {self.code}\n{self.text}\n{self.err}"
        for each in words:
            assert each in self.err, self.err
        return self

    def refused(self, code: int, *words: str) -> Done:
        """One sentence on standard error and nothing else."""
        self.check(code, *words)
        assert self.out == b""
        assert self.err.startswith("cort-desktop: "), self.err
        assert self.err.count("\n") == 1, self.err
        return self


class Home:
    """A folder that stands for a person's own, and the program in it."""

    def __init__(self, path: Path, base_url: str | None = None) -> None:
        self.path = path
        self.data = path / "data"
        path.mkdir(parents=True, exist_ok=True)
        if base_url is not None:
            self.configure(base_url)

    def configure(self, base_url: str, *lines: str) -> None:
        """Write a ``config.toml`` with the scripted server as the default model; ``lines`` follow it."""
        head = [
            "[defaults]",
            'model = "my-server/fast"',
            "[providers.my-server]",
            'kind = "openai"',
            f'base_url = "{base_url}"',
        ]
        self.config("\n".join([*head, *lines]))

    def config(self, text: str) -> None:
        (self.path / "config.toml").write_text(text + "\n", encoding="utf-8")

    def environment(self, more: dict[str, str] | None = None) -> dict[str, str]:
        """This process's, without its keys, its key store and its screen."""
        plain = {name: value for name, value in os.environ.items() if name not in (*_SECRETS, *_SCREEN)}
        mine = {
            "CORT_DESKTOP_HOME": str(self.path),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }
        return {**plain, **mine, **(more or {})}

    def run(
        self,
        *words: str,
        data: bytes | None = None,
        env: dict[str, str] | None = None,
        before: Any = None,
    ) -> Done:
        """Run ``cort-desktop WORDS`` to its end; without ``data`` its input is /dev/null.

        before: called in the new process before the program.
        """
        done = subprocess.run(
            command(words),
            cwd=TOP,
            input=data,
            stdin=subprocess.DEVNULL if data is None else None,
            capture_output=True,
            env=self.environment(env),
            timeout=PATIENCE_S,
            preexec_fn=before,
            check=False,
        )
        return self.ended(Done(code=done.returncode, out=done.stdout, err=done.stderr.decode()))

    def ended(self, done: Done) -> Done:
        """Hold an ended process to its manners."""
        assert "Traceback" not in done.err or "cort_desktop" not in done.err, done.err
        assert "Error:" not in done.err, done.err
        if done.code != 1:
            assert list(self.path.glob("logs/crash-*")) == []
        return done

    @contextmanager
    def start(
        self, *words: str, env: dict[str, str] | None = None, stdin: int | None = None
    ) -> Iterator[Running]:
        """Start ``cort-desktop WORDS``; killed at the end of the block if it still runs."""
        process = subprocess.Popen(
            command(words),
            bufsize=0,  # communicate() doesn't see what a buffer has read ahead
            cwd=TOP,
            stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environment(env),
        )
        hung = threading.Timer(PATIENCE_S, process.kill)
        hung.start()
        try:
            with process:
                yield Running(process, self)
                process.kill()
        finally:
            hung.cancel()
            hung.join()

    @contextmanager
    def library(self) -> Iterator[tuple[Conversations, RunLog]]:
        """Look into the database from here."""
        with Database.open(self.data, clock=SystemClock()) as database:
            yield Conversations(database), RunLog(database)

    def events(self, run: str) -> list[ev.Event]:
        """What is stored of a run."""
        with self.library() as (_, log):
            return log.events(RunId(run))

    def stored(self, run: str) -> list[dict[str, Any]]:
        """What is stored of a run, as CONTRACT 3 writes it."""
        return [wire.event_to_json(event) for event in self.events(run)]

    def runs(self) -> list[str]:
        """The ids of all runs, in the order they were started."""
        with self.library() as (conversations, _):
            turns = [turn for each in conversations.list() for turn in conversations.turns(each.id)]
            rows = [row for turn in turns for row in conversations.runs(turn.id)]
        return [row.id for row in sorted(rows, key=lambda row: row.started)]


class Running:
    """A process that still runs."""

    def __init__(self, process: subprocess.Popen[bytes], home: Home) -> None:
        self.process = process
        self._home = home
        self._read: list[bytes] = []

    def line(self) -> bytes:
        """The next line of standard output; empty at its end."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self._read.append(line)
        return line

    def until(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Read events up to one of that type with those fields."""
        while line := self.line():
            event: dict[str, Any] = json.loads(line)
            if event["type"] == kind and all(event[name] == value for name, value in fields.items()):
                return event
        raise AssertionError(f"no {kind} {fields}: {self.end().err}")

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self) -> Done:
        """Wait for its end; all it wrote, what was read before included."""
        out, err = self.process.communicate(timeout=PATIENCE_S)
        whole = b"".join(self._read) + out
        return self._home.ended(Done(code=self.process.returncode, out=whole, err=err.decode()))


def command(words: Sequence[str]) -> list[str]:
    """The command line of ``cort-desktop WORDS``."""
    return [sys.executable, "-m", "cort_desktop", *words]
