"""Independent samples of round 1 (``R1.A1`` …), as best-of-N and self-consistency draw them."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from cort_desktop.domain.ids import NodeName, candidate_name
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.domain.wishes import Wish
from cort_desktop.engine.decisions import Job, Start, Task
from cort_desktop.engine.strategies.base import (
    MOST_STARTS,
    free_indexes,
    index_of,
    pick_model,
    wished_for,
)

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
    """Starts for the samples up to ``wanted`` that are not asked yet, those to be asked again first; then for
    those that a person wants besides.
    """
    nodes = samples(state)
    free = free_indexes(nodes)
    jobs = [_again(state, node, task) for node in nodes if node.may_ask_again]
    plain = wanted - sum(node.wish is None for node in nodes)
    jobs += [sample_job(state, index, task) for index in islice(free, max(0, plain))]
    jobs += [_wished(state, wish, next(free), task) for wish in wished_for(state, ROUND)]
    return [Start(job=job) for job in jobs[:MOST_STARTS]]


def samples(state: RunState) -> list[Node]:
    """The samples that were asked for, in the order in which they were."""
    names = state.rounds[ROUND].candidates if ROUND in state.rounds else []
    return [node for name in names if (node := state.nodes[name]).role == "proposer"]


def _again(state: RunState, node: Node, task: Task) -> Job:
    wish = next((wish for wish in state.wishes if wish.number == node.wish), None)
    index = index_of(node.name)
    return sample_job(state, index, task) if wish is None else _wished(state, wish, index, task)


def _wished(state: RunState, wish: Wish, index: int, task: Task) -> Job:
    """A sample that a person wants, from the model they chose; by another way when they said so."""
    plain = sample_job(state, index, task)
    job = replace(plain, wish=wish.number, model=wish.models[0] if wish.models else plain.model)
    if wish.move != "other_method":
        return job
    return replace(job, task="other_method", kind="other_method", move="other_method")


def samples_running(state: RunState) -> bool:
    """Whether any sample that judges will be shown is still under way."""
    return any(node.role == "proposer" and not node.is_late for node in state.running.values())


def first_whole(state: RunState, names: list[NodeName]) -> NodeName | None:
    """The first of ``names`` that was not cut at the token limit, else the first."""
    whole = (name for name in names if state.nodes[name].finish != "length")
    return next(whole, names[0] if names else None)
