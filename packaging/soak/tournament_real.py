"""A real tournament with the built-in model: its log replays to what it was, and from each of ten random
prefixes of its commits the run is resumed to an end, and nothing that was answered is asked again.

Resumed with the real model too, so it takes half an hour on a slow machine.
"""

import asyncio
import random
import tempfile
import time
from pathlib import Path

from cort_desktop.domain import events as ev
from cort_desktop.domain.run import RunState
from cort_desktop.providers.builtin import BuiltinModel
from devtools.console import say
from tests.fakes.builtin import opened
from tests.fakes.real_contest import real_engine, tournament, view
from tests.fakes.runs import RUN, Log, snapshot

ROUNDS = 1
PREFIXES = 10
LONGEST_ANSWER = 48


def soak(rounds: int) -> list[str]:
    """One run a round, say what was seen; one sentence for every time something did not hold."""
    seed = time.time_ns() % 1_000_000
    say(f"seed: {seed}")
    return [fault for number in range(rounds) for fault in asyncio.run(_round(seed + number))]


async def _round(seed: int) -> list[str]:
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        async with opened(Path(folder)) as model:
            log = Log()
            run = real_engine(model).start(
                RUN, tournament(seed=seed, max_tokens=LONGEST_ANSWER), view(), log, {}
            )
            await run.answer()
            _tell("the run", run.state)
            if snapshot(RunState(RUN).fold(log.events)) != snapshot(run.state):
                faults.append("the replayed run differs from the live one")
            chance = random.Random(seed)
            commits = range(1, len(log.batches))
            for cut in sorted(chance.sample(commits, min(PREFIXES, len(commits)))):
                prefix = [event for batch in log.batches[:cut] for event in batch]
                faults += await _resumed(model, prefix, f"from commit {cut} of {len(log.batches)}")
    return faults


async def _resumed(model: BuiltinModel, prefix: list[ev.Event], where: str) -> list[str]:
    before = RunState(RUN).fold(prefix)
    if before.finished is not None:
        return []
    answered = {node.name for node in before.nodes.values() if node.status == "finished"}
    in_flight = set(before.running)
    more = Log()
    run = real_engine(model).resume(before, view(), more, partials={}, reopen=False)
    await run.answer()
    asked = {body.node for body in more.bodies(ev.NodeStarted)}
    _tell(f"{where}: {len(answered)} answered, {len(in_flight)} in flight, {len(asked)} asked", run.state)
    faults = []
    if asked & answered:
        faults.append(f"{where}: {', '.join(sorted(asked & answered))} asked again")
    if not in_flight <= asked and run.state.finished is not None and run.state.finished.status == "complete":
        faults.append(f"{where}: {', '.join(sorted(in_flight - asked))} was lost and not asked again")
    if snapshot(RunState(RUN).fold([*prefix, *more.events])) != snapshot(run.state):
        faults.append(f"{where}: the replayed run differs from the live one")
    return faults


def _tell(what: str, state: RunState) -> None:
    end = state.finished
    if end is None:
        say(f"{what}: it did not end")
        return
    unread = sum(verdict.parsed_by == "abstained" for verdict in state.verdicts.values())
    say(
        f"{what}: {end.status} by {end.reason.rule} after {len(state.nodes)} calls, "
        f"{end.usage.total:,} tokens, {end.seconds:.0f} s; {end.answer_node} answers; "
        f"{len(state.verdicts)} verdicts, {unread} unread. {end.reason.text}"
    )
