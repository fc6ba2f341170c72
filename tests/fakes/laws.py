"""What must hold of every run of every strategy, checked in one place for the tests of the laws."""

from __future__ import annotations

from typing import Any

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.run import RunState
from tests.fakes.loops import run_virtual
from tests.fakes.models import good_model, handle
from tests.fakes.runs import RUN, VIEW, Log, engine, snapshot


def seeds(number: int) -> list[Any]:
    """The seeds of a law that is played over every strategy: every fourth one each time, the others where
    endurance is asked for.
    """
    return [
        seed if seed % 4 == 0 else pytest.param(seed, marks=pytest.mark.endurance) for seed in range(number)
    ]


def check_resumable(prefix: list[ev.Event], seed: int) -> Log:
    """A run that crashed after ``prefix`` goes on to its end, asks nothing twice, and replays to what it
    was; what was added.
    """
    before = RunState(RUN).fold(prefix)
    answered = {node.name for node in before.nodes.values() if node.status == "finished"}
    in_flight = set(before.running)
    more = Log()

    async def go_on() -> RunState:
        state = RunState(RUN).fold(prefix)
        going = engine(handle(good_model(seed))).resume(state, VIEW, more, partials={}, reopen=False)
        await going.answer()
        return going.state

    state = run_virtual(go_on())
    assert state.finished is not None
    asked = {body.node for body in more.bodies(ev.NodeStarted)}
    assert not asked & answered
    assert set(more.bodies(ev.RunResumed)[0].lost) == in_flight
    assert {b.node for b in more.bodies(ev.NodeCancelled) if b.by == "crash"} == in_flight
    replayed = RunState(RUN).fold([*prefix, *more.events])
    assert snapshot(replayed) == snapshot(state)
    return more
