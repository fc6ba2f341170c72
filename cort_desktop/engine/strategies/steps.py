"""A population that goes on from step to step: who belongs to it, when a further step would not pay, and how
many steps the budget holds.

Pure, over the fold; each step is a round. How its members come about and how one of the last is picked is the
strategy's (``recursive_self_aggregation.py``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import fmean

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.engine import fallback, orders, thrift, verifying
from cort_desktop.engine.chance import shuffled
from cort_desktop.engine.decisions import Record
from cort_desktop.engine.similarity import ALIKE, nearest
from cort_desktop.engine.strategies import voting
from cort_desktop.engine.strategies.base import settled_candidates

LEAST_MEMBERS = 2
"""Fewer can't be written from each other; a short budget takes steps away before that."""


MOST_FINALISTS = orders.MOST_ON_A_PANEL
MOST_COMPARED = 12
"""Of more than these, texts are not compared with each other: those are drawn by lot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Why no further step is taken: a rule's name and a sentence."""

    rule: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The size a run was begun with. judges: 0 where members vote."""

    members: int
    judges: int
    steps: int


def population(state: RunState, number: int) -> list[Node]:
    """The whole answers of a step; where it has none those of the step before, and only where all that ever
    came were cut at the token limit those.
    """
    own: list[Node] = []
    for step in range(number, 0, -1):
        found = settled_candidates(state, step)
        whole = [node for node in found if node.finish != "length"]
        if whole:
            return whole
        own = own or found
    return own


def sources(state: RunState, number: int) -> list[NodeName]:
    """Whom the next step's members may be written from: nobody whom a verifier puts behind others."""
    return list(verifying.foremost(state, [node.name for node in population(state, number)]))


def finalists(state: RunState, number: int) -> list[Node]:
    """Those of a step that judges compare, in sample order: all of a few; of many those that have most in
    common with each other, so that each judge can be shown them all at once.
    """
    members = population(state, number)
    first = verifying.foremost(state, [node.name for node in members])
    members = [node for node in members if node.name in first]
    if len(members) <= MOST_FINALISTS:
        return members
    drawn = shuffled(members, f"{state.spec.seed}:finalists:{number}")[:MOST_COMPARED]
    chosen = {node.name for node in fallback.by_common(drawn)[:MOST_FINALISTS]}
    return [node for node in members if node.name in chosen]


def settled(state: RunState, done: int) -> Ended | None:
    """Why a step after ``done`` would not pay: all of its members give the same value, or it brought nothing
    new.
    """
    members = population(state, done)
    vote = voting.last_vote(state, done)
    if vote is not None and len(members) >= LEAST_MEMBERS and list(vote.tally.values()) == [len(members)]:
        return Ended(rule="unanimous", text=f"All agree after step {done}, so no further one is needed.")
    alike = _repeated(state, done, members)
    if alike is None or alike <= ALIKE:
        return None
    return Ended(
        rule="exhaustion", text=f"Nothing new is coming: step {done} repeats the one before to {alike:.0%}."
    )


def _repeated(state: RunState, done: int, members: list[Node]) -> float | None:
    """How much a step only says again what the step before said: the mean over its members of Jaccard's index
    with the nearest of those; None for the first.
    """
    own = [node for node in members if node.round == done]
    before = population(state, done - 1)
    if not own or not before:
        return None
    drawn = shuffled(own, f"{state.spec.seed}:repeated:{done}")[:MOST_COMPARED]
    return fmean(nearest([node.text for node in drawn], [node.text for node in before]))


def wanted(state: RunState, *, votes: bool) -> Wanted:
    """What the run was begun with, whatever it was cut to since."""
    answers, judges = thrift.wished(state)
    begun = state.started.spec if state.started is not None else state.spec
    return Wanted(members=answers, judges=0 if votes else judges, steps=max(1, begun.rounds or 1))


def plan(state: RunState, wanted: Wanted, *, done: int) -> Record | None:
    """The plan to write down after ``done`` steps, when the budget holds fewer members, judges or further
    steps than are in force, or more again; None when it fits. Before the first step, with room for no answer
    at all, the cap that is met.
    """
    if state.is_closing or done >= wanted.steps:
        return None
    fewest = LEAST_MEMBERS if done else 1  # one answer written from the others would leave nothing to choose
    left, short = _fitting(state, replace(wanted, steps=wanted.steps - done), fewest)
    if left is None:
        if not done:
            return None if short is None else Record(body=short)
        left = replace(wanted, members=state.spec.alternatives or 1, judges=state.spec.judges or 1, steps=0)
    spec = state.spec
    judges = left.judges or spec.judges
    if (left.members, judges, left.steps + done) == (
        spec.alternatives or 1,
        spec.judges,
        max(1, spec.rounds or 1),
    ):
        return None
    cut = replace(spec, alternatives=left.members, judges=judges, rounds=left.steps + done)
    return Record(body=ev.RunPlanned(strategy=state.strategy, spec=cut, why=_why(wanted, left, done)))


def _fitting(state: RunState, size: Wanted, fewest: int) -> tuple[Wanted | None, ev.LimitReached | None]:
    """The largest size up to ``size`` that the budget holds; None, and the cap, where none does."""
    tried: Wanted | None = size
    short = None
    while tried is not None:
        short = thrift.short_of(state, _asked(tried))
        if short is None:
            return tried, None
        tried = _smaller(tried, fewest)
    return None, short


def _asked(size: Wanted) -> thrift.Wanted:
    return thrift.Wanted(
        answers=size.members,
        judges=size.judges,
        besides=size.members * (size.steps - 1),
        judged=min(size.members, MOST_FINALISTS) if size.judges else 0,
    )


def _smaller(size: Wanted, fewest: int) -> Wanted | None:
    """Judges first, then members, then steps (ENGINE 6)."""
    if size.judges > 1:
        return replace(size, judges=size.judges - 1)
    if size.members > (LEAST_MEMBERS if size.steps > 1 else fewest):
        return replace(size, members=size.members - 1)
    return replace(size, steps=size.steps - 1) if size.steps > 1 else None


def _why(wanted: Wanted, left: Wanted, done: int) -> str:
    if not left.steps:
        return "What is left of the budget is enough for no further step."
    further = "further " if done else ""
    steps = f"{left.steps} {further}{'step' if left.steps == 1 else 'steps'}"
    answers = f"{left.members} {'answer' if left.members == 1 else 'answers'}"
    judges = f" and {left.judges} {'judge' if left.judges == 1 else 'judges'}" if left.judges else ""
    words = f"{steps} of {answers} each{judges}"
    is_whole = left == replace(wanted, steps=wanted.steps - done)
    return (
        f"The budget holds {words} again."
        if is_whole
        else f"What is left of the budget is enough for {words}."
    )
