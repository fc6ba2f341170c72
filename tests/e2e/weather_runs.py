"""Whole runs against services that fail one call in five, each in a way of its own.

Models, adapters, transports and the retry loop are wired as the program wires them, with hedging and a
fallback; time is virtual, so that what hangs costs nothing. The services count what they are asked and what
they tell; afterwards the ledger of each run must say the same, and so must what is booked of it for the
months and their limits, hedged and cancelled attempts and all. ``packaging/soak/weather.py`` plays thousands,
the normal suite a few dozen.
"""

from __future__ import annotations

import asyncio
import gc
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import psutil

from cort_desktop.domain import events as ev
from cort_desktop.domain.bookings import Books, spend_of
from cort_desktop.domain.calendar import Calendar
from cort_desktop.domain.ids import ModelRef, RunId
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import RunSpec
from cort_desktop.engine.context import ContextView
from cort_desktop.engine.engine import Engine
from cort_desktop.engine.strategies import built_in
from cort_desktop.storage.database import Database
from cort_desktop.storage.spending import Spending
from tests.fakes.loops import EPOCH, LoopClock, run_virtual
from tests.fakes.models import CANDIDATE, RoughCounter, verdict_json
from tests.fakes.providers_desk import ProvidersDesk
from tests.fakes.replies import (
    DONE,
    Close,
    Hang,
    Reply,
    Reset,
    Step,
    Wait,
    body_reply,
    chat_reply,
    event,
    framed,
    json_reply,
    piece,
    status_reply,
    stream_head,
    stream_reply,
)
from tests.fakes.runs import Log, started
from tests.fakes.scripted_server import Request, ScriptedServer

REF = ModelRef("srv/m")
AT_ONCE = 8
PAUSE_S = 60.0
"""At most, between some runs and the next."""
IDLE_S = 600.0
"""After so long everything that closes by itself has closed."""
FAILS = 0.2
STOPPED = 0.03
LONGEST_S = 4 * 3600.0
SIZES: dict[str, dict[str, Any]] = {
    "single": {},
    "best_of_n": {"alternatives": 3, "judges": 1},
    "self_consistency": {"alternatives": 4},
    "cort": {"rounds": 1, "alternatives": 2, "judges": 1},
}
CONFIG = """
[providers.srv]
kind = "openai"
base_url = "{first}"
max_concurrency = 64
hedge = true
fallbacks = ["spare/m"]
[providers.spare]
kind = "openai"
base_url = "{second}"
[prices."srv/m"]
input = 1.0
output = 2.0
[prices."spare/m"]
input = 3.0
output = 5.0
"""
BUSY = {"error": {"code": 402, "message": "busy", "metadata": {"reason": "in_flight_budget_exhausted"}}}
_RUN = re.compile(r"\[run (\d+)\]")
_SPENT = {"prompt_tokens": 30, "completion_tokens": 10}


def _half(*then: Step) -> Reply:
    return [stream_head(), framed(event(piece("Half an "))), *then]


FAULTS: dict[str, Callable[[], Reply]] = {
    "500": lambda: status_reply(500),
    "502": lambda: body_reply("<html>Bad gateway</html>", status=502, content_type="text/html"),
    "503 later": lambda: status_reply(503, headers={"Retry-After": "2"}),
    "429": lambda: status_reply(429),
    "429 later": lambda: status_reply(429, headers={"Retry-After": "1"}),
    "529": lambda: status_reply(529),
    "402 in flight": lambda: json_reply(BUSY, status=402, headers={"Retry-After": "1"}),
    "408": lambda: status_reply(408),
    "404": lambda: status_reply(404),
    "a page": lambda: body_reply("<html>Log in</html>", content_type="text/html"),
    "error with 200": lambda: json_reply({"error": {"code": 502, "message": "upstream"}}),
    "reset": lambda: [Reset()],
    "closed": lambda: [Close()],
    "hangs": lambda: [Hang()],
    "comments": lambda: [stream_head(), framed(b": wait\n\n"), Hang()],
    "breaks": lambda: _half(Close()),
    "is reset": lambda: _half(Wait(0.01), Reset()),
    "stalls": lambda: _half(Hang()),
    "error inside": lambda: _half(framed(event({"error": {"message": "broke"}})), Hang()),
    "garbage": lambda: [stream_head(), framed(b"data: {nonsense\n\n"), Hang()],
    "empty": lambda: stream_reply(
        [event(piece(finish="stop")), event({"choices": [], "usage": _SPENT}), DONE]
    ),
}


class Level(NamedTuple):
    """What the process holds between two waves of runs."""

    mebibytes: float
    descriptors: int
    tasks: int


@dataclass(slots=True)
class Tally:
    """What was seen. ``levels``: after so many runs."""

    ends: Counter[str] = field(default_factory=Counter)
    faults_sent: Counter[str] = field(default_factory=Counter)
    whys: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    tokens: int = 0
    cost_microusd: int = 0
    calls: int = 0
    virtual_s: float = 0.0
    levels: dict[int, Level] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @property
    def spent(self) -> tuple[int, int, int]:
        """Tokens, micro-dollars and calls, by the ledgers of all runs."""
        return self.tokens, self.cost_microusd, self.calls

    def lines(self) -> list[str]:
        """In words."""
        levels = [
            f"after {runs}: {level.mebibytes:.1f} MiB, {level.descriptors} descriptors, {level.tasks} tasks"
            for runs, level in self.levels.items()
        ]
        return [
            f"ends: {dict(self.ends)}",
            f"attempts: {dict(self.whys)}",
            f"{self.requests} requests, {sum(self.faults_sent.values())} faults: {dict(self.faults_sent)}",
            f"{self.tokens} tokens, {self.cost_microusd / 1e6:.4f} USD, {self.virtual_s / 3600:.1f} h",
            *levels,
        ]


class Services:
    """The two services: what they were asked and what they told, by run."""

    def __init__(self, seed: int, tally: Tally) -> None:
        self._random = Random(seed)
        self._tally = tally
        self.requests: Counter[int] = Counter()
        self.tokens: Counter[int] = Counter()

    def script(self, request: Request) -> Reply:
        found = _RUN.search(request.prompt)
        assert found is not None
        run = int(found[1])
        self.requests[run] += 1
        self._tally.requests += 1
        if self._random.random() < FAILS:
            name = self._random.choice(sorted(FAULTS))
            self._tally.faults_sent[name] += 1
            if name == "empty":
                self.tokens[run] += sum(_SPENT.values())
            return FAULTS[name]()
        self.tokens[run] += sum(_SPENT.values())
        return self._answer(request)

    def _answer(self, request: Request) -> Reply:
        prompt = request.messages[-1]["content"]
        labels = [label for label, _ in re.findall(CANDIDATE, prompt)] if '"ranking"' in prompt else []
        text = (
            verdict_json([[label] for label in labels]) if labels else f"Answer: {self._random.choice('AAB')}"
        )
        slow = self._random.random() < 0.03
        delay_s = self._random.uniform(10, 30) if slow else self._random.uniform(0.1, 1)
        return chat_reply(text, first_delay=delay_s, delay=0.01, usage=_SPENT)


def play(folder: Path, runs: int, seed: int, *, told: Callable[[int], None] = lambda _: None) -> Tally:
    """Play so many runs, AT_ONCE at a time. ``told`` of the number done now and then."""
    tally = Tally()
    run_virtual(_play(folder, runs, seed, tally, told))
    return tally


async def _play(folder: Path, runs: int, seed: int, tally: Tally, told: Callable[[int], None]) -> None:
    before = await _level()
    await _play_all(folder, runs, seed, tally, told)
    after = await _level()
    if after.descriptors > before.descriptors or after.tasks > before.tasks:
        tally.faults.append(f"something was left open: {before} before, {after} after")


async def _play_all(folder: Path, runs: int, seed: int, tally: Tally, told: Callable[[int], None]) -> None:
    services = Services(seed, tally)
    random = Random(seed + 1)
    async with (
        ScriptedServer(services.script) as first,
        ScriptedServer(services.script) as second,
        _books(folder, tally) as books,
    ):
        config = CONFIG.format(first=first.base_url, second=second.base_url)
        async with ProvidersDesk(folder, config) as desk:
            engine = Engine(
                strategies=built_in(), models=desk.models.handle, clock=LoopClock(), tokens=RoughCounter()
            )
            for begin in range(0, runs, AT_ONCE):
                await asyncio.sleep(random.uniform(1, PAUSE_S))
                numbers = range(begin, min(runs, begin + AT_ONCE))
                await asyncio.gather(
                    *(_run(engine, number, random, services, books, tally) for number in numbers)
                )
                _forget(first, second)
                done = numbers[-1] + 1
                if done % 200 == 0 or done == runs:
                    tally.levels[done] = await _level()
                    told(done)
            for health in desk.models.health():
                if health.running or health.waiting:
                    tally.faults.append(f"{health.provider} still has {health.running} running")
    tally.virtual_s = asyncio.get_running_loop().time() - 1000.0


def _begun(number: int, strategy: str) -> ev.RunStarted:
    spec = RunSpec(
        **SIZES[strategy],
        lineup={"proposer": (REF,), "judge": (REF,), "router": (REF,)},
        seed=number,
        max_tokens=100,
    )
    question = f"[run {number}] Why is the sky blue?"
    return replace(started("single"), question=question, strategy=strategy, spec=spec)


@asynccontextmanager
async def _books(folder: Path, tally: Tally) -> AsyncIterator[Spending]:
    """What was spent in a real database; at the end its sums are compared with the ledgers'."""
    database = Database.open(folder / "data", clock=LoopClock(), calendar=Calendar(zone=UTC))
    try:
        yield (books := Spending(database))
        total = books.total(month=f"{EPOCH:%Y-%m}")
        if (total.usage.total, total.booked_microusd, total.calls) != tally.spent:
            tally.faults.append(f"{total} is booked, the ledgers say {tally.spent}")
    finally:
        database.close()


def _book(state: RunState, log: Log, books: Spending) -> str:
    """Book a run as its events are stored; in words what its ledger says otherwise."""
    follower = Books(RunState(state.run))
    bookings = [found for event in log.events if (found := follower.take(event)) is not None]
    if bookings:
        books.book(bookings).result()
    booked, ledger = books.of_run(state.run), spend_of(state.spent)
    return "" if booked == ledger else f"{booked} is booked, the ledger says {ledger}"


async def _run(
    engine: Engine, number: int, random: Random, services: Services, books: Spending, tally: Tally
) -> None:
    log, begun = Log(), _begun(number, random.choice(sorted(SIZES)))
    view = ContextView(system=None, turns=(), question=begun.question)
    going = engine.start(RunId(f"run-{number}"), begun, view, log, {})
    stop = None
    if random.random() < STOPPED:
        word = ev.UserEvent(verb="stopped")
        stop = asyncio.get_running_loop().call_later(random.uniform(0, 5), going.steer, word)
    try:
        async with asyncio.timeout(LONGEST_S):
            await going.answer()
    except TimeoutError:
        tally.faults.append(f"run {number} ({begun.strategy}) hung")
        return
    finally:
        if stop is not None:
            stop.cancel()
    for attempt in log.bodies(ev.AttemptStarted):
        tally.whys[attempt.why] += 1
    _judge(going.state, log, number, services, tally)
    if words := _book(going.state, log, books):
        tally.faults.append(f"run {number}: {words}")


def _judge(state: RunState, log: Log, number: int, services: Services, tally: Tally) -> None:
    """Whether a run ended clearly, and its ledger agrees with what the services counted."""
    end = state.finished
    assert end is not None
    tally.ends[end.status] += 1
    tally.tokens += state.spent.usage.total
    tally.cost_microusd += state.spent.booked_microusd
    tally.calls += state.spent.calls

    def fault(words: str) -> None:
        tally.faults.append(f"run {number} ({state.strategy}, {end.status}): {words}")

    if end.status in ("complete", "degraded") and not (end.answer or "").strip():
        fault("no answer")
    if end.status == "failed" and not all(
        n.error and str(n.error.message) for n in state.nodes.values() if n.status == "failed"
    ):
        fault("a failure without words")
    if any(node.open_attempts for node in state.nodes.values()):
        fault("an attempt without an end")
    if RunState(state.run).fold(log.events).spent != state.spent:
        fault("the log tells another ledger")
    cancelled = len(log.bodies(ev.AttemptCancelled))
    sent, told = services.requests.pop(number, 0), services.tokens.pop(number, 0)
    if not sent <= state.spent.calls <= sent + cancelled:
        fault(f"{state.spent.calls} calls in the ledger, {sent} at the services, {cancelled} cancelled")
    if not cancelled and state.spent.usage.total != told:
        fault(f"{state.spent.usage.total} tokens in the ledger, {told} at the services")
    if state.spent.usage.total > told:
        fault("more tokens than were told")


def _forget(*servers: ScriptedServer) -> None:
    """A server of a test remembers everything; this one would grow."""
    for server in servers:
        server.requests.clear()
        server.connections[:] = [each for each in server.connections if each.open]


async def _level() -> Level:
    await asyncio.sleep(IDLE_S)
    gc.collect()
    process = psutil.Process()
    return Level(process.memory_info().rss / 2**20, process.num_fds(), len(asyncio.all_tasks()))
