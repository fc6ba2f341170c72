"""What a verifier's findings decide: which candidates are looked at, who outranks whom, whose answer stands.

A verifier outranks every judge (ENGINE 4.5): who passes comes before whom it can't tell of, and that before
who fails; judges decide among equals only. An answer cut at the token limit never gains by it. Pure; the
checks are made by the engine's shell, through the seam in ``domain/verifying.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.engine.decisions import Check, Decision, Finish

_RANKS = {True: 2, None: 1, False: 0}


def due(state: RunState) -> list[Check]:
    """The candidates that are not checked yet, in the order in which they came."""
    if state.spec.verifier is None:
        return []
    checked = {check.node for check in state.checks}
    passed_over = checked | state.out
    return [Check(node=node.name) for node in state.candidates() if node.name not in passed_over]


def is_due(state: RunState, names: Iterable[NodeName]) -> bool:
    """Whether one of these is still to be checked."""
    waiting = {check.node for check in due(state)}
    return any(name in waiting for name in names)


def rank(state: RunState, name: NodeName) -> int:
    """2 for who passed, 1 where nothing is known, 0 for who failed."""
    check = state.check_of(name)
    return 1 if check is None else _RANKS[check.passed]


def foremost(state: RunState, names: Sequence[NodeName]) -> tuple[NodeName, ...]:
    """Those of ``names`` that no other outranks, in their order; all where there is no verifier.

    Whole answers set the mark, so that one cut at its limit neither wins by the check nor shuts others out.
    """
    if state.spec.verifier is None:
        return tuple(names)
    whole = [name for name in names if state.nodes[name].finish != "length"] or list(names)
    mark = max((rank(state, name) for name in whole), default=0)
    return tuple(name for name in names if rank(state, name) >= mark)


def checked(state: RunState, decisions: list[Decision]) -> list[Decision]:
    """What was decided, with checks of what has come meanwhile before it; the end waits for them, unless a
    person or a cap wants it now.
    """
    if state.spec.verifier is None:
        return decisions
    looks = [] if state.is_closing else due(state)
    if looks:
        return [*looks, *(decision for decision in decisions if not isinstance(decision, Finish))]
    return [settled(state, d) if isinstance(d, Finish) else d for d in decisions]


def settled(state: RunState, end: Finish) -> Finish:
    """An end whose answer no other candidate outranks, and that says what the verifier found.

    Where the strategy's answer is outranked, the best rated of the foremost takes its place; without ratings
    the first. An answer that failed is said to have, and the run is degraded.
    """
    if state.spec.verifier is None or end.answer is None or "checked" in end.numbers:
        return end
    names = [node.name for node in state.candidates() if node.name not in state.out]
    first = foremost(state, names)
    answer = end.answer if end.answer in first or not first else _best(state, end, first)
    found = [state.check_of(name) for name in names]
    passed = sum(check is not None and check.passed is True for check in found)
    words = _words(state, end.answer, answer, passed, len(names))
    return replace(
        end,
        answer=answer,
        text=f"{end.text} {words}",
        numbers={**end.numbers, "passed": passed, "checked": sum(check is not None for check in found)},
        degraded=end.degraded or rank(state, answer) == _RANKS[False],
    )


def _best(state: RunState, end: Finish, first: Sequence[NodeName]) -> NodeName:
    """The best of those that nobody outranks: rated, else the best so far, else the first that is whole."""
    whole = [name for name in first if state.nodes[name].finish != "length"] or list(first)
    rated = [name for name in whole if name in end.scores]
    if rated:
        return max(rated, key=end.scores.__getitem__)
    return state.best if state.best is not None and state.best in whole else whole[0]


def _words(state: RunState, before: NodeName, answer: NodeName, passed: int, of: int) -> str:
    check = state.check_of(answer)
    if check is None:
        return f"{answer} was not checked."
    if answer != before:
        return f"{answer} takes the place of {before}: {_FOUND[check.passed]} the check ({check.verifier})."
    if check.passed is None:
        return f"Whether {answer} is right could not be told ({check.verifier})."
    if not check.passed:
        return f"No whole answer passed the check ({check.verifier}); {answer} fails it too."
    return f"{answer} passed the check ({check.verifier}), as {passed} of {of} answers did."


_FOUND = {True: "it passed", None: "it did not fail", False: "it failed"}
