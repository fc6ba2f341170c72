"""Whole runs whose models answer at once: what is left is the engine's own work. Shared by the engine's
figures.
"""

import asyncio
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from cort_desktop.adapters.clock import SystemClock
from cort_desktop.domain import events as ev
from cort_desktop.domain.calls import ChatRequest
from cort_desktop.domain.ids import Blob
from cort_desktop.domain.messages import user
from cort_desktop.engine.engine import Engine
from cort_desktop.engine.strategies import built_in
from cort_desktop.storage.conversations import Conversations
from cort_desktop.storage.database import Database
from cort_desktop.storage.run_log import RunLog
from tests.fakes.models import Reply, RoughCounter, ScriptedModel, handle, is_judge, judged, verdict_json
from tests.fakes.runs import RUN, VIEW, started


class Timed(NamedTuple):
    """What a run took of the processor on the loop's thread: what others do on this machine, the writer's
    thread among them, is not in it. Opening and closing the database isn't either.
    """

    seconds: float
    calls: int
    events: int


class Instant(ScriptedModel):
    """A scripted model that keeps no requests and takes no time."""

    def __init__(self) -> None:
        super().__init__(_reply)


def _reply(request: ChatRequest, _nth: int) -> Reply:
    if is_judge(request):
        return Reply(text=verdict_json([[label] for label, _ in judged(request)]), seconds=0)
    return Reply(text="An answer of ordinary length, about one line of text.", seconds=0)


async def handed_over(rounds: int) -> Timed:
    """A run of `cort` with three challengers and one judge a round, every event handed to a real log."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database.open(Path(folder), clock=SystemClock())
        begun = started("cort", rounds=rounds, alternatives=3)
        await asyncio.wrap_future(
            Conversations(database).start_turn(
                conversation=begun.conversation, turn=begun.turn, run=RUN, question="q", strategy="cort"
            )
        )
        log = RunLog(database)
        count = 0

        def emit(batch: Sequence[ev.Event], texts: Mapping[Blob, str]) -> None:
            nonlocal count
            count += len(batch)
            log.append(batch, texts)

        model = handle(Instant())
        engine = Engine(
            strategies=built_in(), models=lambda _: model, clock=SystemClock(), tokens=RoughCounter()
        )
        before = time.thread_time()
        run = engine.start(RUN, begun, VIEW, emit, {})
        await run.answer()
        seconds = time.thread_time() - before
        database.close()
    return Timed(seconds, run.state.spent.calls, count)


async def model_alone(calls: int) -> None:
    """The same number of answers, asked without the engine."""
    model = Instant()
    messages = (user("Why is the sky blue?"),)
    request = ChatRequest(model=handle(model).profile.ref, messages=messages, max_tokens=9, temperature=0)
    for _ in range(calls):
        await model.complete(request, lambda _: None)
