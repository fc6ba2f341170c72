"""What a strategy is: a name, its declared settings, the shape of its cost, and a pure ``decide``.

A strategy keeps nothing of its own, does no input or output and reads no clock; all it knows is the fold of
the run's events. Settings are declared once (``domain/strategy_settings.py``) and read with ``setting``: the
form in the window, the options on the command line and the checks come from the declaration.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, overload

from cort_desktop.domain.ids import ModelRef, NodeName
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import NodeRole, RunSpec
from cort_desktop.domain.strategy_settings import (
    ChoiceSetting,
    Setting,
    SettingValue,
    SwitchSetting,
    WholeSetting,
    problem,
)
from cort_desktop.domain.wishes import Wish
from cort_desktop.engine.contenders import instead_of
from cort_desktop.engine.decisions import Decision, Finish

MOST_STARTS = 64
"""Starts offered in one decision: no provider is asked more than 64 things at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """``low`` to ``high`` calls of one kind, each reading ``seen`` candidates."""

    role: NodeRole
    low: int
    high: int
    seen: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """The longest chain of calls that wait for each other: so many answers (T_g), verdicts (T_j) and
    critiques (T_c).
    """

    answers: int
    verdicts: int = 0
    critiques: int = 0


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


@overload
def setting(spec: RunSpec, declared: WholeSetting) -> int: ...
@overload
def setting(spec: RunSpec, declared: ChoiceSetting) -> str: ...
@overload
def setting(spec: RunSpec, declared: SwitchSetting) -> bool: ...


def setting(spec: RunSpec, declared: Setting) -> SettingValue:
    """What ``declared`` is set to in a run: the value in ``spec.settings``, or the default where there is
    none or none that it takes. Not for rounds, alternatives and judges, which are fields of the spec.

    Raises ValueError for a whole number without a value or a default.
    """
    value = spec.settings.get(declared.name)
    found: SettingValue | None = declared.default if problem(declared, value) is not None else value
    if found is None:
        raise ValueError(f"the setting {declared.name} has neither a value nor a default")
    return found


def models_for(spec: RunSpec, role: NodeRole) -> tuple[ModelRef, ...]:
    """The models of a role; a role without its own uses the proposers'."""
    return spec.lineup.get(role) or spec.lineup["proposer"]


def pick_model(spec: RunSpec, role: NodeRole, index: int) -> ModelRef:
    """The ``index``-th call of a role goes to the models in turn; counts from 0."""
    models = models_for(spec, role)
    return models[index % len(models)]


def settled_candidates(state: RunState, round_: int) -> list[Node]:
    """The round's candidates that finished, in sample order, a person's own last; those that came too late
    for its judges are not among them, nor is who was taken out before they were asked.
    """
    if round_ not in state.rounds:
        return []
    out: set[NodeName] = set() if state.rounds[round_].judges else state.out
    nodes = (state.nodes[name] for name in state.rounds[round_].candidates if name not in out)
    settled = (node for node in nodes if node.is_candidate and not node.is_late)
    return sorted(settled, key=lambda node: sample_order(node.name))


def sample_order(name: NodeName) -> tuple[int, int, int]:
    """Sorts the draft first, then ``R1.A1``, ``R1.A2``, … ``R1.H1``, … ``R2.A1``."""
    round_, _, place = name.removeprefix("R").partition(".")
    index = place[1:]
    known = index.isdigit() and round_.isdigit() and place[0] in "AH"
    return (int(round_), int(place[0] == "H"), int(index)) if known else (0, 0, 0)


def index_of(name: NodeName) -> int:
    """The last number in a node's name: 3 of ``R2.A3``; 0 of the draft."""
    digits = name.rpartition(".")[2][1:]
    return int(digits) if digits.isdigit() else 0


def free_indexes(nodes: Iterable[Node]) -> Iterator[int]:
    """The numbers from 1 that none of a round's ``nodes`` has, without end."""
    taken = {index_of(node.name) for node in nodes}
    return (index for index in itertools.count(1) if index not in taken)


def wished_for(state: RunState, round_: int) -> list[Wish]:
    """The alternatives that a person wants in a round and that were not asked for yet."""
    return [
        wish
        for wish in state.wishes
        if wish.kind == "alternative" and wish.round == round_ and wish.node is None
    ]


def fallback_answer(state: RunState) -> NodeName | None:
    """The best answer so far; one cut at the limit only when there is no other."""
    best = instead_of(state, state.best)
    if best is None or state.nodes[best].finish != "length":
        return best
    whole = [node for node in state.candidates() if node.finish != "length" and node.name not in state.out]
    whole.sort(key=lambda node: node.is_late)
    return whole[0].name if whole else best
