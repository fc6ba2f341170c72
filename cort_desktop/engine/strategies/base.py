"""What a strategy is: a name, its declared settings, the shape of its cost, and a pure ``decide``.

A strategy keeps nothing of its own, does no input or output and reads no clock; all it knows is the fold of
the run's events. Settings are declared once: the form in the window, the options on the command line and
the checks come from the declaration.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cort_desktop.domain.ids import ModelRef, NodeName
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import NodeRole, RunSpec
from cort_desktop.engine.decisions import Decision, Finish

MOST_STARTS = 64
"""Starts offered in one decision: no provider is asked more than 64 things at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One whole-number setting: its name in the spec, default (None: the strategy chooses), range and
    words.
    """

    name: str
    default: int | None
    low: int
    high: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """``low`` to ``high`` calls of one kind, each reading ``seen`` candidates."""

    role: NodeRole
    low: int
    high: int
    seen: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """The longest chain of calls that wait for each other: so many answers (T_g) and verdicts (T_j)."""

    answers: int
    verdicts: int = 0


class Strategy(Protocol):
    """A way to think. See ``engine/strategies/`` for the ones there are."""

    @property
    def name(self) -> str:
        """Its standard name."""
        ...

    @property
    def summary(self) -> str:
        """What it does, in a sentence for people."""
        ...

    @property
    def source(self) -> str:
        """Where the idea comes from."""
        ...

    @property
    def settings(self) -> tuple[Setting, ...]:
        """What it reads, declared once."""
        ...

    def calls(self, spec: RunSpec, question: str) -> tuple[Calls, ...]:
        """The calls a run takes, for the estimate before it starts."""
        ...

    def depth(self, spec: RunSpec, question: str) -> Depth:
        """How long a run takes when everything that can run at once does without a head-to-head."""
        ...

    def decide(self, state: RunState) -> list[Decision]:
        """What to do next, most useful first; empty means wait. Pure."""
        ...

    def close(self, state: RunState) -> Finish:
        """The best end for a run that may start nothing more; nothing is running. ``rule`` and ``text`` are
        the caller's to replace.
        """
        ...


def models_for(spec: RunSpec, role: NodeRole) -> tuple[ModelRef, ...]:
    """The models of a role; a role without its own uses the proposers'."""
    return spec.lineup.get(role) or spec.lineup["proposer"]


def pick_model(spec: RunSpec, role: NodeRole, index: int) -> ModelRef:
    """The ``index``-th call of a role goes to the models in turn; counts from 0."""
    models = models_for(spec, role)
    return models[index % len(models)]


def settled_candidates(state: RunState, round_: int) -> list[Node]:
    """The round's candidates that finished, in sample order; those that came too late for its judges are
    not among them.
    """
    if round_ not in state.rounds:
        return []
    nodes = (state.nodes[name] for name in state.rounds[round_].candidates)
    settled = (node for node in nodes if node.is_candidate and not node.is_late)
    return sorted(settled, key=lambda node: sample_order(node.name))


def sample_order(name: NodeName) -> tuple[int, int]:
    """Sorts the draft first, then ``R1.A1``, ``R1.A2``, … ``R2.A1``."""
    round_, _, index = name.removeprefix("R").partition(".A")
    return (int(round_), int(index)) if index.isdigit() and round_.isdigit() else (0, 0)


def fallback_answer(state: RunState) -> NodeName | None:
    """The best answer so far; one cut at the limit only when there is no other."""
    if state.best is None:
        return None
    if state.nodes[state.best].finish != "length":
        return state.best
    whole = [node for node in state.candidates() if node.finish != "length"]
    whole.sort(key=lambda node: node.is_late)
    return whole[0].name if whole else state.best
