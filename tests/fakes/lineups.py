"""Whole runs of a strategy over a line-up of scripted models. For tests only.

A script says what a call brings, by the node it is for; judges prefer what is long, unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget
from cort_desktop.domain.calls import ChatRequest
from cort_desktop.domain.ids import ModelRef, NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.engine.wishing import Wished
from tests.fakes.loops import run_virtual
from tests.fakes.models import Reply, ScriptedModel, handle, is_judge, longest_wins
from tests.fakes.runs import RUN, VIEW, Log, engine, started

A, B, C, D = (ModelRef(f"fake/{name}") for name in "abcd")
Script = Mapping[str, Reply]
"""What the calls of these nodes bring; all others answer well."""


def replying(script: Script) -> ScriptedModel:
    """A model that follows a script; what isn't in it is answered with a text of the node's own."""

    def reply(request: ChatRequest, nth: int) -> Reply:
        node = node_of(request)
        if node in script:
            return script[node]
        if is_judge(request):
            return Reply(text=longest_wins(request))
        return Reply(text=f"{node} says: " + f"{node.lower()} " * nth)

    return ScriptedModel(reply)


def node_of(request: ChatRequest) -> NodeName:
    """The node a request is for."""
    assert request.origin is not None
    return request.origin.node


def thought(
    strategy: str,
    lineup: Mapping[str, tuple[ModelRef, ...]],
    script: Script | None = None,
    *,
    budget: Budget | None = None,
    watch: Callable[[Any, ev.Event], None] | None = None,
    **sizes: Any,
) -> tuple[RunState, Log, ScriptedModel]:
    """A run to its end. ``watch`` hears the run and each of its events, and may steer it."""
    model = replying(script or {})
    log = Log()
    begun = started(strategy, budget=budget, **sizes)
    begun = replace(begun, spec=replace(begun.spec, lineup=dict(lineup)))

    async def main() -> RunState:
        run = engine(handle(model, concurrency=64)).start(RUN, begun, VIEW, log, {})
        if watch is not None:
            log._watch = lambda event: watch(run, event)
        await run.answer()
        return run.state

    return run_virtual(main()), log, model


def again(
    log: Log, node: str | None, script: Script | None = None, wished: Wished | None = None
) -> tuple[RunState, Log]:
    """The run of ``log`` taken up again after its end: a call that is tried again, or what else is wanted."""
    more = Log()

    async def main() -> RunState:
        state = RunState(RUN).fold(log.events)
        run = engine(handle(replying(script or {}), concurrency=64)).resume(
            state,
            VIEW,
            more,
            partials={},
            reopen=True,
            again=None if node is None else NodeName(node),
            wished=wished,
        )
        await run.answer()
        return run.state

    return run_virtual(main()), more


def failed(seconds: float = 1.0) -> Reply:
    """A call that fails for good."""
    return Reply(error="unavailable", seconds=seconds)


def cut(text: str) -> Reply:
    """An answer that ends at its token limit."""
    return Reply(text=text, finish="length")


def asked(model: ScriptedModel) -> list[NodeName]:
    """The nodes that were asked, in the order of their requests."""
    return [node_of(request) for request in model.requests]
