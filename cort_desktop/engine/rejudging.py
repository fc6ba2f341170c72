"""A further look: other judges, or other criteria, over candidates that were judged before.

Its verdicts are kept apart from those that decide, and what it comes to changes no winner: it is shown beside
the first result, and a person decides whether it becomes the answer. The look at what thinking harder was
worth is ``worth.py``'s, but for the calls themselves. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import ModelRef, NodeName, verdict_name
from cort_desktop.domain.run import RunState
from cort_desktop.domain.wishes import Wish
from cort_desktop.engine import judging, worth
from cort_desktop.engine.contenders import is_in
from cort_desktop.engine.decisions import Decision, Job, Record
from cort_desktop.engine.strategies.base import index_of, models_for
from cort_desktop.engine.verdict_jobs import pending

MOST_FINALISTS = 4


def open_looks(state: RunState) -> list[Wish]:
    """Those that have not come to a result."""
    return [w for w in state.wishes if w.is_look and w.result is None and not w.given_up]


def decide(state: RunState) -> list[Decision]:
    """What the first of the further looks needs next, beside everything else that is going on; one follows
    the other, because the names of their judges count on.
    """
    wish = next(iter(open_looks(state)), None)
    if wish is None:
        return []
    jobs = _jobs(state, wish)
    wanted = pending(state, jobs)
    if wanted is not None:
        return list(wanted)
    verdicts = [state.rejudged[job.name] for job in jobs if job.name in state.rejudged]
    result = _result(wish, verdicts) if wish.kind == "rejudge" else worth.result(wish, verdicts)
    return [Record(body=result)]


def seen_in(state: RunState, number: int) -> tuple[NodeName, ...]:
    """Whom the judges of a round compared, and who is still in the contest; in sample order."""
    verdicts = (state.verdicts[name] for name in state.rounds[number].judges if name in state.verdicts)
    names = {name for verdict in verdicts for name in (*verdict.order, *verdict.excluded)}
    names |= {name for name in state.rounds[number].candidates if not state.nodes[name].is_late}
    return tuple(
        sorted((name for name in names if is_in(state, name)), key=lambda name: state.nodes[name].ordinal)
    )


def finalists(state: RunState) -> tuple[NodeName, ...]:
    """The best rated over all verdicts, the answer among them; where nothing was judged, the first ones."""
    ratings = judging.bradley_terry(state.verdicts.values())
    nodes = [node.name for node in state.candidates() if node.name not in state.out]
    nodes.sort(key=lambda name: (name != state.answer_node, -ratings.get(name, 0.0)))
    return tuple(sorted(nodes[:MOST_FINALISTS], key=lambda name: state.nodes[name].ordinal))


def _jobs(state: RunState, wish: Wish) -> list[Job]:
    """One verdict for each judge, in orders of their own. Names count on from all of the round's."""
    number = wish.round or 1
    models = wish.models or models_for(state.spec, "judge")
    seats = _seats(state, wish, models)
    round_ = state.rounds.get(number)
    asked = [name for name in round_.again if state.nodes[name].wish == wish.number] if round_ else []
    taken = max((index_of(name) for name in (*round_.judges, *round_.again)), default=0) if round_ else 0
    names = [*asked, *(verdict_name(number, taken + place) for place in range(1, len(seats) + 1))]
    return [
        Job(
            name=name,
            task="verdict",
            role="judge",
            model=model,
            round=number,
            saw=order,
            sample=place + 1,
            purpose="rejudge" if wish.kind == "rejudge" else "head_to_head",
            wish=wish.number,
            criteria=wish.criteria,
        )
        for place, (name, (model, order)) in enumerate(zip(names, seats, strict=False))
    ]


def _seats(
    state: RunState, wish: Wish, models: Sequence[ModelRef]
) -> Sequence[tuple[ModelRef, tuple[NodeName, ...]]]:
    """Who judges, and the order in which each is shown the candidates."""
    if wish.kind == "worth":
        return worth.seats(wish)
    seed = f"{state.spec.seed}:{wish.round or 1}:again:{wish.number}"
    orders = judging.panel_orders(wish.nodes, wish.judges, seed)
    return [(models[place % len(models)], order) for place, order in enumerate(orders)]


def _result(wish: Wish, verdicts: list[ev.Verdict]) -> ev.RoundRejudged:
    found = judging.aggregate(wish.nodes, verdicts, incumbent=None, expected=wish.judges)
    return ev.RoundRejudged(
        round=wish.round or 1,
        wish=wish.number,
        winner=None if found.failed or found.tie is not None else found.winner,
        scores=found.scores,
        method=None if found.failed else found.method,
        agreement=found.agreement,
    )
