"""A round's verdict as a pure step: which judges to ask next, or the result once they have answered.

Blind judges rank the contestants, each in another order; a tie goes to the incumbent or to a head-to-head in
both orders. Who judges whom is in ``judges.py``, the arithmetic in ``judging.py``; what it takes until a
judge's reply is a verdict is in ``verdict_jobs.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import RunSpec
from cort_desktop.engine import judging, verifying
from cort_desktop.engine.decisions import Decision, Job
from cort_desktop.engine.judges import Panel, duel_jobs, panel_jobs
from cort_desktop.engine.strategies.base import Calls
from cort_desktop.engine.verdict_jobs import pending

__all__ = [
    "HeadToHead",
    "Panel",
    "PanelStep",
    "duel_turn",
    "head_to_head",
    "panel_calls",
    "panel_step",
    "partial_result",
    "round_missing",
    "round_verdicts",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelStep:
    """Either decisions to take (perhaps none: wait), or the round's result."""

    decisions: tuple[Decision, ...] = ()
    result: ev.RoundFinished | None = None


def panel_calls(contestants: int, spec: RunSpec, *, rounds: tuple[int, int] = (1, 1)) -> Calls:
    """The verdicts of so many rounds, for the estimate. At most: every answer as long as it may be, every
    verdict repaired once, every round decided head to head.
    """
    judges = spec.judges or 1
    low = judging.planned_verdicts(contestants, judges)
    longest = judging.planned_verdicts(contestants, judges, contestants * spec.max_tokens)
    high = 2 * (max(low, longest) + judging.PAIR) if low else 0
    in_pairs = judging.must_use_pairs(contestants, contestants * spec.max_tokens)
    return Calls(
        role="judge",
        low=rounds[0] * min(low, longest),
        high=rounds[1] * high,
        seen=judging.PAIR if in_pairs else contestants,
    )


def panel_step(state: RunState, panel: Panel) -> PanelStep:
    """What the panel needs next. With one contestant there is nothing to judge, nor where a verifier lets
    one alone pass.
    """
    if verifying.is_due(state, panel.contestants):
        return PanelStep(decisions=())
    if len(panel.contestants) == 1:
        return PanelStep(result=_unjudged(state, panel))
    whole, panel = panel, _judged(state, panel)
    step = _step(state, panel)
    if step.result is None or panel is whole:
        return step
    method = "verifier" if len(panel.contestants) == 1 else step.result.method
    return PanelStep(result=_of_all(whole, replace(step.result, method=method)))


def _of_all(panel: Panel, result: ev.RoundFinished) -> ev.RoundFinished:
    """The result of the judged as that of the whole panel: its incumbent may have been outranked."""
    return replace(result, kept=None if panel.incumbent is None else result.winner == panel.incumbent)


def _judged(state: RunState, panel: Panel) -> Panel:
    """The panel over those whom no other outranks by the verifier; the same where that is all."""
    first = verifying.foremost(state, panel.contestants)
    if first == panel.contestants:
        return panel
    return replace(panel, contestants=first, incumbent=panel.incumbent if panel.incumbent in first else None)


def _step(state: RunState, panel: Panel) -> PanelStep:
    if len(panel.contestants) == 1:
        return PanelStep(result=_unjudged(state, panel))
    jobs = panel_jobs(state, panel)
    wanted = pending(state, jobs)
    if wanted is not None:
        return PanelStep(decisions=wanted)
    result = _aggregate(state, panel, jobs)
    if result.tie is None or not panel.settles_ties:
        return PanelStep(result=_finished(state, panel, result))
    of_panel = frozenset(job.name for job in jobs)
    duel = head_to_head(state, panel, result.tie, of_panel=of_panel, turn=duel_turn(panel, len(jobs)))
    if state.is_closing and not duel.has_begun:
        return PanelStep(result=_finished(state, panel, result))
    if duel.decisions is not None:
        return PanelStep(decisions=duel.decisions)
    winner = duel.winner or result.winner
    return PanelStep(
        result=replace(
            _finished(state, panel, result),
            winner=winner,
            kept=None if panel.incumbent is None else winner == panel.incumbent,
            method="head_to_head" if duel.winner is not None else result.method,
            unstable=duel.unstable,
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadToHead:
    """Two candidates before judges in both orders.

    decisions: what is needed until both verdicts are in, None when nothing more is. is_judged: whether both
    could be read. winner: whom both prefer. unstable: whether the order changed what a judge says, None where
    no judge was shown both orders.
    """

    has_begun: bool
    decisions: tuple[Decision, ...] | None
    is_judged: bool
    winner: NodeName | None
    unstable: bool | None


def duel_turn(panel: Panel, judges: int) -> int:
    """Whose turn it is after so many judges of a panel; in each round it is another's."""
    return judges + panel.round - 1


def head_to_head(
    state: RunState,
    panel: Panel,
    pair: tuple[NodeName, NodeName],
    *,
    of_panel: frozenset[NodeName] = frozenset(),
    turn: int,
) -> HeadToHead:
    """How far two candidates are in a head-to-head of ``panel``'s round.

    Where several models judge, each order goes to another one, and to those who compared the two least often:
    different judges do more than repeated ones (ENGINE 4). of_panel: verdicts of that round which, though
    they may be about the same two, belong to its panel. turn: which of the judging models comes first,
    counted from 0.
    """
    jobs = duel_jobs(state, panel, pair, of_panel=of_panel, turn=turn)
    verdicts = [state.verdicts[job.name] for job in jobs if job.name in state.verdicts]
    winner, contradicted = judging.decide_head_to_head(pair, verdicts)
    before = [verdict for verdict in round_verdicts(state, panel.round) if verdict.node in of_panel]
    return HeadToHead(
        has_begun=any(job.name in state.nodes for job in jobs),
        decisions=pending(state, jobs),
        is_judged=contradicted is not None,
        winner=winner,
        unstable=judging.order_mattered(pair, verdicts, before),
    )


def partial_result(state: RunState, panel: Panel) -> ev.RoundFinished | None:
    """The round as the verdicts there are decide it, for a run that may not ask any more; None when fewer
    than half of those wanted are in.
    """
    if len(panel.contestants) == 1:
        return None
    whole, panel = panel, _judged(state, panel)
    if len(panel.contestants) == 1:
        return _of_all(whole, replace(_unjudged(state, panel), method="verifier"))
    result = _aggregate(state, panel, panel_jobs(state, panel))
    return None if result.failed else _of_all(whole, _finished(state, panel, result))


def _aggregate(state: RunState, panel: Panel, jobs: list[Job]) -> judging.PanelResult:
    verdicts = [state.verdicts[job.name] for job in jobs if job.name in state.verdicts]
    cut = {name for name in panel.contestants if state.nodes[name].finish == "length"}
    left = set(panel.contestants) - state.out
    barred = (cut if left - cut else set()) | (state.out if left else set())
    return judging.aggregate(
        panel.contestants, verdicts, incumbent=panel.incumbent, expected=len(jobs), cut=barred
    )


def _finished(state: RunState, panel: Panel, result: judging.PanelResult) -> ev.RoundFinished:
    verdicts = round_verdicts(state, panel.round)
    about_winner = [verdict for verdict in verdicts if result.winner in verdict.order]
    steady = judging.swap_consistency(about_winner) if result.method == "bradley_terry" else None
    return ev.RoundFinished(
        round=panel.round,
        winner=result.winner,
        kept=None if panel.incumbent is None else result.winner == panel.incumbent,
        scores=result.scores,
        method=None if result.failed else result.method,
        agreement=result.agreement,
        swap_consistency=judging.swap_consistency(verdicts),
        unstable=None if steady is None else steady < 1.0,
        missing=round_missing(state, panel.round),
    )


def round_verdicts(state: RunState, number: int) -> list[ev.Verdict]:
    """The round's verdicts, in the order its judges were asked."""
    judges = state.rounds[number].judges if number in state.rounds else []
    return [state.verdicts[name] for name in judges if name in state.verdicts]


def _unjudged(state: RunState, panel: Panel) -> ev.RoundFinished:
    only = panel.contestants[0]
    return ev.RoundFinished(
        round=panel.round,
        winner=only,
        kept=None if panel.incumbent is None else only == panel.incumbent,
        missing=round_missing(state, panel.round),
    )


def round_missing(state: RunState, number: int) -> tuple[NodeName, ...]:
    """The round's calls that brought nothing."""
    if number not in state.rounds:
        return ()
    round_ = state.rounds[number]
    names = [*round_.candidates, *round_.judges]
    return tuple(name for name in names if state.nodes[name].status in ("failed", "cancelled"))
