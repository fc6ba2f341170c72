"""The text a run ends with, written out of the answers of its round (``S``): by an aggregator or a chairman,
with a stand-in where that one brings none (``S2``).

It is a round of its own behind the one it is made of: nothing is judged in it. What it is asked, and who
stands without it, is its strategy's.
"""

from __future__ import annotations

from dataclasses import dataclass

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import FINAL, STAND_IN, ModelRef, NodeName
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import RunSpec
from cort_desktop.engine.decisions import Decision, Job, Start, Task
from cort_desktop.engine.panel import round_missing
from cort_desktop.engine.strategies.base import Calls, models_for

FINAL_ROUND = 2
"""The round of the final text, behind that of the answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be written: the prompt, what doing it is called, the texts it is made of in the order shown,
    what judges said of the first, and whom it follows in the tree.
    """

    task: Task
    move: str
    saw: tuple[NodeName, ...]
    parent: NodeName | None = None
    flaws: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """How far the text is: decisions until it is settled (perhaps none: wait), then the node that has it;
    without a node nobody could write it.
    """

    decisions: tuple[Decision, ...] | None = None
    node: NodeName | None = None


def writing(state: RunState, order: Order) -> Writing:
    """The next step towards the final text. A stand-in is asked where the first call failed or brought
    nothing; not where a person stopped it.
    """
    names = (FINAL, STAND_IN)[: len(writers(state.spec))]
    for name in names:
        node = state.nodes.get(name)
        if node is None or node.may_ask_again:
            return Writing(decisions=(Start(job=_job(state, order, name)),))
        if node.status == "running":
            return Writing(decisions=())
        if node.is_candidate:
            return Writing(node=name)
        if name in state.dropped:
            break
    return Writing()


def final_text(state: RunState) -> Node | None:
    """The final text there is; None while there is none, or where it was taken out."""
    names = (name for name in (FINAL, STAND_IN) if name in state.nodes and name not in state.out)
    return next((node for name in names if (node := state.nodes[name]).is_candidate), None)


def final_calls(spec: RunSpec, seen: int) -> Calls:
    """The final text, for the estimate; at most with that of the stand-in."""
    return Calls(role="synthesizer", low=1, high=len(writers(spec)), seen=seen)


def concluded(state: RunState, standing: NodeName) -> ev.RoundFinished:
    """The end of the final text's round: that text, or who stands without it."""
    is_kept = state.nodes[standing].role != "synthesizer"
    missing = round_missing(state, FINAL_ROUND)
    return ev.RoundFinished(round=FINAL_ROUND, winner=standing, kept=is_kept, missing=missing)


def writers(spec: RunSpec) -> tuple[ModelRef, ...]:
    """Who writes it, and who stands in: the synthesizers that were named, then the models that answer; of one
    model alone there is no stand-in.
    """
    models = dict.fromkeys((*models_for(spec, "synthesizer"), *spec.lineup["proposer"]))
    return tuple(models)[:2]


def _job(state: RunState, order: Order, name: NodeName) -> Job:
    return Job(
        name=name,
        task=order.task,
        role="synthesizer",
        kind="synthesis",
        move=order.move,
        round=FINAL_ROUND,
        model=writers(state.spec)[int(name == STAND_IN)],
        parents=() if order.parent is None else (order.parent,),
        saw=order.saw,
        flaws=order.flaws,
        sample=1,
    )
