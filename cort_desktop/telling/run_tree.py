"""A run as a tree to look at: Question › Draft › Round n › candidates › judges; what stands where.

What was said of the answer that a round mends stands first in it.

Pure: a moment of a run in, places out; what a place says is ``told.py``. The same order as the flat
``outline.py``, but a round's judges stand under one row. A front end keeps what it was given and asks again
for what has changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.nodes import Round
from cort_desktop.domain.run import RunState
from cort_desktop.telling.states import Streaming


@dataclass(frozen=True, slots=True)
class Place:
    """A row of the tree: the run, a round, a round's judges, a round's vote, a call, or the end."""

    kind: Literal["run", "round", "judges", "vote", "node", "end"]
    number: int = 0
    node: NodeName | None = None


RUN = Place("run")
END = Place("end")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A run as it stands when it is looked at. ``live`` tells what a call in flight has brought.

    is_worked_on: False for an unfinished run that nobody is known to work on. elsewhere: who else works on
    it, in words. last_at: when the last event came, for the seconds since then.
    """

    state: RunState
    now: datetime | None = None
    last_at: datetime | None = None
    live: Callable[[NodeName], Streaming | None] = lambda _: None
    is_worked_on: bool = True
    elsewhere: str = ""

    @property
    def is_left_behind(self) -> bool:
        """Whether it ended without an end."""
        return self.state.finished is None and not self.is_worked_on and not self.elsewhere


def children(moment: Moment, place: Place) -> list[Place]:
    """What stands under a place, top down. A single judge stands in the row of the judges itself."""
    state = moment.state
    if place.kind == "run":
        return _of_the_run(moment)
    if place.kind == "round":
        round_ = state.rounds[place.number]
        found = [Place("node", place.number, name) for name in (*round_.critiques, *round_.candidates)]
        if judges_of(round_):
            found.append(Place("judges", place.number))
        found += [Place("node", place.number, name) for name in round_.again]
        if any(vote.round == place.number for vote in state.votes):
            found.append(Place("vote", place.number))
        return found
    if place.kind == "judges":
        judges = judges_of(state.rounds[place.number])
        return [Place("node", place.number, name) for name in judges] if len(judges) > 1 else []
    return []


def _of_the_run(moment: Moment) -> list[Place]:
    state = moment.state
    found = []
    for number in sorted(state.rounds):
        if number == 0:
            found += [Place("node", 0, name) for name in state.rounds[0].candidates]
        else:
            found.append(Place("round", number))
    if state.calls_outside_rounds:
        found += [Place("node", 0, name) for name in state.nodes if name.startswith("X")]
    if state.finished is not None or not moment.is_worked_on:
        found.append(END)
    return found


def place_of(state: RunState, name: NodeName) -> Place | None:
    """Where a node stands; None for one that has no row of its own."""
    node = state.nodes.get(name)
    if node is None:
        return None
    if name.startswith("X"):
        return Place("node", 0, name)
    round_ = state.rounds.get(node.round)
    if round_ is None:
        return None
    if name in (*round_.critiques, *round_.candidates, *round_.again):
        return Place("node", node.round, name)
    judges = judges_of(round_)
    if name not in judges:
        return None
    return Place("node", node.round, name) if len(judges) > 1 else Place("judges", node.round)


def parent_of(state: RunState, place: Place) -> Place | None:
    """What a place stands under; None for the run itself."""
    if place.kind == "run":
        return None
    if place.kind in ("judges", "vote"):
        return Place("round", place.number)
    if place.kind != "node" or place.node is None or place.number == 0:
        return RUN
    is_judge = place.node in state.rounds[place.number].judges
    return Place("judges" if is_judge else "round", place.number)


def node_of(state: RunState, place: Place) -> NodeName | None:
    """The node a place is about; None for a place that is about several, or none."""
    if place.kind == "judges":
        judges = judges_of(state.rounds[place.number])
        return judges[0] if len(judges) == 1 else None
    return place.node


def judges_of(round_: Round) -> list[NodeName]:
    """The judges of a round; calls that only mend a verdict stand elsewhere."""
    return [name for name in round_.judges if not name.startswith("X")]
