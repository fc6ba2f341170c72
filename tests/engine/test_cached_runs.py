"""Whole runs around a cached model: no call of a run is ever taken for another one's, and the same run again
sends nothing, over every strategy.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget
from cort_desktop.domain.ids import NodeName, RunId
from cort_desktop.domain.run import RunState
from cort_desktop.resilience.reply_key import key_of
from tests.fakes.kept_runs import Kept, ran
from tests.fakes.loops import run_virtual
from tests.fakes.models import good_model
from tests.fakes.runs import SIZES, VIEW, Log, engine, started

STRATEGIES = sorted(SIZES)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_no_call_of_a_run_is_taken_for_another(strategy: str) -> None:
    kept = Kept(good_model())
    log = Log()
    state = run_virtual(ran(kept.handle, strategy, "one", log))
    keys = [key_of(request, "service") for request in kept.model.requests]
    assert len(set(keys)) == len(keys) == state.spent.calls
    assert not any(node.cached for node in state.nodes.values())


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_same_run_again_sends_nothing(strategy: str) -> None:
    kept = Kept(good_model())

    async def main() -> tuple[RunState, RunState]:
        one = await ran(kept.handle, strategy, "one", Log())
        tight = Budget(calls=one.spent.calls)  # what is held for a hit is given back at once
        return one, await ran(kept.handle, strategy, "two", Log(), budget=tight)

    one, two = run_virtual(main())
    assert len(kept.model.requests) == one.spent.calls
    assert one.finished is not None
    assert two.finished is not None
    assert (two.finished.answer, two.finished.status) == (one.finished.answer, one.finished.status)
    assert (two.finished.calls, two.finished.cost_microusd, two.finished.usage.total) == (0, 0, 0)
    assert two.nodes.keys() == one.nodes.keys()
    for name, node in two.nodes.items():
        made = one.nodes[name]
        assert (node.cached, node.attempts, node.text) == (True, 0, made.text)
        assert node.saved_microusd == made.cost_microusd
    assert two.limits == {}


def test_two_equal_runs_at_once_share_their_calls() -> None:
    kept = Kept(good_model())

    async def main() -> list[RunState]:
        return await asyncio.gather(*(ran(kept.handle, "best_of_n", f"run{n}", Log()) for n in range(3)))

    states = run_virtual(main())
    assert len(kept.model.requests) == 7
    assert len({state.finished.answer for state in states if state.finished is not None}) == 1
    assert sum(state.spent.calls for state in states) == 7


@pytest.mark.parametrize("cache", ["renew", "off"])
def test_a_run_that_wants_new_answers_gets_them(cache: str) -> None:
    kept = Kept(good_model())

    async def main() -> RunState:
        await ran(kept.handle, "best_of_n", "one", Log())
        return await ran(kept.handle, "best_of_n", "two", Log(), cache=cache)

    state = run_virtual(main())
    assert len(kept.model.requests) == 14
    assert not any(node.cached for node in state.nodes.values())


def test_a_hit_is_told_as_text_at_once_and_nothing_more() -> None:
    kept = Kept(good_model())

    async def main() -> tuple[Log, RunState]:
        await ran(kept.handle, "single", "one", Log())
        log = Log()
        return log, await ran(kept.handle, "single", "two", log)

    log, state = run_virtual(main())
    kinds = [event.type for event in log.events]
    assert kinds == ["run.started", "node.started", "node.finished", "run.finished"]
    node = state.nodes[NodeName("D")] if "D" in state.nodes else state.nodes[NodeName("R1.A1")]
    assert "".join(d.body.text for d in log.deltas if isinstance(d.body, ev.NodeDelta)) == node.text
    assert node.seconds is not None
    assert node.seconds < 0.1


def test_a_call_that_a_person_wants_again_is_asked_anew() -> None:
    """It may have been answered elsewhere meanwhile; trying again still means asking."""
    kept = Kept(good_model())

    async def main() -> RunState:
        one = await ran(kept.handle, "best_of_n", "one", Log())
        first = started("best_of_n")
        first = replace(first, spec=replace(first.spec, cache="use"))
        going = engine(kept.handle).start(RunId("two"), first, VIEW, Log(), {})
        going.record([ev.UserEvent(verb="retry", node=NodeName("R1.A2"))])
        await going.answer()
        assert one.finished is not None
        return going.state

    state = run_virtual(main())
    cached = {name: node.cached for name, node in state.nodes.items() if node.role == "proposer"}
    assert cached == {"R1.A1": True, "R1.A2": False, "R1.A3": True, "R1.A4": True}
