"""The fault table: each fault of RELIABILITY that a service or the network can have, met by the real program.

``python -m tests.e2e.fault_table`` prints it: what was sent, the exit code, how many requests were made, what
happened to each attempt, and what the person read. The program is whole, from the command line's words to the
sockets; only the service is scripted, and time is virtual, so that what hangs for minutes costs nothing.
Cases stand in ``fault_cases.py``.
"""

from __future__ import annotations

import asyncio
import io
import json
import sys
import tempfile
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cort_desktop.bootstrap import Surroundings, open_app
from cort_desktop.errors import CortError
from cort_desktop.logs import Redactor
from cort_desktop.paths import Paths
from cort_desktop.terminal.arguments import parse
from cort_desktop.terminal.main import fail, with_app
from cort_desktop.terminal.options import AskOptions
from tests.e2e.fault_cases import CASES, Case
from tests.fakes.loops import LoopClock, VirtualTimeLoop
from tests.fakes.scripted_server import ScriptedServer
from tests.fakes.terminal import CapturedStreams

CONFIG = """
[providers.srv]
kind = "{kind}"
base_url = "{url}"
key_env = "SRV_KEY"
max_concurrency = 8
{provider}
[providers.spare]
kind = "openai"
base_url = "{spare}"
[prices."srv/m"]
input = 1.0
output = 2.0
[prices."spare/m"]
input = 1.0
output = 2.0
[cache]
enabled = false
"""
REAL_GRACE_S = 0.005
"""Real seconds that threads (the disk, a look-up of a name) get before the clock jumps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """What came of a case. ``attempts``: kind of each failed attempt and what was done next, counted."""

    case: Case
    exit_code: int
    requests: int
    spare_requests: int
    attempts: tuple[str, ...]
    status: str
    answer: str | None
    words: str
    seconds: float


def meet(case: Case, home: Path) -> Met:
    """Play one case in an empty home."""
    with asyncio.Runner(loop_factory=_patient_loop) as runner:
        return runner.run(_meet(case, home))


def _patient_loop() -> VirtualTimeLoop:
    return VirtualTimeLoop(grace_s=REAL_GRACE_S)


async def _meet(case: Case, home: Path) -> Met:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(
            ScriptedServer(case.script, tls=None if case.tls is None else case.tls(home))
        )
        spare = await stack.enter_async_context(ScriptedServer(case.spare))
        url = case.address(server) if case.address is not None else server.base_url
        config = CONFIG.format(kind=case.kind, url=url, spare=spare.base_url, provider=case.provider)
        (home / "config.toml").write_text(config + case.config.replace("{home}", str(home)), encoding="utf-8")
        loop = asyncio.get_running_loop()
        streams = CapturedStreams(stdin=io.TextIOWrapper(io.BytesIO()))
        begun = loop.time()
        code = await _program(case, home, streams)
        return Met(
            case=case,
            exit_code=code,
            requests=len(server.requests),
            spare_requests=len(spare.requests),
            seconds=round(loop.time() - begun, 1),
            words=_words(streams.err),
            **_read(streams.out),
        )


async def _program(case: Case, home: Path, streams: CapturedStreams) -> int:
    environment = {"CORT_DESKTOP_HOME": str(home), "SRV_KEY": "sk-canary-of-the-table", **case.environment}
    around = Surroundings(
        paths=Paths.from_environment(environment),
        environment=environment,
        redactor=Redactor(),
        clock=LoopClock(),
    )
    words = ["ask", "Why is the sky blue?", "--model", "srv/m", "--no-store", "--events", *case.arguments]
    options = parse(words, streams.stdin)
    assert isinstance(options, AskOptions)
    try:
        return await with_app(
            options, "Why is the sky blue?", lambda: open_app(around, with_defaults=False), streams
        )
    except CortError as error:
        return fail(error, streams)


def _words(err: str) -> str:
    """What stays on the screen at the end, without the progress before it."""
    lines = [line.strip() for line in err.splitlines() if line.strip()]
    return " / ".join(lines[-2:])


def _read(out: str) -> dict[str, Any]:
    events = [json.loads(line) for line in out.split("\n") if line.startswith("{")]
    attempts = Counter[str]()
    status, answer = "", None
    for event in events:
        if event["type"] == "attempt.failed":
            attempts[f"{event['error']['kind']} → {event['next'].replace('_', ' ')}"] += 1
        elif event["type"] == "run.finished":
            status, answer = event["status"], event["answer"]
    told = tuple(name if n == 1 else f"{n} x {name}" for name, n in attempts.items())
    return {"attempts": told, "status": status, "answer": answer}


def row(met: Met) -> str:
    """A line of the table, in Markdown."""
    calls = f"{met.requests}" + (f" + {met.spare_requests} elsewhere" if met.spare_requests else "")
    happened = "; ".join(met.attempts) or "no failed attempt"
    happened += f"; run {met.status}" if met.status else ""
    words = met.words.replace("|", "\\|")
    cells = [
        f"{met.case.row}",
        met.case.sent,
        happened,
        calls,
        f"{met.seconds:g} s",
        f"{met.exit_code}",
        words,
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Print the table; a case that goes another way than it says is marked."""
    print("| row | what was sent | what happened | requests | time | exit | the person reads |")  # noqa: T201
    print("|---|---|---|---|---|---|---|")  # noqa: T201
    wrong = 0
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            met = meet(case, Path(folder))
        found = case.differs(met.exit_code, met.requests, met.spare_requests)
        wrong += bool(found)
        print(row(met) + (f" **expected {found}**" if found else ""), flush=True)  # noqa: T201
    print(f"\n{len(CASES)} cases, {wrong} otherwise than expected.")  # noqa: T201
    sys.exit(min(1, wrong))


if __name__ == "__main__":
    main()
