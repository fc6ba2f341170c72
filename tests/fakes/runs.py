"""Whole runs of the engine on virtual time, for tests of its laws."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget, Estimate
from cort_desktop.domain.ids import Blob, ConversationId, RunId, TurnId
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import RunSpec
from cort_desktop.engine.context import ContextView
from cort_desktop.engine.engine import Engine, Run
from cort_desktop.engine.lineup import ModelHandle
from cort_desktop.engine.strategies import built_in
from tests.fakes.loops import LoopClock
from tests.fakes.models import MODEL, RoughCounter

RUN = RunId("run-1")
QUESTION = "Why is the sky blue?"
VIEW = ContextView(system=None, turns=(), question=QUESTION)
SIZES: dict[str, dict[str, Any]] = {
    "single": {},
    "best_of_n": {"alternatives": 4, "judges": 3},
    "self_consistency": {"alternatives": 8},
    "cort": {"rounds": None, "alternatives": 2, "judges": 1},
    "tournament": {"rounds": 3, "alternatives": 2, "judges": 2},
    "balanced": {"alternatives": 3, "judges": 1},
    "mixture_of_agents": {"alternatives": 3},
    "council": {"alternatives": 3},
    "debate": {"rounds": 2, "judges": 2},
    "universal_self_consistency": {"alternatives": 4},
    "self_refine": {"rounds": 2, "judges": 1},
    "recursive_self_aggregation": {"rounds": 2, "alternatives": 3, "judges": 2},
    "auto": {"alternatives": 3, "judges": 1},
    "ab_mcts": {"alternatives": 5, "judges": 2, "settings": {"batch": 2}},
}
"""A small size of every strategy."""


class Log:
    """An ``emit`` that keeps the stored events, the pieces of text and the blobs."""

    def __init__(self, watch: Callable[[ev.Event], None] = lambda _: None) -> None:
        self.events: list[ev.Event] = []
        self.batches: list[list[ev.Event]] = []
        self.deltas: list[ev.Event] = []
        self.texts: dict[Blob, str] = {}
        self._watch = watch

    def __call__(self, batch: Sequence[ev.Event], texts: Mapping[Blob, str]) -> None:
        stored = [event for event in batch if event.seq is not None]
        self.deltas.extend(event for event in batch if event.seq is None)
        self.events.extend(stored)
        if stored:
            self.batches.append(stored)
        self.texts.update(texts)
        for event in batch:
            self._watch(event)

    def bodies(self, kind: type) -> list[Any]:
        """The bodies of one type, in order."""
        return [event.body for event in self.events if isinstance(event.body, kind)]


def engine(handle: ModelHandle) -> Engine:
    """An engine whose every model is ``handle``."""
    return Engine(strategies=built_in(), models=lambda _: handle, clock=LoopClock(), tokens=RoughCounter())


def started(strategy: str, *, budget: Budget | None = None, seed: int = 0, **numbers: Any) -> ev.RunStarted:
    """The first event of a run of ``strategy`` in a small size."""
    return ev.RunStarted(
        conversation=ConversationId("c"),
        turn=TurnId("t"),
        question=QUESTION,
        strategy=strategy,
        spec=RunSpec(
            **(SIZES[strategy] | numbers),
            lineup={"proposer": (MODEL,), "judge": (MODEL,)},
            seed=seed,
            max_tokens=100,
        ),
        budget=budget or Budget(),
        estimate=Estimate(calls_low=1, calls_high=1, tokens_low=1, tokens_high=1),
        app="test",
        prompts="test",
    )


def begin(handle: ModelHandle, strategy: str, log: Log, **options: Any) -> Run:
    """A run that has started and asked nothing yet."""
    return engine(handle).start(RUN, started(strategy, **options), VIEW, log, {})


async def finish(handle: ModelHandle, strategy: str, log: Log, **options: Any) -> RunState:
    """A whole run; its live state."""
    going = begin(handle, strategy, log, **options)
    await going.answer()
    return going.state


def snapshot(state: RunState) -> dict[str, Any]:
    """Everything a state holds, comparable."""
    plain = {key: value for key, value in vars(state).items() if key != "rounds"}
    rounds = {n: (r.candidates, r.judges, r.result) for n, r in state.rounds.items()}
    return plain | {"rounds": rounds}
