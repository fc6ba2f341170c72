"""How a run ends, whatever its strategy: by its own rule, by a person, by a cap, with what there is.

The answer is always the best valid candidate, or a clear failure: never an error's text, never a silent
winner.
"""

from __future__ import annotations

from typing import Any, Literal

from cort_desktop.domain import events as ev
from cort_desktop.domain.allowance import granted_anew
from cort_desktop.domain.budget import Budget
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import CancelledBy, Keeps, Reason, Status
from cort_desktop.engine import diversity, encore, rejudging
from cort_desktop.engine.contenders import instead_of
from cort_desktop.engine.decisions import Cancel, Decision, Finish, Record, Start
from cort_desktop.engine.strategies.base import Strategy

STOP_RULES = frozenset({"stopped", "enough", "calls", "tokens", "usd", "seconds"})
"""Rules by which a person or a cap ends a run: its status is then ``stopped``, and it can be gone on with."""
_CAP_WORDS = {
    "calls": "the cap of {cap:,.0f} call{s}",
    "tokens": "the cap of {cap:,.0f} token{s}",
    "usd": "the cap of {usd}",
    "seconds": "the cap of {cap:g} second{s}",
}


def decide(state: RunState, strategy: Strategy) -> list[Decision]:
    """The strategy's decisions, or the way to the end when a person or a cap asks for it; first of all the
    calls that a person stopped one by one are given up.
    """
    dropped = [Cancel(node=name, by="person") for name in state.running if name in state.dropped]
    return [*dropped, *diversity.measured(state, _on_the_way(state, strategy))]


def _on_the_way(state: RunState, strategy: Strategy) -> list[Decision]:
    cut = _cut_by(state)
    if cut is not None and state.running:
        return [Cancel(node=name, by=cut) for name in state.running]
    if cut is None and not state.is_closing:
        return _calm(state, strategy)
    if state.running:
        return _no_longer_needed(state) if state.enough else []
    if cut is None:
        is_cut = _was_cut_short(state) or bool(state.limits)
        own = [
            d
            for d in (*rejudging.decide(state), *encore.decide(state, strategy))
            if isinstance(d, Record) or (isinstance(d, Finish) and not is_cut)
        ]
        if own:
            return list(own)
    end = _close(state, strategy)
    return [*(Record(body=result) for result in end.results), end]


def _calm(state: RunState, strategy: Strategy) -> list[Decision]:
    """What is decided while nobody wants the end: further looks at what was judged, and the contest itself
    with a person's wishes on top; held by a pause once its round is decided.
    """
    looks = rejudging.decide(state)
    own = encore.decide(state, strategy)
    if state.paused:
        own = _until_decided(state, own)
    if rejudging.open_looks(state):
        own = [decision for decision in own if not isinstance(decision, Finish)]
    own = _calm_finish(state, own)
    taken = {decision.job.name for decision in own if isinstance(decision, Start)}
    free = [look for look in looks if not isinstance(look, Start) or look.job.name not in taken]
    return [*free, *own]


def _until_decided(state: RunState, decisions: list[Decision]) -> list[Decision]:
    """What may still be done in a pause: all that the rounds need that have begun; nothing new."""
    begun = state.open_rounds
    if not begun:
        return [decision for decision in decisions if isinstance(decision, Finish | Cancel)]
    return [
        decision
        for decision in decisions
        if not isinstance(decision, Start) or decision.job.round in begun or decision.job.name.startswith("X")
    ]


def _no_longer_needed(state: RunState) -> list[Decision]:
    """Good enough means an answer soon: judges at work may still decide their round, but once there is an
    answer no text is waited for that nobody would judge any more.
    """
    if state.best is None:
        return []
    return [Cancel(node=node.name, by="person") for node in state.running.values() if node.role != "judge"]


def _was_cut_short(state: RunState) -> bool:
    """Whether calls were given up because a person had enough: then it is that by which the run ends."""
    return any(
        node.cancelled_by == "person" and node.name not in state.dropped for node in state.nodes.values()
    )


def _calm_finish(state: RunState, decisions: list[Decision]) -> list[Decision]:
    """A run ends only when nothing is in flight: what a Finish would leave running is given up first."""
    if state.running and any(isinstance(d, Finish) for d in decisions):
        return [Cancel(node=name, by="plan") for name in state.running]
    return decisions


def _cut_by(state: RunState) -> CancelledBy | None:
    """Who cuts running calls: a person's Stop or the cap on seconds; other caps let them end."""
    if state.stopped:
        return "person"
    return "limit" if "seconds" in state.limits else None


def _close(state: RunState, strategy: Strategy) -> Finish:
    end = encore.close(state) or strategy.close(state)
    rule, why, numbers = _why_closed(state)
    text = f"{why} {end.text}" if end.answer else f"{why} There is no answer yet."
    return Finish(
        rule=rule,
        text=text,
        numbers=numbers,
        answer=end.answer,
        scores=end.scores,
        results=end.results,
    )


def _why_closed(state: RunState) -> tuple[str, str, dict[str, Any]]:
    if state.stopped:
        return "stopped", "You stopped the run.", {}
    if state.limits:
        limit = next(iter(state.limits.values()))
        words = _CAP_WORDS[limit.which].format(
            cap=limit.cap, usd=_usd(limit.cap), s="" if limit.cap == 1 else "s"
        )
        if limit.which == "usd" and state.budget.left_of is not None:
            words += f", what was left of the {state.budget.left_of}'s limit"
        return limit.which, f"The run met {words}.", {"value": limit.value, "cap": limit.cap}
    return "enough", "You called it good enough.", {}


def _usd(dollars: float) -> str:
    """``$0.50``, ``$0.0004``: as exactly as a cap is kept."""
    whole, _, part = f"{dollars:.6f}".partition(".")
    return f"${whole}.{part.rstrip('0'):0<2}"


def finished(state: RunState, end: Finish) -> ev.RunFinished:
    """The closing event: a copy of the decision with the sums of the run."""
    name = instead_of(state, end.answer)
    answer = None if name is None else state.nodes[name]
    missing = state.missing()
    status: Status = "complete"
    if answer is None:
        status = "failed"
    elif end.rule in STOP_RULES:
        status = "stopped"
    elif end.degraded or missing or answer.finish == "length":
        status = "degraded"
    spent = state.spent
    return ev.RunFinished(
        status=status,
        reason=Reason(rule=end.rule, text=end.text + _out_words(end.answer, name), numbers=end.numbers),
        answer_node=name,
        answer=None if answer is None else answer.text,
        scores=end.scores,
        missing=missing,
        usage=spent.usage,
        cost_microusd=spent.cost_microusd,
        calls=spent.calls,
        seconds=round(state.active_seconds, 3),
    )


def _out_words(wanted: NodeName | None, name: NodeName | None) -> str:
    if wanted == name:
        return ""
    return f" You took {wanted} out, so {name} stands." if name else f" You took {wanted} out."


def can_go_on(state: RunState) -> Literal["interrupted", "reopen", "ended"]:
    """Whether a run can be gone on with, and how."""
    if state.finished is None:
        return "interrupted"
    rule = state.finished.reason.rule
    return "reopen" if rule in STOP_RULES else "ended"


def reopening(
    state: RunState,
    *,
    again: NodeName | None = None,
    why: str = "",
    keeps: Keeps | None = None,
    caps: Budget | None = None,
) -> ev.RunReopened:
    """The event that reopens a run, with ``domain.allowance.granted_anew`` or the caps a person chose.

    again: the call that a person wants to have tried again, or ``why``: what else they want; then every cap
    there is is granted once more, because a run that ended within its caps may have used them up. keeps: what
    of its end stands.
    """
    wanted = why or (None if again is None else f"try {again} again")
    why = wanted or (state.finished.reason.rule if state.finished else "interrupted at its end")
    if caps is None and state.started is not None and (state.limits or wanted):
        caps = granted_anew(state, every=wanted is not None)
    return ev.RunReopened(why=why, budget=caps, keeps=keeps)
