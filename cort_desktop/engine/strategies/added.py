"""A strategy of another package at work, held to what the engine relies on.

Whatever it raises, and whatever it decides that can't be done, ends its run with the best answer so far and
the error named: it is neither a crash of the program nor swallowed. How strategies of other packages are
found and loaded is ``shelf.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import TypeVar

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import RunSpec
from cort_desktop.domain.settings import closest, shown
from cort_desktop.engine.decisions import Cancel, Check, Decision, Finish, Job, Later, Record, Start
from cort_desktop.engine.strategies.base import Calls, Depth, Strategy, fallback_answer
from cort_desktop.engine.verifying import due
from cort_desktop.errors import UsageError

BROKEN = "strategy_failed"
"""The rule by which a run ends whose strategy broke a law."""
_NODE = re.compile(r"D|S|R[1-9][0-9]*\.[ACJ][1-9][0-9]*|X[1-9][0-9]*")
_KINDS = (Start, Cancel, Check, Record, Later, Finish)
_LONGEST_LOG = 200_000
"""A run of more events than this goes round in circles."""
_T = TypeVar("_T")


class Added:
    """One strategy of another package. Its ``decide`` never raises, and never decides what the engine can't
    do.
    """

    def __init__(self, inner: Strategy, package: str, known: Container[str]) -> None:
        """``known`` are the names of the strategies it may hand a run over to."""
        self.name, self.summary, self.source = inner.name, inner.summary, inner.source
        self.settings = inner.settings
        self.package = package
        self._inner = inner
        self._known = known

    def calls(self, spec: RunSpec, question: str) -> tuple[Calls, ...]:
        """Those that it says. Raises UsageError when it can't."""
        found = guarded(lambda: self._inner.calls(spec, question))
        if isinstance(found, Raised):
            raise UsageError(f"{self._who()} can't say which calls it takes: {found.why}.")
        return found

    def depth(self, spec: RunSpec, question: str) -> Depth:
        """That which it says. Raises UsageError when it can't."""
        found = guarded(lambda: self._inner.depth(spec, question))
        if isinstance(found, Raised):
            raise UsageError(f"{self._who()} can't say how long it takes: {found.why}.")
        return found

    def decide(self, state: RunState) -> list[Decision]:
        """What it decides; its end when that is nothing that can be done."""
        found = guarded(lambda: _listed(self._inner.decide(state)))
        if isinstance(found, Raised):
            return [self._end(state, found.why)]
        broken = broken_law(state, found, self._known)
        return found if broken is None else [self._end(state, broken)]

    def close(self, state: RunState) -> Finish:
        """Its end of a run that may start nothing more; the best so far when it has none."""
        found = guarded(lambda: _an_end(self._inner.close(state)))
        if isinstance(found, Raised):
            return self._end(state, found.why)
        broken = broken_law(state, [found], self._known)
        return found if broken is None else self._end(state, broken)

    def _end(self, state: RunState, why: str) -> Finish:
        answer = fallback_answer(state)
        there = f"{answer} is the best so far." if answer else "There was no answer yet."
        return Finish(
            rule=BROKEN,
            text=f"{self._who()} failed: {why}. {there}",
            answer=answer,
            degraded=True,
        )

    def _who(self) -> str:
        return f"The strategy {self.name} of the package {self.package}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """What foreign code raised, in words."""

    why: str


def guarded(work: Callable[[], _T]) -> _T | Raised:
    """What ``work``, which is another package's, gives, or what it raised."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - code of another package: whatever it raises is told
        words = " ".join(str(error).split())
        return Raised(why=f"{type(error).__name__}: {words[:300]}" if words else type(error).__name__)


def _listed(decisions: object) -> list[Decision]:
    if not isinstance(decisions, list) or not all(isinstance(each, _KINDS) for each in decisions):
        raise TypeError(f"decide() gave {shown(decisions)}, not a list of decisions")
    return decisions


def _an_end(end: object) -> Finish:
    if not isinstance(end, Finish):
        raise TypeError(f"close() gave {shown(end)}, not an end")
    return end


def broken_law(state: RunState, decisions: list[Decision], known: Container[str]) -> str | None:
    """Which law of strategies a list of decisions breaks, in words; None when it can be carried out."""
    if state.seq > _LONGEST_LOG:
        return f"it came to no end within {_LONGEST_LOG:,} events"
    if not decisions and not state.running and not state.is_held and not due(state):
        return "it decided nothing although nothing is in flight"
    begun = set(state.nodes)
    for decision in decisions:
        fault = None
        if isinstance(decision, Start):
            fault = _job_fault(state, decision.job, begun)
            begun.add(decision.job.name)
        elif isinstance(decision, Finish):
            fault = _end_fault(state, decision)
        elif isinstance(decision, Record) and isinstance(decision.body, ev.RunPlanned):
            fault = _plan_fault(state, decision.body, known)
        if fault is not None:
            return fault
    return None


def _job_fault(state: RunState, job: Job, begun: set[NodeName]) -> str | None:
    before = state.nodes.get(job.name)
    if not _NODE.fullmatch(job.name):
        return f"it called a node {shown(job.name)}, and no node is called so"
    if before is not None and not before.may_ask_again:
        return f"it asked for {job.name} twice"
    models = _models(state)
    if job.model not in models:
        return f"it wanted to ask {shown(job.model)}, which is not in the line-up{closest(job.model, models)}"
    unknown = [name for name in (*job.saw, *job.parents) if name not in begun]
    return f"it put {job.name} after {shown(unknown[0])}, which there is not" if unknown else None


def _end_fault(state: RunState, end: Finish) -> str | None:
    node = None if end.answer is None else state.nodes.get(end.answer)
    if end.answer is None or (node is not None and node.is_candidate):
        return None
    return f"it took {shown(end.answer)} for the answer, which is no finished candidate"


def _plan_fault(state: RunState, plan: ev.RunPlanned, known: Container[str]) -> str | None:
    if plan.strategy not in known:
        return f"it handed the run over to {shown(plan.strategy)}, which there is not"
    new = {ref for refs in plan.spec.lineup.values() for ref in refs} - _models(state)
    return f"it planned to ask {shown(new.pop())}, which is not in the line-up" if new else None


def _models(state: RunState) -> set[str]:
    """All models that may be asked: those of the line-up, and those that a person's wishes named."""
    lineup = {str(ref) for refs in state.spec.lineup.values() for ref in refs}
    return lineup | {str(ref) for wish in state.wishes for ref in wish.models}
