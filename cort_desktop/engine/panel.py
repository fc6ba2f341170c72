"""A round's verdict as a pure step: which judges to ask next, or the result once they have answered.

Blind judges rank the contestants, each in another order; a tie goes to the incumbent or to a head-to-head in
both orders. The arithmetic is in ``judging.py``; what it takes until a judge's reply is a verdict is in
``verdict_jobs.py``.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import ModelRef, NodeName, verdict_name
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import RunSpec
from cort_desktop.engine import judging, verifying
from cort_desktop.engine.decisions import Decision, Job
from cort_desktop.engine.strategies.base import Calls, models_for, pick_model
from cort_desktop.engine.verdict_jobs import pending

TOKENS_PER_CHARACTER = 1 / 3.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Who is judged and by how many. ``contestants`` are in sample order, the incumbent among them."""

    round: int
    contestants: tuple[NodeName, ...]
    judges: int
    incumbent: NodeName | None = None


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
    jobs = _panel_jobs(state, panel)
    wanted = pending(state, jobs)
    if wanted is not None:
        return PanelStep(decisions=wanted)
    result = _aggregate(state, panel, jobs)
    if result.tie is None:
        return PanelStep(result=_finished(state, panel, result))
    duel = head_to_head(
        state, panel, result.tie, of_panel=frozenset(job.name for job in jobs), judge=len(jobs)
    )
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
    """Two candidates before a judge in both orders.

    decisions: what is needed until both verdicts are in, None when nothing more is. winner: whom both prefer.
    unstable: whether the order changed the outcome, None unless both orders were judged.
    """

    has_begun: bool
    decisions: tuple[Decision, ...] | None
    winner: NodeName | None
    unstable: bool | None


def head_to_head(
    state: RunState,
    panel: Panel,
    pair: tuple[NodeName, NodeName],
    *,
    of_panel: frozenset[NodeName] = frozenset(),
    judge: int,
) -> HeadToHead:
    """How far two candidates are in a head-to-head of ``panel``'s round.

    of_panel: verdicts of that round which, though they may be about the same two, belong to its panel. judge:
    which of the judging models is asked, counted from 0.
    """
    jobs = _duel_jobs(state, panel, pair, of_panel, judge)
    verdicts = [state.verdicts[job.name] for job in jobs if job.name in state.verdicts]
    winner, unstable = judging.decide_head_to_head(pair, verdicts)
    return HeadToHead(
        has_begun=any(job.name in state.nodes for job in jobs),
        decisions=pending(state, jobs),
        winner=winner,
        unstable=unstable,
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
    result = _aggregate(state, panel, _panel_jobs(state, panel))
    return None if result.failed else _of_all(whole, _finished(state, panel, result))


def _panel_jobs(state: RunState, panel: Panel) -> list[Job]:
    seed = f"{state.spec.seed}:{panel.round}"
    tokens = sum(int(len(state.nodes[name].text) * TOKENS_PER_CHARACTER) for name in panel.contestants)
    orders: Sequence[tuple[NodeName, ...]]
    if judging.must_use_pairs(len(panel.contestants), tokens):
        orders = judging.pair_schedule(panel.contestants, seed)
        # Both orders of a pair go to the same model, so that what differs between them is the order alone.
        models = [_stranger(state, order, index // 2) for index, order in enumerate(orders)]
        excluded: dict[ModelRef, frozenset[NodeName]] = {}
    else:
        orders = judging.panel_orders(panel.contestants, panel.judges, seed)
        models = [pick_model(state.spec, "judge", index) for index in range(len(orders))]
        excluded = _own_answers(state, panel, models)
    return [
        _judge(state, panel, order, index, model, excluded.get(model, frozenset()))
        for index, (order, model) in enumerate(zip(orders, models, strict=True))
    ]


def _stranger(state: RunState, pair: tuple[NodeName, ...], index: int) -> ModelRef:
    """The judging model for a pair: the next in turn that wrote neither; in turn where there is none."""
    authors = {state.nodes[name].model for name in pair}
    models = models_for(state.spec, "judge")
    turns = [models[(index + turn) % len(models)] for turn in range(len(models))]
    return next((model for model in turns if model not in authors), turns[0])


def _own_answers(
    state: RunState, panel: Panel, judges: Sequence[ModelRef]
) -> dict[ModelRef, frozenset[NodeName]]:
    """Whose own answers each judging model leaves out: only where every candidate still has a vote from
    another model, and two are left to compare.
    """
    authors = {name: state.nodes[name].model for name in panel.contestants}
    if any(all(judge == author for judge in judges) for author in authors.values()):
        return {}
    own = {judge: frozenset(n for n, author in authors.items() if author == judge) for judge in judges}
    if any(len(authors) - len(names) < judging.PAIR for names in own.values()):
        return {}
    return own


def _duel_jobs(
    state: RunState,
    panel: Panel,
    pair: tuple[NodeName, NodeName],
    of_panel: frozenset[NodeName],
    judge: int,
) -> list[Job]:
    """The two verdicts. They count on from those of the round; asked before, they keep their names."""
    asked = state.rounds[panel.round].judges
    known = {state.nodes[name].saw: place for place, name in enumerate(asked) if name not in of_panel}
    new = itertools.count(len(asked))
    model = _stranger(state, pair, judge)
    jobs = []
    for order in (pair, (pair[1], pair[0])):
        index = known[order] if order in known else next(new)
        job = _judge(state, panel, order, index, model, frozenset())
        jobs.append(replace(job, purpose="head_to_head"))
    return jobs


def _judge(
    state: RunState,
    panel: Panel,
    order: tuple[NodeName, ...],
    index: int,
    model: ModelRef,
    excluded: frozenset[NodeName],
) -> Job:
    parent = panel.incumbent or (state.incumbent if panel.round > 1 else None)
    return Job(
        name=judge_name(state, panel.round, index),
        task="verdict",
        role="judge",
        model=model,
        round=panel.round,
        parents=(parent,) if parent else (),
        saw=tuple(name for name in order if name not in excluded),
        sample=index + 1,
        purpose="panel",
        excluded=tuple(name for name in panel.contestants if name in excluded),
    )


def judge_name(state: RunState, number: int, index: int) -> NodeName:
    """The name of a round's ``index``-th judge (from 0); those of further looks at the round are none of
    them.
    """
    taken = state.rounds[number].again if number in state.rounds else []
    names = (verdict_name(number, place) for place in itertools.count(1))
    return next(itertools.islice((name for name in names if name not in taken), index, None))


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
