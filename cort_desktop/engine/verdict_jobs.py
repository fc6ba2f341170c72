"""From a judge that is to be asked to its verdict: asked, and asked again when that is wanted; a reply that
can't be read is restated once by a cheap call, and after that the judge has abstained.

Who judges whom is ``panel.py``; reading a reply is ``replies.py``.
"""

from __future__ import annotations

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import NodeName, call_name
from cort_desktop.domain.run import RunState
from cort_desktop.engine import judging
from cort_desktop.engine.decisions import Decision, Job, Record, Start


def pending(state: RunState, jobs: list[Job]) -> tuple[Decision, ...] | None:
    """Decisions until every job has its verdict or has failed; None when there is nothing left to wait
    for.
    """
    decisions: list[Decision] = []
    waiting = False
    outside = state.calls_outside_rounds
    for job in jobs:
        node = state.nodes.get(job.name)
        if node is None or node.may_ask_again:
            decisions.append(Start(job=job))
        elif node.status == "running":
            waiting = True
        elif node.status == "finished" and state.verdict_of(job.name) is None:
            step = _repair(state, job, call_name(outside + 1))
            outside += any(isinstance(each, Start) and each.job.name not in state.nodes for each in step)
            decisions.extend(step)
            waiting = waiting or not step
    return tuple(decisions) if decisions or waiting else None


def _repair(state: RunState, job: Job, new_name: NodeName) -> list[Decision]:
    """One cheap call that restates an unreadable verdict; when that fails too, the judge abstained.

    A reply that names no candidate holds no verdict: asked to restate it, a model would make one up.
    """
    said = state.nodes[job.name].text.lower()
    if not any(label in said for label in judging.labels_of(state, job.saw)):
        return [Record(body=abstention(state, job))]
    name = state.repairs.get(job.name)
    node = None if name is None else state.nodes[name]
    if node is None or node.may_ask_again:
        if state.is_closing:
            return [Record(body=abstention(state, job))]
        repair = Job(
            name=name or new_name,
            task="repair",
            role="judge",
            model=job.model,
            parents=(job.name,),
            saw=(job.name,),
            purpose=job.purpose,
            repairs=job.name,
            wish=job.wish,
            criteria=job.criteria,
        )
        return [Start(job=repair)]
    if node.status == "running":
        return []
    return [Record(body=abstention(state, job))]


def abstention(state: RunState, job: Job) -> ev.Verdict:
    """The verdict of a judge whose reply could not be read."""
    node = state.nodes[job.name]
    return ev.Verdict(
        node=job.name,
        round=job.round,
        purpose=job.purpose or "panel",
        model=node.served_model or node.model,
        order=job.saw,
        labels=judging.labels_of(state, job.saw),
        excluded=job.excluded,
        weight=0.0,
        parsed_by="abstained",
        raw=node.text,
    )
