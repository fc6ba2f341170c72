"""How a round is cut to what is left of the budget: judges first, then challengers, then the round itself;
never the model (ENGINE 6).

What a call will take is what calls of its kind took in this run, before there were any what the estimate
says; so this plans, and the ledger guards. Where not even one challenger and one judge fit, the cap counts as
met before money is spent on answers that nobody would judge.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import MICRO
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import CapName
from cort_desktop.engine import judging, ledger
from cort_desktop.engine.decisions import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a round is to have. ``standing``: texts its judges see besides the answers it asks for.
    ``besides``: calls it makes besides those (the draft).
    """

    answers: int
    judges: int
    standing: int = 0
    besides: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Price:
    """What one call takes: tokens, and micro-dollars where they are known."""

    tokens: float
    microusd: float


def cut_to_budget(state: RunState, wanted: Wanted) -> Record | None:
    """The plan to write down before a round begins; None when what is in force fits.

    A plan with fewer judges or answers, or with more again where the caps were raised meanwhile; or the cap
    that leaves no room for a round at all.
    """
    if state.is_closing:
        return None
    judges, answers = wanted.judges, wanted.answers
    short = _short_of(state, wanted)
    while short is not None and (judges > 1 or answers > 1):
        judges, answers = (judges - 1, answers) if judges > 1 else (judges, answers - 1)
        short = _short_of(state, replace(wanted, answers=answers, judges=judges))
    if short is not None:
        return Record(body=short)
    spec = state.spec
    if (answers, judges) == (spec.alternatives or 1, spec.judges or 1):
        return None
    words = f"{_count(answers, 'answer')} and {_count(judges, 'judge')}"
    why = (
        f"What is left of the budget is enough for {words} a round."
        if (answers, judges) != (wanted.answers, wanted.judges)
        else f"The budget holds {words} a round again."
    )
    plan = replace(spec, alternatives=answers, judges=judges)
    return Record(body=ev.RunPlanned(strategy=state.strategy, spec=plan, why=why))


def wished(state: RunState) -> tuple[int, int]:
    """(answers, judges) a round as the run was begun with, whatever it was cut to since."""
    begun = state.started.spec if state.started is not None else state.spec
    answers = begun.alternatives or state.spec.alternatives or 1
    return answers, begun.judges or state.spec.judges or 1


def _short_of(state: RunState, wanted: Wanted) -> ev.LimitReached | None:
    """The first cap that a round would go over."""
    seen = wanted.answers + wanted.standing
    verdicts = judging.planned_verdicts(seen, wanted.judges)
    answers = wanted.answers + wanted.besides
    answer, verdict = _price_of(state, judge=False), _price_of(state, judge=True)
    calls, tokens, microusd = ledger.committed(state)
    budget = state.budget
    sums: tuple[tuple[CapName, float, float | None], ...] = (
        ("calls", calls + answers + verdicts, budget.calls),
        ("tokens", tokens + answers * answer.tokens + verdicts * verdict.tokens, budget.tokens),
        (
            "usd",
            (microusd + answers * answer.microusd + verdicts * verdict.microusd) / MICRO,
            None if budget.cost_microusd is None else budget.cost_microusd / MICRO,
        ),
    )
    for which, value, cap in sums:
        if cap is not None and value > cap:
            return ev.LimitReached(which=which, value=round(value, 6), cap=cap)
    return None


def _price_of(state: RunState, *, judge: bool) -> _Price:
    done = [
        node
        for node in state.nodes.values()
        if node.status == "finished" and node.usage is not None and (node.role == "judge") == judge
    ]
    if done:
        return _Price(
            tokens=sum(node.usage.total for node in done if node.usage) / len(done),
            microusd=sum(node.booked.booked_microusd for node in done) / len(done),
        )
    estimate = state.started.estimate if state.started is not None else None
    if estimate is None:
        return _Price(tokens=0.0, microusd=0.0)
    calls = max(1, estimate.calls_low + estimate.calls_high)
    return _Price(
        tokens=(estimate.tokens_low + estimate.tokens_high) / calls,
        microusd=2 * (estimate.cost_microusd or 0) / calls,
    )


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
