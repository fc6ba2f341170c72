"""Rounds of kill -9: a run is begun, its process dies at a random moment, and what is left must hold.

What holds (RELIABILITY, row 39): every fact that was shown is on disk, the database is sound, the log has no
gap, ``resume`` goes on to the end, and no call whose answer was stored is asked again. The normal suite plays
a few rounds (``test_kill.py``), ``dev.py soak kill_runs`` many.
"""

from __future__ import annotations

import json
import random
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cort_desktop.domain.events import NodeFinished, NodeStarted
from cort_desktop.domain.ids import Blob
from cort_desktop.services.recorder import LIVE
from cort_desktop.storage.run_log import RunLog
from tests.e2e.programs import TOP, Home, command
from tests.e2e.thinkers import identity, serving, think
from tests.fakes.contract import check_stream
from tests.fakes.library import integrity
from tests.fakes.replies import Reply
from tests.fakes.scripted_server import Request, ScriptedServer

QUESTION = (
    "ask",
    "Why is the sky blue?",
    "--strategy",
    "cort",
    "--rounds",
    "2",
    "--alternatives",
    "2",
    "--no-cache",  # each round is a whole run of its own
    "--events",
)
LIVE_TYPES = {body.type for body in LIVE}
LONGEST_WAIT_S = 0.08
MARGIN = 1.03
"""Kills come until a little after an undisturbed run has ended."""
EARLY = 0.15
"""The share of kills that come before the run has begun: while the program loads or stores the question."""


@dataclass
class Tally:
    """What the rounds saw. ``faults`` are sentences, one for every time something did not hold."""

    rounds: Counter[str] = field(default_factory=Counter)
    killed_after: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    stored: int = 0
    lost: int = 0
    faults: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """A summary for a person."""
        return [
            f"rounds: {self.rounds.total()} ({_counted(self.rounds)})",
            f"last event on disk at the kill: {_counted(self.killed_after)}",
            f"facts shown before the kill: {self.acknowledged}, all on disk; events on disk: {self.stored}",
            f"calls in flight at a kill, asked again: {self.lost}",
            f"faults: {len(self.faults)}",
        ]


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.most_common()) or "none"


class Rounds:
    """Rounds on one service. A fresh home for every second round, the same one for the others."""

    def __init__(self, folder: Path, server: ScriptedServer, seed: int) -> None:
        self.tally = Tally()
        self._folder = folder
        self._server = server
        self._chance = random.Random(seed)
        self._number = 0
        self._begin_s, self._whole_s = self._measured()

    def play(self) -> None:
        """One round."""
        self._number += 1
        name = "shared" if self._number % 2 else f"home-{self._number}"
        home = Home(self._folder / name, self._server.base_url)
        try:
            self._round(home, self._moment())
        except AssertionError as error:
            words = re.sub(r"\s+", " ", str(error))[:600]
            self.tally.faults.append(f"round {self._number} ({name}): {words or 'an assertion failed'}")

    def _measured(self) -> tuple[float, float]:
        """Seconds to the first event and to the end of an undisturbed run; also warms the caches."""
        home = Home(self._folder / "measure", self._server.base_url)
        home.run(*QUESTION).check(0)
        started = time.monotonic()
        with home.start(*QUESTION) as running:
            running.line()
            begun = time.monotonic()
            running.end().check(0)
        return begun - started, time.monotonic() - started

    def _moment(self) -> float:
        """When to kill, in seconds from the start of the process."""
        if self._chance.random() < EARLY:
            return self._chance.uniform(0.0, self._begin_s)
        return self._chance.uniform(self._begin_s, self._whole_s * MARGIN)

    def _round(self, home: Home, after_s: float) -> None:
        before = set(home.runs()) if (home.data / "cort.db").exists() else set()
        printed = killed(home, after_s)
        if not (home.data / "cort.db").exists():
            assert printed == [], "events were shown and there is no database"
            self.tally.rounds["before the database"] += 1
            return
        # Opened first: a kill while it is made leaves a file without tables, and that is finished here.
        new = [run for run in home.runs() if run not in before]
        assert integrity(home.data / "cort.db") == "ok", "the database is not sound"
        if not new:
            assert printed == [], "events were shown and there is no run"
            self.tally.rounds["before the question was stored"] += 1
            return
        self._left_behind(home, new[0], printed)

    def _left_behind(self, home: Home, run: str, printed: list[dict[str, Any]]) -> None:
        stored = home.stored(run)
        facts = [each for each in printed if each["type"] not in LIVE_TYPES]
        missing = [each["seq"] for each in facts if each not in stored]
        assert not missing, f"events {missing} were shown and are not on disk"
        known = {each["seq"]: each for each in stored}
        torn = [each["seq"] for each in printed if known.get(each["seq"], each) != each]
        assert not torn, f"events {torn} are on disk other than they were shown"
        self.tally.acknowledged += len(facts)
        self.tally.stored += len(stored)
        self.tally.killed_after[stored[-1]["type"] if stored else "the question"] += 1
        if not stored:
            home.run("resume", run, "--json").refused(2, "ask the question again")
            self.tally.rounds["before the first event"] += 1
            return
        check_stream(stored)
        self.tally.rounds["after the end" if stored[-1]["type"] == "run.finished" else "in the middle"] += 1
        self._resumed(home, run, stored)

    def _resumed(self, home: Home, run: str, stored: list[dict[str, Any]]) -> None:
        answered = asked_for(home, run, only_finished=True)
        seen = len(self._server.requests)
        (event,) = home.run("resume", run, "--json").check(0).events
        assert event["type"] == "run.finished"
        assert event["status"] in ("complete", "degraded")
        assert event["answer"]
        again = [identity(request) for request in self._server.requests[seen:]]
        twice = [answered[what] for what in again if what in answered]
        assert not twice, f"{twice} had answered and were asked again"
        whole = home.stored(run)
        assert whole[: len(stored)] == stored, "resume changed what was there"
        check_stream(whole)
        finished = Counter(each["node"] for each in whole if each["type"] == "node.finished")
        assert set(finished.values()) <= {1}, f"finished more than once: {finished}"
        resumed = [each for each in whole if each["type"] == "run.resumed"]
        self.tally.lost += sum(len(each["lost"]) for each in resumed)
        assert len(resumed) == (stored[-1]["type"] != "run.finished")
        assert integrity(home.data / "cort.db") == "ok", "the database is not sound after resume"


def killed(home: Home, after_s: float) -> list[dict[str, Any]]:
    """Ask, and kill the process after so many seconds; the whole lines it had printed by then."""
    process = subprocess.Popen(
        command(QUESTION),
        cwd=TOP,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=home.environment(),
    )
    time.sleep(after_s)
    process.send_signal(signal.SIGKILL)
    out, err = process.communicate()
    assert b"Traceback" not in err, err.decode()
    lines = out.split(b"\n")[:-1]  # what follows the last newline was torn by the kill
    return [json.loads(line) for line in lines]


def asked_for(home: Home, run: str, *, only_finished: bool) -> dict[str, str]:
    """What was asked for each node of a run: request → node; only for those that had answered, if so said."""
    events = home.events(run)
    finished = {event.body.node for event in events if isinstance(event.body, NodeFinished)}
    with home.library() as (_, log):
        return {
            _request_of(log, event.body.request): event.body.node
            for event in events
            if isinstance(event.body, NodeStarted)
            and event.body.request is not None
            and (not only_finished or event.body.node in finished)
        }


def _request_of(log: RunLog, blob: Blob) -> str:
    """A stored request, as ``identity`` writes one that arrives."""
    record = json.loads(log.blob(blob))
    model = record["model"].partition("/")[2]
    return json.dumps([model, record["messages"], record["seed"]], ensure_ascii=False)


def lagging(seed: int) -> Callable[[Request], Reply]:
    """A service that thinks, with small random waits."""
    chance = random.Random(seed)

    def script(request: Request) -> Reply:
        first, between = chance.uniform(0, LONGEST_WAIT_S), chance.uniform(0, LONGEST_WAIT_S / 6)
        return think(request, first_delay=first, delay=between)

    return script


@contextmanager
def rounds(folder: Path, seed: int) -> Iterator[Rounds]:
    """Rounds on a service of their own."""
    with serving(lagging(seed)) as server:
        yield Rounds(folder, server, seed)
