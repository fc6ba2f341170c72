"""How a round is cut to what is left of the budget: judges first, then challengers, then the round itself;
never the model (ENGINE 6).

What a call will take is what calls of its kind took in this run, before there were any what the estimate
says; so this plans, and the ledger guards. Where not even one challenger and one judge fit, the cap counts as
met before money is spent on answers that nobody would judge. Where a strategy has a last step, a part of the
tokens and the money is kept for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import MICRO
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import CapName
from cort_desktop.engine import judging, ledger
from cort_desktop.engine.decisions import Record

NEWEST = 64
"""So many calls tell what the next one will take."""
KEPT_SHARE = 0.15
"""Of every cap on tokens and money, for the last step of a strategy that has one."""
FEWEST_TO_JOIN = 2
"""One answer alone has no last step that would join it with others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a round is to have. ``standing``: texts its judges see besides the answers it asks for;
    ``judged``: how many they see where it isn't all of these. ``besides``: calls it makes besides those (the
    draft). ``last``: calls of the step after it, which joins the round's answers.
    """

    answers: int
    judges: int
    standing: int = 0
    besides: int = 0
    judged: int | None = None
    last: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Price:
    """What one call takes: tokens, and micro-dollars where they are known."""

    tokens: float
    microusd: float


def cut_to_budget(
    state: RunState, wanted: Wanted, *, in_force: tuple[int, int] | None = None
) -> Record | None:
    """The plan to write down before a round begins; None when what is in force fits.

    A plan with fewer judges or answers, or with more again where the caps were raised meanwhile; or the cap
    that leaves no room for a round at all. in_force: the answers and judges that are planned now, where the
    spec leaves them to the strategy.
    """
    if state.is_closing:
        return None
    judges, answers = wanted.judges, wanted.answers
    short = short_of(state, wanted)
    while short is not None and (judges > 1 or answers > 1):
        judges, answers = (judges - 1, answers) if judges > 1 else (judges, answers - 1)
        short = short_of(state, replace(wanted, answers=answers, judges=judges))
    if short is not None:
        return Record(body=short)
    spec = state.spec
    if (answers, judges) == (in_force or (spec.alternatives or 1, spec.judges or 1)):
        return None
    words = _count(answers, "answer") + (f" and {_count(judges, 'judge')}" if judges else "")
    why = (
        f"What is left of the budget is enough for {words} a round."
        if (answers, judges) != (wanted.answers, wanted.judges)
        else f"The budget holds {words} a round again."
    )
    plan = replace(spec, alternatives=answers, judges=judges or spec.judges)
    return Record(body=ev.RunPlanned(strategy=state.strategy, spec=plan, why=why))


def count_to_budget(state: RunState, wanted: Wanted, *, before: int) -> Record | None:
    """As ``cut_to_budget`` for answers that are each judged alone: ``wanted.answers`` more of them after the
    ``before`` there are, by ``wanted.judges`` each (0: not judged).
    """
    if state.is_closing:
        return None
    answers, judges = wanted.answers, wanted.judges

    def short() -> ev.LimitReached | None:
        alone = replace(wanted, answers=answers, judges=answers * judges, judged=FEWEST_TO_JOIN)
        return short_of(state, alone)

    while (cap := short()) is not None and (judges > 1 or answers > 1):
        judges, answers = (judges - 1, answers) if judges > 1 else (judges, answers - 1)
    if cap is not None:
        return Record(body=cap)
    spec = state.spec
    plan = replace(spec, alternatives=before + answers, judges=judges or spec.judges)
    if (plan.alternatives, plan.judges) == (spec.alternatives, spec.judges):
        return None
    words = _count(before + answers, "answer") + (f" with {_count(judges, 'judge')} each" if judges else "")
    is_cut = (answers, judges) != (wanted.answers, wanted.judges)
    why = f"The budget holds {words}." if is_cut else f"The budget holds {words} again."
    return Record(body=ev.RunPlanned(strategy=state.strategy, spec=plan, why=why))


def judges_within(state: RunState, wanted: Wanted) -> int:
    """How many of ``wanted.judges`` the budget holds, now that it is known what the answers took: at least
    one.
    """
    fitting = (
        count
        for count in range(wanted.judges, 1, -1)
        if short_of(state, replace(wanted, judges=count)) is None
    )
    return next(fitting, 1)


def wished(state: RunState) -> tuple[int, int]:
    """(answers, judges) a round as the run was begun with, whatever it was cut to since."""
    begun = state.started.spec if state.started is not None else state.spec
    answers = begun.alternatives or state.spec.alternatives or 1
    return answers, begun.judges or state.spec.judges or 1


def short_of(state: RunState, wanted: Wanted) -> ev.LimitReached | None:
    """The first cap that a round would go over, with the step after it."""
    seen = wanted.answers + wanted.standing if wanted.judged is None else wanted.judged
    verdicts = judging.planned_verdicts(seen, wanted.judges)
    answers = wanted.answers + wanted.besides
    answer, verdict = _price_of(state, judge=False), _price_of(state, judge=True)
    calls, tokens, microusd = ledger.committed(state)
    budget = state.budget
    last = wanted.last if max(seen, wanted.answers) >= FEWEST_TO_JOIN else 0

    def kept(cap: float | None, each: float) -> float:
        return max(KEPT_SHARE * (cap or 0), last * each) if last else 0.0

    sums: tuple[tuple[CapName, float, float | None], ...] = (
        ("calls", calls + answers + verdicts + last, budget.calls),
        (
            "tokens",
            tokens + answers * answer.tokens + verdicts * verdict.tokens + kept(budget.tokens, answer.tokens),
            budget.tokens,
        ),
        (
            "usd",
            (
                microusd
                + answers * answer.microusd
                + verdicts * verdict.microusd
                + kept(budget.cost_microusd, answer.microusd)
            )
            / MICRO,
            None if budget.cost_microusd is None else budget.cost_microusd / MICRO,
        ),
    )
    for which, value, cap in sums:
        if cap is not None and value > cap:
            return ev.LimitReached(which=which, value=round(value, 6), cap=cap)
    return None


def _price_of(state: RunState, *, judge: bool) -> _Price:
    """The mean of the newest calls of a kind; of an estimate before there were any."""
    known = (
        node
        for node in reversed(state.nodes.values())
        if node.status == "finished" and node.usage is not None and (node.role == "judge") == judge
    )
    done = list(islice(known, NEWEST))
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
