"""Independent samples of round 1 (``R1.A1`` …), as best-of-N and self-consistency draw them."""

from __future__ import annotations

from cort_desktop.domain.ids import NodeName, candidate_name
from cort_desktop.domain.run import RunState
from cort_desktop.engine.decisions import Job, Start, Task
from cort_desktop.engine.strategies.base import MOST_STARTS, pick_model

ROUND = 1


def sample_job(state: RunState, index: int, task: Task) -> Job:
    """The ``index``-th sample (from 1); each is a call of its own with a number of its own."""
    return Job(
        name=candidate_name(ROUND, index),
        task=task,
        role="proposer",
        kind="sample",
        move="fresh",
        round=ROUND,
        model=pick_model(state.spec, "proposer", index - 1),
        sample=index,
    )


def sample_starts(state: RunState, wanted: int, task: Task) -> list[Start]:
    """Starts for the samples up to ``wanted`` that are not asked yet, those to be asked again first."""
    names = state.rounds[ROUND].candidates if ROUND in state.rounds else []
    again = [i for i, name in enumerate(names, 1) if state.nodes[name].may_ask_again]
    fresh = range(len(names) + 1, wanted + 1)
    indexes = [*again, *fresh][:MOST_STARTS]
    return [Start(job=sample_job(state, index, task)) for index in indexes]


def samples_running(state: RunState) -> bool:
    """Whether any sample that judges will be shown is still under way."""
    return any(node.role == "proposer" and not node.is_late for node in state.running.values())


def first_whole(state: RunState, names: list[NodeName]) -> NodeName | None:
    """The first of ``names`` that was not cut at the token limit, else the first."""
    whole = (name for name in names if state.nodes[name].finish != "length")
    return next(whole, names[0] if names else None)
